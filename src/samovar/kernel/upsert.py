"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL spell alike but SQLAlchemy has twice."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Table, bindparam
from sqlalchemy.dialects.sqlite import Insert, insert


def upsert(
    table: Table,
    conflict: Sequence[Column[Any]],
    *,
    insert: Mapping[str, Any] | None = None,
    update: Mapping[str, Any] | None = None,
) -> Insert:
    """Insert a row whose columns are parameters of their names, or update the one that is there.

    `insert` gives columns fixed values; `update` says what to set on conflict (an expression over
    the table's columns, or `excluded("name")`); without it nothing is done then.
    """
    fixed = insert or {}
    values = {column.name: fixed.get(column.name, bindparam(column.name)) for column in table.columns}
    statement = _insert(table).values(values)
    if not update:
        return statement.on_conflict_do_nothing(index_elements=list(conflict))
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=list(conflict),
        set_={
            name: new[value.name] if isinstance(value, excluded) else value for name, value in update.items()
        },
    )


class excluded:
    """In `update`: the value that the insert proposed for a column."""

    def __init__(self, name: str) -> None:
        self.name = name


_insert = insert
