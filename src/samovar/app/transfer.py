"""Moving house: carries a community from SQLite to PostgreSQL, table by table, in order of keys, and what
people sent from the data folder into the object store, when one is set.

Each piece of a table and how far it got are written by one transaction, so that a move that was stopped
goes on where it was. At the end both sides are read in the same order and compared by counts and
checksums.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import apsw
import asyncpg
import msgspec

from samovar.adapters.disk import DiskBlobs
from samovar.adapters.postgres import PostgresEngine
from samovar.adapters.sqlite import SqliteEngine
from samovar.app.backends import BULK, blobs_of
from samovar.app.config import Config
from samovar.app.registry import all_services
from samovar.app.serve import alone
from samovar.kernel.blobs import Blobs
from samovar.kernel.clock import SystemClock
from samovar.kernel.migrate import migrate, pending
from samovar.kernel.settings import SettingsError

#: Rows that go together.
PIECE: Final = 1000
#: More files than there can be in one folder of data.
_ALL: Final = 1 << 40
#: Where a service's schema notes how far a move got.
PROGRESS: Final = "samovar_transfer"
#: Called with a table and how many of its rows are there.
Progress = Callable[[str, int], None]


class TransferError(Exception):
    """The community can't be moved, or did not arrive whole; the message says why and what to do."""


class Moved(NamedTuple):
    """A table that has arrived."""

    service: str
    table: str
    rows: int
    checksum: str


class _Table(NamedTuple):
    service: str
    name: str
    columns: Sequence[str]
    key: Sequence[str]
    #: PostgreSQL's type of each column.
    types: Sequence[str]


async def transfer(config: Config, progress: Progress) -> list[Moved]:
    """Move everything; answers what arrived. Raises TransferError, SettingsError."""
    if config.alone:
        raise SettingsError("[postgresql] url: set it to where the community is to move.")
    path = config.data / "samovar.db"
    if not path.exists():
        raise TransferError(f"{path} does not exist: nothing to move.")
    _check_secret(config)
    with alone(config.data):
        await _check_source(config.data)
        sources = {
            bulk: apsw.Connection(str(_file(config.data, bulk=bulk)), flags=apsw.SQLITE_OPEN_READONLY)
            for bulk in (False, True)
        }
        names = [service.name for service in all_services()]
        target = PostgresEngine(config.postgresql.url, urls=config.postgresql.own(names), connections=2)
        try:
            await target.start()
            moved = []
            for service in all_services():
                await migrate(target, service.name, service.package, SystemClock().now())
                connection = await target.connection(service.name)
                try:
                    moved += await _service(sources[service.bulk], connection, service.name, progress)
                finally:
                    await connection.close()
            return [*moved, *await _files(config, progress)]
        finally:
            await target.close()
            for source in sources.values():
                source.close()


def _file(data: Path, *, bulk: bool) -> Path:
    """Where a service's rows are: bulk services have a file of their own."""
    return data / (BULK if bulk else "samovar.db")


async def _files(config: Config, progress: Progress) -> list[Moved]:
    """Carry what people sent from the data folder into the object store, if one is set, and compare both.
    Raises TransferError."""
    if not config.s3.bucket:
        return []
    source, target = DiskBlobs(config.data / "blobs"), blobs_of(config)
    keys = await source.list("", _ALL)
    total = hashlib.sha256()
    for key in keys:
        here = await _digest(source, key)
        if await target.size(key) != await source.size(key) or await _digest(target, key) != here:
            await target.put(key, source.get(key), content_type="application/octet-stream")
            if await _digest(target, key) != here:
                raise TransferError(f"{key} did not arrive whole in the object store: move again.")
        total.update(f"{here} {key}\n".encode())
        progress("files", 1)
    return [Moved("media", "files", len(keys), total.hexdigest()[:16])]


async def _digest(blobs: Blobs, key: str) -> str:
    digest = hashlib.sha256()
    async for chunk in blobs.get(key):
        digest.update(chunk)
    return digest.hexdigest()


def rows_of(config: Config) -> int:
    """How many rows there are to move; 0 without a database."""
    total = 0
    for bulk in (False, True):
        path = _file(config.data, bulk=bulk)
        if path.exists():
            source = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
            tables = source.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            counts = [source.execute(f'SELECT count(*) FROM "{name}"').fetchall() for (name,) in tables]  # noqa: S608
            total += sum(int(rows[0][0] or 0) for rows in counts)
            source.close()
    return total


def _check_secret(config: Config) -> None:
    kept = config.data / "secret.key"
    if kept.exists() and kept.read_text().strip() != config.secret:
        raise SettingsError(
            f"[process] secret: this installation's own is in {kept}; with another nobody could sign in."
        )


async def _check_source(data: Path) -> None:
    """The files are of this release, and closed properly."""
    for bulk in (False, True):
        engine = SqliteEngine(_file(data, bulk=bulk))
        await engine.start()
        try:
            for service in all_services():
                if service.bulk != bulk:
                    continue
                if behind := await pending(engine, service.name, service.package):
                    raise TransferError(
                        f"The database lacks {', '.join(behind)} of {service.name}: "
                        "run `samovar migrate` first."
                    )
        finally:
            await engine.close()


async def _service(
    source: apsw.Connection, target: asyncpg.Connection, service: str, progress: Progress
) -> list[Moved]:
    await target.execute(
        f"CREATE TABLE IF NOT EXISTS {PROGRESS} (name text PRIMARY KEY, last jsonb, done boolean NOT NULL)"
    )
    moved = []
    for table in await _tables(source, target, service):
        await _copy(source, target, table, progress)
        moved.append(await _compare(source, target, table))
    return moved


