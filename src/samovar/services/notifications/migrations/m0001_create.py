"""The first tables of notifications."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table, text

from samovar.kernel.db import Count, Flag, Id, Json, Text, Time
from samovar.kernel.migrate import create_table

META = MetaData()

NOTE = Table(
    "notifications_note",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, nullable=False),
    Column("position", Id, nullable=False),
    Column("type", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("item_id", Id, nullable=False),
    Column("subject", Text, nullable=False),
    Column("slot", Id, nullable=False),
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

ACT = Table(
    "notifications_act",
    META,
    Column("note_id", Id, primary_key=True, autoincrement=False),
    Column("actor_id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, nullable=False),
    Column("position", Id, nullable=False),
    Index("notifications_act_actor", "actor_id", "user_id"),
    sqlite_with_rowid=False,
)

PERSON = Table(
    "notifications_person",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("unread", Count, nullable=False),
    Column("gone", Flag, nullable=False),
)

PREFERENCE = Table(
    "notifications_preference",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("value", Json, nullable=False),
    Column("digest_at", Time, nullable=False),
)

MUTED = Table(
    "notifications_muted",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("item_id", Id, primary_key=True, autoincrement=False),
    Index("notifications_muted_item", "item_id", "kind"),
    sqlite_with_rowid=False,
)

DEVICE = Table(
    "notifications_device",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    Index("notifications_device_own", "user_id", "digest", unique=True),
    Index("notifications_device_digest", "digest"),
)

DUE = Table(
    "notifications_due",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("note_id", Id, primary_key=True, autoincrement=False),
    Column("tell_at", Time, nullable=False),
    Index("notifications_due_at", "tell_at"),
    sqlite_with_rowid=False,
)

REMOVED = Table(
    "notifications_removed",
    META,
    Column("kind", Text, primary_key=True),
    Column("item_id", Id, primary_key=True, autoincrement=False),
    Column("removed_at", Time, nullable=False),
    Index("notifications_removed_at", "removed_at"),
)


def upgrade(op: Any) -> None:
    """Create them."""
    for table in META.sorted_tables:
        create_table(op, table)
