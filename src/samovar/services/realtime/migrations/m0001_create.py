"""The first tables of realtime."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table

from samovar.kernel.db import Count, Flag, Id, Text, Time
from samovar.kernel.migrate import create_table

META = MetaData()
LISTENER = Table(
    "realtime_listener",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("number", Count, nullable=False),
    Column("seen_at", Time, nullable=False),
)
EVENT = Table(
    "realtime_event",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("number", Count, primary_key=True, autoincrement=False),
    Column("at", Time, nullable=False),
    Column("type", Text, nullable=False),
    Column("data", Text, nullable=False),
    Index("realtime_event_at", "at"),
    sqlite_with_rowid=False,
)
FOLLOW = Table(
    "realtime_follow",
    META,
    Column("followee_id", Id, primary_key=True, autoincrement=False),
    Column("follower_id", Id, primary_key=True, autoincrement=False),
    Column("version", Count, nullable=False),
    Column("removed", Flag, nullable=False),
    Index("realtime_follow_follower", "follower_id"),
    sqlite_with_rowid=False,
)


def upgrade(op: Any) -> None:
    """Create them."""
    for table in META.sorted_tables:
        create_table(op, table)
