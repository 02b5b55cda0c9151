"""The first tables of logs."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table

from samovar.kernel.db import Count, Id, Text, Time
from samovar.kernel.migrate import create_table

ENTRY = Table(
    "logs_entry",
    MetaData(),
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("at", Time, nullable=False),
    Column("level", Count, nullable=False),
    Column("event", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("trace_id", Text, nullable=False),
    Column("fields", Text, nullable=False),
    Column("words", Text, nullable=False),
    Index("logs_entry_request", "request_id"),
    Index("logs_entry_trace", "trace_id"),
)


def upgrade(op: Any) -> None:
    create_table(op, ENTRY)
