"""The first tables of limits."""

from typing import Any

from sqlalchemy import Column, MetaData, Table

from samovar.kernel.db import Count, Id, Text, Time
from samovar.kernel.migrate import create_table

META = MetaData()

TABLES = (
    Table(
        "limits_rule",
        META,
        Column("action", Text, primary_key=True),
        Column("rule", Text, nullable=False),
        Column("changed_at", Time, nullable=False),
    ),
    Table(
        "limits_network",
        META,
        Column("network", Text, primary_key=True),
        Column("stand", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("until", Time, nullable=False),
        Column("listed_at", Time, nullable=False),
    ),
    Table(
        "limits_version",
        META,
        Column("id", Id, primary_key=True, autoincrement=False),
        Column("version", Count, nullable=False),
    ),
)


def upgrade(op: Any) -> None:
    for table in TABLES:
        create_table(op, table)
