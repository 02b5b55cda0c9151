"""The first tables."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table

from samovar.kernel.db import Count, Flag, Id, Text, Time
from samovar.kernel.facts.tables import fact_tables
from samovar.kernel.migrate import create_table


def upgrade(op: Any) -> None:
    meta = MetaData()
    for table in fact_tables("analytics", meta):
        create_table(op, table)
    create_table(
        op,
        Table(
            "analytics_choice",
            meta,
            Column("user_id", Id, primary_key=True, autoincrement=False),
            Column("counted", Flag, nullable=False),
            Column("gone", Flag, nullable=False),
        ),
    )
    create_table(
        op,
        Table(
            "analytics_forget",
            meta,
            Column("user_id", Id, primary_key=True, autoincrement=False),
            Column("stand_in", Id, nullable=False),
            Column("whole", Flag, nullable=False),
        ),
    )
    create_table(
        op,
        Table(
            "analytics_export",
            meta,
            Column("id", Id, primary_key=True, autoincrement=False),
            Column("user_id", Id, nullable=False),
            Column("what", Text, nullable=False),
            Column("first", Count, nullable=False),
            Column("last", Count, nullable=False),
            Column("state", Text, nullable=False),
            Column("done", Count, nullable=False),
            Column("rows", Count, nullable=False),
            Column("bytes", Count, nullable=False),
            Column("created_at", Time, nullable=False),
            Column("expires_at", Time, nullable=False),
            Index("analytics_export_user", "user_id", "id"),
            Index("analytics_export_expires", "expires_at"),
        ),
    )
