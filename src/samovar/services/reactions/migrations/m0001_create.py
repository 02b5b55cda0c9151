"""The first tables of reactions."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table

from samovar.kernel.db import Count, Id, Text, Time
from samovar.kernel.migrate import create_table

META = MetaData()
REACTION = Table(
    "reactions_reaction",
    META,
    Column("kind", Text, primary_key=True),
    Column("item_id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Column("type", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    Index("reactions_reaction_item", "kind", "item_id", "id"),
    Index("reactions_reaction_user", "user_id"),
)
COUNT = Table(
    "reactions_count",
    META,
    Column("kind", Text, primary_key=True),
    Column("item_id", Id, primary_key=True, autoincrement=False),
    Column("type", Text, primary_key=True),
    Column("count", Count, nullable=False),
)
REMOVED = Table(
    "reactions_removed",
    META,
    Column("kind", Text, primary_key=True),
    Column("item_id", Id, primary_key=True, autoincrement=False),
    Column("removed_at", Time, nullable=False),
    Index("reactions_removed_at", "removed_at"),
)


def upgrade(op: Any) -> None:
    """Create them."""
    for table in META.sorted_tables:
        create_table(op, table)
