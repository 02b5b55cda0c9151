"""The first tables of delivery."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table, text

from samovar.kernel.db import Blob, Count, Id, Text, Time
from samovar.kernel.migrate import create_table

META = MetaData()

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

REFUSAL = Table(
    "delivery_refusal",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("channel", Text, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("refused_at", Time, nullable=False),
)

DEAD = Table(
    "delivery_dead",
    META,
    Column("mark", Text, primary_key=True),
    Column("user_id", Id, nullable=False),
    Column("died_at", Time, nullable=False),
    Index("delivery_dead_user", "user_id"),
    Index("delivery_dead_at", "died_at"),
)

KEY = Table(
    "delivery_key",
    META,
    Column("name", Text, primary_key=True),
    Column("public", Text, nullable=False),
    Column("sealed", Blob, nullable=False),
    Column("created_at", Time, nullable=False),
)


def upgrade(op: Any) -> None:
    """Create them."""
    for table in META.sorted_tables:
        create_table(op, table)
