"""Tables of delivery."""

from sqlalchemy import Column, Index, MetaData, Table, text

from samovar.kernel.db import Blob, Count, Id, Text, Time

META = MetaData()

#: Messages on their way, and for some days after what became of them.
MESSAGE = Table(
    "delivery_message",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("user_id", Id, nullable=False),
    Column("channel", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("priority", Count, nullable=False),
    Column("locale", Text, nullable=False),
    Column("masked", Text, nullable=False),
    # Sealed; the data holds tokens and is wiped at the end, the address stays for a late bounce.
    Column("address", Blob, nullable=True),
    Column("data", Blob, nullable=True),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("due_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("attempts", Count, nullable=False),
    Column("ended_at", Time, nullable=True),
    Index("delivery_message_name", "name", unique=True),
    Index("delivery_message_user", "user_id", "id"),
    Index(
        "delivery_message_due",
        "channel",
        "priority",
        "due_at",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

#: Every time that a message was handed to its provider.
ATTEMPT = Table(
    "delivery_attempt",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("message_id", Id, nullable=False),
    Column("started_at", Time, nullable=False),
    Column("ended_at", Time, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("delivery_attempt_message", "message_id", "id"),
)

#: Kinds of messages that somebody unsubscribed from by a letter's link.
REFUSAL = Table(
    "delivery_refusal",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("channel", Text, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("refused_at", Time, nullable=False),
)

#: Addresses that a provider called dead, as keyed hashes.
DEAD = Table(
    "delivery_dead",
    META,
    Column("mark", Text, primary_key=True),
    Column("user_id", Id, nullable=False),
    Column("died_at", Time, nullable=False),
    Index("delivery_dead_user", "user_id"),
    Index("delivery_dead_at", "died_at"),
)

#: Our own keys, the private halves sealed: "vapid" for web push.
KEY = Table(
    "delivery_key",
    META,
    Column("name", Text, primary_key=True),
    Column("public", Text, nullable=False),
    Column("sealed", Blob, nullable=False),
    Column("created_at", Time, nullable=False),
)