async def _tables(source: apsw.Connection, target: asyncpg.Connection, service: str) -> list[_Table]:
    """The service's tables. Raises TransferError when the two sides differ."""
    names: list[tuple[str]] = source.execute(  # type: ignore[assignment]
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE ? ESCAPE '\\' ORDER BY name",
        (f"{service}\\_%",),
    ).fetchall()
    found = []
    for (name,) in names:
        if name == f"{service}_migrations":
            continue
        info: list[tuple[str, int]] = source.execute(  # type: ignore[assignment]
            "SELECT name, pk FROM pragma_table_info(?)", (name,)
        ).fetchall()
        types = {
            row["column_name"]: row["data_type"]
            for row in await target.fetch(
                "SELECT column_name, data_type FROM information_schema.columns"
                " WHERE table_schema = current_schema() AND table_name = $1",
                name,
            )
        }
        columns = [column for column, _ in info]
        if set(columns) != set(types):
            raise TransferError(f"{name} has other columns in PostgreSQL: use the same release for both.")
        key = [column for column, place in sorted(info, key=lambda row: row[1]) if place]
        found.append(_Table(service, name, columns, key, [types[column] for column in columns]))
    return found


def _after(table: _Table, last: Sequence[Any] | None) -> tuple[str, list[Any]]:
    """SQLite's query for the next piece."""
    key = ", ".join(table.key)
    where = "" if last is None else f" WHERE ({key}) > ({', '.join('?' * len(table.key))})"
    columns = ", ".join(f'"{column}"' for column in table.columns)
    sql = f'SELECT {columns} FROM "{table.name}"{where} ORDER BY {key} LIMIT {PIECE}'  # noqa: S608 - names
    return sql, list(last or ())


async def _copy(
    source: apsw.Connection, target: asyncpg.Connection, table: _Table, progress: Progress
) -> None:
    state = await target.fetchrow(f"SELECT last, done FROM {PROGRESS} WHERE name = $1", table.name)  # noqa: S608
    if state is None and await target.fetchval(f'SELECT EXISTS (SELECT FROM "{table.name}")'):  # noqa: S608
        raise TransferError(
            f"{table.name} has rows in PostgreSQL that this did not bring: move into an empty database."
        )
    last = None if state is None or state["last"] is None else msgspec.json.decode(state["last"])
    done = state is not None and state["done"]
    places = [table.columns.index(column) for column in table.key]
    while not done:
        sql, values = _after(table, last)
        rows = source.execute(sql, values).fetchall()
        done = len(rows) < PIECE
        async with target.transaction():
            if rows:
                last = [rows[-1][place] for place in places]
                await target.copy_records_to_table(
                    table.name, columns=list(table.columns), records=[_row(table, row) for row in rows]
                )
            await target.execute(
                f"INSERT INTO {PROGRESS} VALUES ($1, $2, $3)"  # noqa: S608 - a name of ours
                " ON CONFLICT (name) DO UPDATE SET last = excluded.last, done = excluded.done",
                table.name, None if last is None else msgspec.json.encode(last).decode(), done,
            )  # fmt: skip
        progress(table.name, len(rows))


def _row(table: _Table, row: Sequence[Any]) -> tuple[Any, ...]:
    """SQLite's values as PostgreSQL takes them."""
    return tuple(
        bool(value) if kind == "boolean" and value is not None else value
        for value, kind in zip(row, table.types, strict=True)
    )


async def _compare(source: apsw.Connection, target: asyncpg.Connection, table: _Table) -> Moved:
    """Read both sides in one order. Raises TransferError when they differ."""
    here, there = _Sum(table), _Sum(table)
    for row in _all_here(source, table):
        here.add(_row(table, row))
    async for row in _all_there(target, table):
        there.add(row)
    if (here.rows, here.digest()) != (there.rows, there.digest()):
        raise TransferError(
            f"{table.name} did not arrive whole: {here.rows} rows here, {there.rows} there. "
            f"Empty the database of {table.service} and move again."
        )
    return Moved(table.service, table.name, here.rows, here.digest())


def _all_here(source: apsw.Connection, table: _Table) -> Iterator[Sequence[Any]]:
    columns = ", ".join(f'"{column}"' for column in table.columns)
    yield from source.execute(f'SELECT {columns} FROM "{table.name}" ORDER BY {", ".join(table.key)}')  # noqa: S608


async def _all_there(target: asyncpg.Connection, table: _Table) -> AsyncIterator[Sequence[Any]]:
    texts = {column for column, kind in zip(table.columns, table.types, strict=True) if kind == "text"}
    columns = ", ".join(f'"{column}"' for column in table.columns)
    # As SQLite orders texts: by their bytes.
    order = ", ".join(f'"{column}"' + (' COLLATE "C"' if column in texts else "") for column in table.key)
    sql = f'SELECT {columns} FROM "{table.name}" ORDER BY {order}'  # noqa: S608 - names
    async with target.transaction(isolation="repeatable_read", readonly=True):
        async for row in target.cursor(sql, prefetch=PIECE):
            yield tuple(row)


class _Sum:
    """Counts rows and sums them up, whatever form their side gives them."""

    def __init__(self, table: _Table) -> None:
        self.rows = 0
        self._json = [kind == "jsonb" for kind in table.types]
        self._hash = hashlib.sha256()

    def add(self, row: Sequence[Any]) -> None:
        self.rows += 1
        plain = [
            msgspec.json.decode(value) if is_json and value is not None else value
            for value, is_json in zip(row, self._json, strict=True)
        ]
        self._hash.update(msgspec.json.encode(plain, order="sorted") + b"\n")

    def digest(self) -> str:
        return self._hash.hexdigest()[:16]
