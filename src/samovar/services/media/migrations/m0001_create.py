"""The first tables of media."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table

from samovar.kernel.db import Count, Id, Json, Text, Time
from samovar.kernel.migrate import create_table

META = MetaData()

MEDIUM = Table(
    "media_medium",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("owner_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("review", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("alt", Text, nullable=False),
    Column("width", Count, nullable=False),
    Column("height", Count, nullable=False),
    Column("milliseconds", Count, nullable=False),
    Column("placeholder", Text, nullable=False),
    Column("colour", Text, nullable=False),
    Column("variants", Json, nullable=False),
    Column("focus_x", Count, nullable=False),
    Column("focus_y", Count, nullable=False),
    Column("item_kind", Text, nullable=False),
    Column("item_id", Id, nullable=False),
    Column("claim", Text, nullable=False),
    Column("claimed_at", Time, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("look", Text, nullable=False),
    Column("bytes", Count, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("version", Count, nullable=False),
    Index("media_medium_owner", "owner_id", "id"),
    Index("media_medium_item", "item_kind", "item_id"),
    Index("media_medium_loose", "item_id", "created_at"),
    Index("media_medium_review", "review", "id"),
)

BAN = Table(
    "media_ban",
    META,
    Column("hash", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("by_id", Id, nullable=False),
    Column("created_at", Time, nullable=False),
)


def upgrade(op: Any) -> None:
    """Create them."""
    for table in META.sorted_tables:
        create_table(op, table)
