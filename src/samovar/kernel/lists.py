"""Lists as parameters of statements: one parameter, whatever its length. `kernel.db` hands these on."""

from typing import Any

from sqlalchemy import Boolean, Integer, bindparam, column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine, UserDefinedType


class RowList(UserDefinedType[Any]):
    """A list of lists bound as one parameter: JSON in every dialect."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "TEXT"


class ListOf(UserDefinedType[Any]):
    """A list bound as one parameter."""

    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        self.item = item

    def get_col_spec(self, **_: Any) -> str:
        return "TEXT"


class one_of(ColumnElement[bool]):
    """`column` is among the values of the list parameter `name` (one parameter, whatever its length)."""

    inherit_cache = True
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.bind = bindparam(name, type_=ListOf(column.type))

    def self_group(self, against: Any = None) -> "one_of":
        """As it is: SQLAlchemy would write `... = 1` after it, and no index would be used."""
        return self


@compiles(one_of, "sqlite")
def _one_of_sqlite(element: one_of, compiler: Any, **kw: Any) -> str:
    column, bind = (
        compiler.process(element.column, **kw),
        compiler.process(element.bind, **kw),
    )
    return f"{column} IN (SELECT value FROM {_rows(element.column.type)}({bind}))"  # noqa: S608 - names


@compiles(one_of, "postgresql")
def _one_of_postgresql(element: one_of, compiler: Any, **kw: Any) -> str:
    column, bind = (
        compiler.process(element.column, **kw),
        compiler.process(element.bind, **kw),
    )
    return f"{column} = ANY(CAST({bind} AS {_array(element.column.type)}))"


class _Each(FunctionElement[Any]):
    inherit_cache = True

    def __init__(self, name: str, kind: TypeEngine[Any]) -> None:
        super().__init__(bindparam(name, type_=ListOf(kind)))
        self.kind = kind


def each(name: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """The values of the list parameter `name`, a row for each: `select(each("ids", Id()))`."""
    values: ColumnElement[Any] = _Each(name, kind).table_valued(column("value", kind)).c.value
    return values


@compiles(_Each, "sqlite")
def _each_sqlite(element: _Each, compiler: Any, **kw: Any) -> str:
    return f"{_rows(element.kind)}({compiler.process(element.clauses, **kw)})"


@compiles(_Each, "postgresql")
def _each_postgresql(element: _Each, compiler: Any, **kw: Any) -> str:
    bind = compiler.process(element.clauses, **kw)
    return f"(SELECT unnest(CAST({bind} AS {_array(element.kind)})) AS value)"


def numbers(item: TypeEngine[Any]) -> bool:
    """Whether a list's values are numbers, which SQLite reads where they lie."""
    return isinstance(item, Integer)


def _rows(item: TypeEngine[Any]) -> str:
    return "carray" if numbers(item) else "json_each"


def _array(item: TypeEngine[Any]) -> str:
    return "bigint[]" if numbers(item) else "text[]"


class _RowsOf(FunctionElement[Any]):
    inherit_cache = True

    def __init__(self, name: str, columns: tuple[tuple[str, TypeEngine[Any]], ...]) -> None:
        super().__init__(bindparam(name, type_=RowList()))
        self.columns_of = columns


def rows_of(name: str, /, **columns: TypeEngine[Any]) -> TableValuedAlias:
    """Rows of the list parameter `name`, a list of lists with a value for each column."""
    wanted = [column(label, kind) for label, kind in columns.items()]
    return _RowsOf(name, tuple(columns.items())).table_valued(*wanted)


@compiles(_RowsOf, "sqlite")
def _rows_of_sqlite(element: _RowsOf, compiler: Any, **kw: Any) -> str:
    fields = ", ".join(f"value ->> {n} AS {label}" for n, (label, _) in enumerate(element.columns_of))
    return f"(SELECT {fields} FROM json_each({compiler.process(element.clauses, **kw)}))"  # noqa: S608


@compiles(_RowsOf, "postgresql")
def _rows_of_postgresql(element: _RowsOf, compiler: Any, **kw: Any) -> str:
    kinds = [
        "bigint" if isinstance(kind, Integer) else "boolean" if isinstance(kind, Boolean) else "text"
        for _, kind in element.columns_of
    ]
    fields = ", ".join(
        f"CAST(value ->> {n} AS {kind}) AS {label}"
        for n, ((label, _), kind) in enumerate(zip(element.columns_of, kinds, strict=True))
    )
    bind = compiler.process(element.clauses, **kw)
    return f"(SELECT {fields} FROM jsonb_array_elements(CAST({bind} AS jsonb)))"  # noqa: S608
