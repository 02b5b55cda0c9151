"""What an inbox keeps: ids of events that were taken, and events that were set aside."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table, bindparam, cast, exists, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import ClauseElement

from samovar.kernel.db import Count, Id, Text, Time, each


def inbox_table(service: str, meta: MetaData) -> Table:
    return Table(
        f"{service}_inbox",
        meta,
        Column("event_id", Id, primary_key=True, autoincrement=False),
        Column("at", Time, nullable=False),
        Index(f"{service}_inbox_at", "at"),
    )


def retries_table(service: str, meta: MetaData) -> Table:
    return Table(
        f"{service}_retries",
        meta,
        Column("event_id", Id, primary_key=True, autoincrement=False),
        Column("key", Text, nullable=False),
        Column("envelope", Text, nullable=False),
        Column("attempts", Count, nullable=False),
        Column("next_at", Time, nullable=False),
        Column("state", Text, nullable=False),
        Column("error", Text, nullable=False),
        Index(f"{service}_retries_key", "key"),
    )


class Record:
    """Records many ids at once and answers those that were not there, each with whether any event is set
    aside at all. Built anew for each dialect."""

    def __init__(self, inbox: Table, retries: Table) -> None:
        self._inbox = inbox
        self._retries = retries

    def build(self, dialect: str) -> ClauseElement:
        """The statement in a dialect."""
        make: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect]
        ids = each("ids", Id())
        # Without a WHERE, SQLite takes the ON of ON CONFLICT for a join's.
        rows = select(ids, cast(bindparam("at"), Time)).where(ids.is_not(None))
        key = self._inbox.c.event_id
        statement: ClauseElement = (
            make(self._inbox)
            .from_select(["event_id", "at"], rows)
            .on_conflict_do_nothing(index_elements=[key])
            .returning(key, exists(select(literal_column("1")).select_from(self._retries)))
        )
        return statement
