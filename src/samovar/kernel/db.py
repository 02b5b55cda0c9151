"""Rows. SQLAlchemy Core describes tables and builds statements; each is compiled once per dialect
and run by the engine's own driver, past SQLAlchemy's slow asynchronous layer.

A repository holds its statements as module constants:

    BY_IDS = Query(select(post).where(one_of(post.c.id, "ids")))
    rows = await db.all(BY_IDS, ids=[1, 2])

Columns use the types below only, because raw execution skips SQLAlchemy's own processors: values
are encoded and decoded here.
"""

from array import array
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import BigInteger, Boolean, LargeBinary
from sqlalchemy import Text as _Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.types import TypeEngine, UserDefinedType

from samovar.kernel.lists import ListOf, RowList, numbers
from samovar.kernel.lists import each as each
from samovar.kernel.lists import one_of as one_of
from samovar.kernel.lists import rows_of as rows_of

T = TypeVar("T")
N = TypeVar("N", bound="tuple[Any, ...]")
Row = tuple[Any, ...]

#: True while a write runs: peers, buses and caches refuse to be called then.
in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)


class Id(BigInteger):
    """A 63-bit id."""


class Time(BigInteger):
    """Microseconds since 1970 UTC."""


class Count(BigInteger):
    """A number."""


class Flag(Boolean):
    """True or false."""


class Text(_Text):
    """A text of any length."""


class Blob(LargeBinary):
    """Bytes."""


class Json(UserDefinedType[Any]):
    """Any value that JSON can hold, stored as text (jsonb in PostgreSQL)."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "TEXT"


@compiles(Json, "postgresql")
def _json_postgresql(*_: Any, **__: Any) -> str:
    return "JSONB"


@compiles(Id, "sqlite")
@compiles(Time, "sqlite")
@compiles(Count, "sqlite")
def _integer_sqlite(*_: Any, **__: Any) -> str:
    # Only INTEGER makes a primary key SQLite's own row id.
    return "INTEGER"


DIALECTS: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": postgresql.dialect(paramstyle="numeric_dollar"),  # type: ignore[no-untyped-call]
}


def _encode_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _encode_numbers(values: Iterable[int]) -> "array[int] | None":
    return array("q", values) or None


def _encoder(dialect: str, kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    if isinstance(kind, Json | RowList):
        return _encode_json
    if isinstance(kind, ListOf):
        if dialect != "sqlite":
            return list
        return _encode_numbers if numbers(kind.item) else _encode_json
    return None


def _decoder(kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    if isinstance(kind, Json):
        return lambda value: None if value is None else msgspec.json.decode(value)
    if isinstance(kind, Boolean):
        return lambda value: None if value is None else bool(value)
    return None


class Compiled:
    """A statement's text for one dialect, with what to do to its parameters and rows."""

    __slots__ = ("_decoders", "_encoders", "_fixed", "answers", "arrays", "names", "sql")

    def __init__(self, dialect: str, statement: ClauseElement) -> None:
        compiled: Any = statement.compile(dialect=DIALECTS[dialect])
        self.sql: str = str(compiled)
        #: Parameter names in the order of their positions, for drivers without names.
        self.names: tuple[str, ...] = tuple(getattr(compiled, "positiontup", None) or ())
        binds = [(name, bind) for bind, name in compiled.bind_names.items()]
        self._encoders = {name: encode for name, bind in binds if (encode := _encoder(dialect, bind.type))}
        #: Parameters of SQLite's that are arrays of 64-bit numbers, or None for no numbers.
        self.arrays = [name for name, encode in self._encoders.items() if encode is _encode_numbers]
        self._fixed = {name: bind.value for name, bind in binds if not bind.required}
        columns = getattr(compiled, "_result_columns", None) or ()
        #: Whether it answers rows; what only changes rows does not.
        self.answers = bool(columns)
        self._decoders = tuple(
            (index, decode) for index, column in enumerate(columns) if (decode := _decoder(column.type))
        )

    def bind(self, params: dict[str, Any]) -> dict[str, Any]:
        """Parameters as the driver takes them."""
        if self._fixed:
            params = {**self._fixed, **params}
        for name, encode in self._encoders.items():
            value = params.get(name)
            if value is not None:
                params[name] = encode(value)
        return params

    def rows(self, raw: list[Row]) -> list[Row]:
        """Rows as the repository takes them."""
        if not self._decoders:
            return raw
        decoded = []
        for row in raw:
            values = list(row)
            for index, decode in self._decoders:
                values[index] = decode(values[index])
            decoded.append(tuple(values))
        return decoded


class PerDialect(Protocol):
    """A statement that dialects spell differently; kernel.upsert makes them."""

    def build(self, dialect: str) -> ClauseElement:
        """The statement in a dialect."""
        ...


