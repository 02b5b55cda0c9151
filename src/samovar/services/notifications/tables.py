"""Tables of notifications."""

from sqlalchemy import Column, Index, MetaData, Table, text

from samovar.kernel.db import Count, Flag, Id, Json, Text, Time

META = MetaData()

#: Lines of inboxes. What is alike is one line for as long as it is open: `slot` is 0 then, and the line's
#: own id once it is closed.
NOTE = Table(
    "notifications_note",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, nullable=False),
    # Of what happened last in it.
    Column("position", Id, nullable=False),
    Column("type", Text, nullable=False),
    # What it is about; empty and 0 when nothing.
    Column("kind", Text, nullable=False),
    Column("item_id", Id, nullable=False),
    # What makes lines alike.
    Column("subject", Text, nullable=False),
    Column("slot", Id, nullable=False),
    # Ids of the latest who did it, latest first, and how many people did.
    Column("actors", Json, nullable=False),
    Column("number", Count, nullable=False),
    Column("read", Flag, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("updated_at", Time, nullable=False),
    Column("data", Json, nullable=True),
    Index("notifications_note_subject", "user_id", "subject", "slot", unique=True),
    Index("notifications_note_user", "user_id", "position"),
    Index(
        "notifications_note_unread",
        "user_id",
        "position",
        sqlite_where=text("read = 0"),
        postgresql_where=text("NOT read"),
    ),
    Index(
        "notifications_note_item",
        "item_id",
        "kind",
        sqlite_where=text("item_id > 0"),
        postgresql_where=text("item_id > 0"),
    ),
)

#: Who did what a line tells of.
ACT = Table(
    "notifications_act",
    META,
    Column("note_id", Id, primary_key=True, autoincrement=False),
    Column("actor_id", Id, primary_key=True, autoincrement=False),
    # Whose line it is.
    Column("user_id", Id, nullable=False),
    Column("position", Id, nullable=False),
    Index("notifications_act_actor", "actor_id", "user_id"),
    sqlite_with_rowid=False,
)

#: A person as the recipient of all this.
PERSON = Table(
    "notifications_person",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("unread", Count, nullable=False),
    # They deleted their account. The row stays, so that nothing late begins an inbox anew.
    Column("gone", Flag, nullable=False),
)

#: What people chose; absent for those who chose nothing.
PREFERENCE = Table(
    "notifications_preference",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("value", Json, nullable=False),
    # Until when the digest has told.
    Column("digest_at", Time, nullable=False),
)

#: Items of which people want to hear no more.
MUTED = Table(
    "notifications_muted",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("item_id", Id, primary_key=True, autoincrement=False),
    Index("notifications_muted_item", "item_id", "kind"),
    sqlite_with_rowid=False,
)

#: Browsers and apps to be told as well.
DEVICE = Table(
    "notifications_device",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    # Hash of what makes the address one: a browser's endpoint, a token.
    Column("digest", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    Index("notifications_device_own", "user_id", "digest", unique=True),
    Index("notifications_device_digest", "digest"),
)

#: Lines that other channels have yet to tell of.
DUE = Table(
    "notifications_due",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("note_id", Id, primary_key=True, autoincrement=False),
    Column("tell_at", Time, nullable=False),
    Index("notifications_due_at", "tell_at"),
    sqlite_with_rowid=False,
)

#: Items that went lately: what comes late about them begins no line.
REMOVED = Table(
    "notifications_removed",
    META,
    Column("kind", Text, primary_key=True),
    Column("item_id", Id, primary_key=True, autoincrement=False),
    Column("removed_at", Time, nullable=False),
    Index("notifications_removed_at", "removed_at"),
)
