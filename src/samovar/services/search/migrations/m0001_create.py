"""The first tables of search."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table

from samovar.kernel.db import Count, Flag, Id, Text, Time
from samovar.kernel.migrate import create_table

META = MetaData()

DIRTY = Table(
    "search_dirty",
    META,
    Column("kind", Text, primary_key=True),
    Column("item_id", Id, primary_key=True, autoincrement=False),
    Column("mark", Id, nullable=False),
    Column("at", Time, nullable=False),
    Index("search_dirty_at", "at"),
)

BUILD = Table(
    "search_build",
    META,
    Column("id", Count, primary_key=True, autoincrement=False),
    Column("live", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("after", Id, nullable=False),
    Column("done", Count, nullable=False),
    Column("total", Count, nullable=False),
    Column("rebuilt_at", Time, nullable=False),
)

SAVED = Table(
    "search_saved",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, nullable=False),
    Column("query", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("newest", Flag, nullable=False),
    Column("created_at", Time, nullable=False),
    Index("search_saved_same", "user_id", "query", "kind", "newest", unique=True),
)

INTEREST = Table(
    "search_interest",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("tag", Text, primary_key=True),
    Column("wrote", Count, nullable=False),
    Column("liked", Count, nullable=False),
    Column("at", Time, nullable=False),
    Index("search_interest_tag", "tag", "wrote"),
    Index("search_interest_at", "at"),
)

GONE = Table(
    "search_gone",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("at", Time, nullable=False),
    Index("search_gone_at", "at"),
)


def upgrade(op: Any) -> None:
    """Create them."""
    for table in META.sorted_tables:
        create_table(op, table)
