"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL spell alike but SQLAlchemy has twice."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Select, Table, bindparam, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import ClauseElement

from samovar.kernel.lists import rows_of


class excluded:
    """In `update`: the value that the insert proposed for a column."""

    def __init__(self, name: str) -> None:
        self.name = name


class Upsert:
    """An insert that does something else on conflict; built anew for each dialect."""

    def __init__(
        self,
        table: Table,
        conflict: Sequence[Column[Any]],
        values: Mapping[str, Any],
        update: Mapping[str, Any],
        returned: Sequence[Column[Any]] = (),
    ) -> None:
        self._table = table
        self._conflict = list(conflict)
        self._values = values
        self._update = update
        self._returned = returned

    def returning(self, *columns: Column[Any]) -> "Upsert":
        """The same, answering these columns of the row that is there afterwards."""
        return Upsert(self._table, self._conflict, self._values, self._update, columns)

    def build(self, dialect: str) -> ClauseElement:
        """The statement in a dialect."""
        make: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect]
        statement = make(self._table).values(self._values)
        if self._update:
            new = statement.excluded
            set_ = {
                name: new[value.name] if isinstance(value, excluded) else value
                for name, value in self._update.items()
            }
            statement = statement.on_conflict_do_update(index_elements=self._conflict, set_=set_)
        else:
            statement = statement.on_conflict_do_nothing(index_elements=self._conflict)
        built: ClauseElement = statement.returning(*self._returned) if self._returned else statement
        return built


class InsertFrom:
    """An insert of what a query finds, without rows that are there already."""

    def __init__(self, table: Table, columns: Sequence[str], found: Select[Any]) -> None:
        self._table = table
        self._columns = list(columns)
        self._found = found

    def build(self, dialect: str) -> ClauseElement:
        """The statement in a dialect."""
        make: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect]
        built: ClauseElement = (
            make(self._table).from_select(self._columns, self._found).on_conflict_do_nothing()
        )
        return built


class UpsertFrom:
    """An upsert of what a query finds. Built anew for each dialect."""

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        found: Select[Any],
        update: Mapping[str, Any],
    ) -> None:
        self._table = table
        self._columns = list(columns)
        self._found = found
        self._update = update

    def build(self, dialect: str) -> ClauseElement:
        """The statement in a dialect."""
        make: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect]
        statement = make(self._table).from_select(self._columns, self._found)
        new, columns = statement.excluded, self._table.columns
        set_ = {
            name: new[value.name] if isinstance(value, excluded) else value(columns[name], new[name])
            for name, value in self._update.items()
        }
        built: ClauseElement = statement.on_conflict_do_update(
            index_elements=list(self._table.primary_key.columns), set_=set_
        )
        return built


class UpsertRows:
    """An upsert of many rows that are one parameter. Built anew for each dialect."""

    def __init__(
        self,
        table: Table,
        names: Sequence[str],
        conflict: Sequence[Column[Any]],
        insert: Mapping[str, Any],
        update: Mapping[str, Any],
        returned: Sequence[Column[Any]],
    ) -> None:
        self._table = table
        self._names = names
        self._conflict = list(conflict)
        self._insert = insert
        self._update = update
        self._returned = returned

    def build(self, dialect: str) -> ClauseElement:
        """The statement in a dialect."""
        make: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect]
        columns = self._table.columns
        rows = rows_of("rows", **{name: columns[name].type for name in self._names})
        # Without a WHERE, SQLite takes the ON of ON CONFLICT for a join's.
        found = select(*rows.c, *[literal(value, columns[name].type) for name, value in self._insert.items()])
        found = found.where(rows.c[self._names[0]].is_not(None))
        statement = make(self._table).from_select([*self._names, *self._insert], found)
        if self._update:
            new = statement.excluded
            set_ = {
                name: new[value.name] if isinstance(value, excluded) else value(columns[name], new[name])
                for name, value in self._update.items()
            }
            statement = statement.on_conflict_do_update(index_elements=self._conflict, set_=set_)
        else:
            statement = statement.on_conflict_do_nothing(index_elements=self._conflict)
        built: ClauseElement = statement.returning(*self._returned) if self._returned else statement
        return built


def upsert_rows(
    table: Table,
    names: Sequence[str],
    conflict: Sequence[Column[Any]],
    *,
    insert: Mapping[str, Any] | None = None,
    update: Mapping[str, Any] | None = None,
    returned: Sequence[Column[Any]] = (),
) -> UpsertRows:
    """Insert the rows of the list parameter `rows`, a list of lists with a value for each of the columns
    `names`, or update those that are there; one statement for any number of them.

    `insert` gives columns fixed values; `update` says what to set on conflict: `excluded("name")`, or a
    function of the column as it is and as it was proposed; without it nothing is done then. No two rows
    may have the same key.
    """
    return UpsertRows(table, names, conflict, insert or {}, update or {}, returned)


def upsert_from(
    table: Table, columns: Sequence[str], found: Select[Any], update: Mapping[str, Any]
) -> UpsertFrom:
    """Insert what a query finds into these columns, or update the rows that are there: `update` as in
    `upsert_rows`. The query has a WHERE, and finds no key twice."""
    return UpsertFrom(table, columns, found, update)


def insert_from(table: Table, columns: Sequence[str], found: Select[Any]) -> InsertFrom:
    """Insert what a query finds into these columns, leaving out rows that are there already."""
    return InsertFrom(table, columns, found)


def upsert(
    table: Table,
    conflict: Sequence[Column[Any]],
    *,
    insert: Mapping[str, Any] | None = None,
    update: Mapping[str, Any] | None = None,
) -> Upsert:
    """Insert a row whose columns are parameters of their names, or update the one that is there.

    `insert` gives columns fixed values; `update` says what to set on conflict (an expression over
    the table's columns, or `excluded("name")`); without it nothing is done then.
    """
    fixed = insert or {}
    values = {column.name: fixed.get(column.name, bindparam(column.name)) for column in table.columns}
    return Upsert(table, conflict, values, update or {})