class Query:
    """A statement of one service, compiled at its first use in each dialect."""

    __slots__ = ("_compiled", "statement")

    def __init__(self, statement: "ClauseElement | PerDialect") -> None:
        self.statement = statement
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, dialect: str, service: str) -> Compiled:
        """The statement as text for a dialect, made once."""
        found = self._compiled.get(dialect)
        if found is None:
            statement = self.statement
            if not isinstance(statement, ClauseElement):
                statement = statement.build(dialect)
            found = Compiled(dialect, statement)
            # Names the service in every statement: separates the engine's statement cache, which
            # its table guard relies on, and tells a profiler whose query it is.
            found.sql = f"/* {service} */ {found.sql}"
            self._compiled[dialect] = found
        return found


class RawTx(Protocol):
    """A write under way, as an engine offers it."""

    async def execute(self, compiled: Compiled, params: dict[str, Any]) -> list[Row]:
        """Run a compiled statement; answers its rows."""
        ...

    async def execute_many(self, compiled: Compiled, params: Iterable[dict[str, Any]]) -> None:
        """Run it once per set of parameters."""
        ...

    async def script(self, sql: str) -> None:
        """Run several statements that answer nothing."""
        ...

    async def attempt(self, step: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a step in a savepoint of its own: when it raises, only its effects are undone."""
        ...

    def changes(self) -> int:
        """Rows that the last statement changed."""
        ...


#: Takes a row before and after a change.
Told = Callable[[Row | None, Row | None], None]


class Engine(Protocol):
    """A database as the kernel uses it. `service` names whose tables may be touched."""

    dialect: str

    @property
    def alive(self) -> bool:
        """Whether it answered when it was asked last."""
        ...

    @property
    def full(self) -> bool:
        """Whether so many writes wait already that somebody who waits for an answer is better refused."""
        ...

    async def read(self, service: str, compiled: Compiled, params: dict[str, Any]) -> list[Row]:
        """Keyed and short reads."""
        ...

    async def scan(self, service: str, compiled: Compiled, params: dict[str, Any]) -> list[Row]:
        """Long reads, away from the event loop."""
        ...

    async def write(self, service: str, work: Callable[[RawTx], Coroutine[Any, Any, T]]) -> T:
        """Run `work` in a transaction; returns once it is durable. `work` may run again."""
        ...

    async def prepare(self, service: str) -> None:
        """Make ready for a service's tables what the engine needs: a schema, a role."""
        ...

    def migrating(self, service: str) -> AbstractAsyncContextManager[None]:
        """Hold the right to migrate a service: one process at a time."""
        ...

    async def holds(self, name: str) -> bool:
        """Whether this process has a duty that only one may have at a time; takes it when it is free."""
        ...

    def watch(self, table: str, columns: Sequence[str], told: Told) -> bool:
        """Have `told(before, after)` called with these columns of each row of a table that changes, None
        where there is no row: on the event loop, after the commit and before anybody learns of it.

        What is kept of rows stays right by it. It may be told of a change that did not come to be. False
        where others write to the same tables, so that one would not be told of all.
        """
        ...


class Reads(Protocol):
    """What a repository needs for reading; a `Db` and a `Tx` both offer it."""

    async def all(self, query: Query, /, **params: Any) -> list[Row]:
        """All rows of a bounded query."""
        ...

    async def first(self, query: Query, /, **params: Any) -> Row | None:
        """The first row, or None."""
        ...

    async def value(self, query: Query, /, **params: Any) -> Any:
        """The first column of the first row, or None."""
        ...


class QueryCounter:
    """Counts statements, so that a test can bound them."""

    def __init__(self) -> None:
        self.count = 0
        self.log: list[str] = []

    def add(self, compiled: Compiled) -> None:
        """Note a statement."""
        self.count += 1
        self.log.append(compiled.sql)


counting: ContextVar[QueryCounter | None] = ContextVar("counting", default=None)


class Rows:
    """Reading by a service, over an engine or inside a transaction."""

    def __init__(
        self,
        service: str,
        dialect: str,
        run: Callable[[Compiled, dict[str, Any]], Awaitable[list[Row]]],
    ) -> None:
        self.service = service
        self.dialect = dialect
        self._run = run

    async def all(self, query: Query, /, **params: Any) -> list[Row]:
        compiled = query.compiled(self.dialect, self.service)
        counter = counting.get()
        if counter is not None:
            counter.add(compiled)
        return compiled.rows(await self._run(compiled, compiled.bind(params)))

    async def first(self, query: Query, /, **params: Any) -> Row | None:
        rows = await self.all(query, **params)
        return rows[0] if rows else None

    async def value(self, query: Query, /, **params: Any) -> Any:
        rows = await self.all(query, **params)
        return rows[0][0] if rows else None


def typed(kind: type[N], rows: Iterable[Row]) -> list[N]:
    """Rows as named tuples whose fields are the columns: `kind._make` of each, without its checks."""
    new = tuple.__new__
    return [new(kind, row) for row in rows]


def values_of(rows: Sequence[Row]) -> list[Any]:
    """The first column of each row."""
    return [row[0] for row in rows]
