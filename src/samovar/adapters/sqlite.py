"""SQLite behind the kernel's Engine, by apsw, whose wheel carries a current library.

One file serves all embedded services. Writes run one at a time on the event loop, each in a
savepoint; commit and fsync happen in a thread while the next batch gathers, so that one fsync
serves many (group commit). Keyed reads run on the event loop over a connection of their own, those
of one turn of the loop in one snapshot; scans go to a reader thread. An authorizer refuses a service
the tables of another.
"""

import asyncio
import contextlib
import contextvars
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

import apsw
import structlog

from samovar.adapters.sqlite_changes import Changes
from samovar.kernel.context import somebody_waits
from samovar.kernel.db import Compiled, RawTx, Row, Told, in_transaction
from samovar.kernel.errors import Unavailable

log = structlog.get_logger(__name__)
T = TypeVar("T")

#: Below it, several connections can corrupt a WAL file (fixed in 3.51.3; 3.52.0 was withdrawn).
OLDEST: Final = (3, 51, 3)
BATCH: Final = 256
#: A batch stops gathering after that long on the event loop, in seconds.
BATCH_TIME: Final = 0.008
#: Seconds that writes may wait for their turn: while the first in line has waited longer, nobody who waits
#: for an answer is let into the line any more. What the house does by itself is, and so goes on.
LINE: Final = 3.0
#: Bytes of the file that connections for reading map into memory. They would keep pages of their own
#: otherwise, and forget them all at every commit.
MAPPED: Final = 1 << 30
_SHARED: Final = ("sqlite_", "json_each", "json_tree", "carray", "pragma_")
_TABLE_ACTIONS: Final = frozenset(
    {apsw.SQLITE_READ, apsw.SQLITE_INSERT, apsw.SQLITE_UPDATE, apsw.SQLITE_DELETE, apsw.SQLITE_CREATE_TABLE,
     apsw.SQLITE_DROP_TABLE}
)  # fmt: skip


def check_library() -> None:
    """Raises RuntimeError for a SQLite that is not safe to use."""
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if version < OLDEST or version == (3, 52, 0):
        raise RuntimeError(f"SQLite {apsw.sqlite_lib_version()} is not safe; reinstall apsw from its wheel.")


class SqliteEngine:
    """All services' tables in one file."""

    dialect = "sqlite"

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        """`durable=False` (for tests) skips fsync; then power loss may cost the last commits."""
        check_library()
        self.path = path
        self._durable = durable
        self._service = ""
        self._in_snapshot = False
        self._queue: deque[_Write] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.changes = Changes()

    async def start(self) -> None:
        """Open the file, made when missing, and begin to take writes."""
        # Other accounts of the machine may not read it; SQLite gives its helper files the same mode.
        self.path.touch(mode=0o600)
        self._writer = self._connect()
        self._writer.execute("PRAGMA wal_autocheckpoint=2000")
        self._writer.preupdate_hook(self.changes.note)
        self._reader = self._connect(read_only=True)
        self._scanner = self._connect(read_only=True, guarded=False)
        self._commit_thread = ThreadPoolExecutor(1, "sqlite-commit")
        self._scan_thread = ThreadPoolExecutor(1, "sqlite-scan")
        self._task = asyncio.create_task(self._write_loop(), name="sqlite-writer")

    async def close(self) -> None:
        """Finish what was asked for, then close."""
        if self._task is None:
            return
        self._closing = True
        self._wake.set()
        await self._task
        self._task = None
        self._commit_thread.shutdown()
        self._scan_thread.shutdown()
        await asyncio.sleep(0)  # leaves the snapshot
        for connection in (self._reader, self._scanner, self._writer):
            connection.close()

    @property
    def alive(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def full(self) -> bool:
        return bool(self._queue) and asyncio.get_running_loop().time() - self._queue[0].since > LINE

    def _connect(self, *, read_only: bool = False, guarded: bool = True) -> apsw.Connection:
        connection = apsw.Connection(str(self.path), statementcachesize=400)
        connection.set_busy_timeout(5000)
        # Plans don't depend on bound values: else each statement with a bound LIMIT is prepared anew
        # at every run, which costs several times what running it does.
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={'FULL' if self._durable else 'OFF'}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-8000")
        connection.execute("PRAGMA temp_store=MEMORY")
        if read_only:
            connection.execute("PRAGMA query_only=ON")
            connection.execute(f"PRAGMA mmap_size={MAPPED}")
        if guarded:
            connection.authorizer = self._authorize
        return connection

    def _authorize(self, action: int, first: str | None, *_: Any) -> int:
        if action not in _TABLE_ACTIONS or not self._service or first is None:
            return apsw.SQLITE_OK
        if first.startswith((f"{self._service}_", *_SHARED)):
            return apsw.SQLITE_OK
        log.error("foreign table refused", service=self._service, table=first)
        return apsw.SQLITE_DENY

    async def read(self, service: str, compiled: Compiled, params: dict[str, Any]) -> list[Row]:
        self._service = service
        if not self._in_snapshot:
            # Taking and leaving a snapshot costs as much as a keyed read: those that follow each other
            # without waiting share one. It ends before anybody can be told of a later commit, because
            # such news stands behind `_leave_snapshot` in the loop's queue.
            asyncio.get_running_loop().call_soon(self._leave_snapshot)
            self._reader.execute("BEGIN")
            self._in_snapshot = True
        return self._reader.execute(compiled.sql, _bound(compiled, params)).fetchall()

    def _leave_snapshot(self) -> None:
        self._in_snapshot = False
        self._reader.execute("COMMIT")

    async def scan(self, service: str, compiled: Compiled, params: dict[str, Any]) -> list[Row]:
        def run() -> list[Row]:
            return self._scanner.execute(compiled.sql, _bound(compiled, params)).fetchall()

        return await asyncio.get_running_loop().run_in_executor(self._scan_thread, run)

    async def write(self, service: str, work: Callable[[RawTx], Coroutine[Any, Any, T]]) -> T:
        if in_transaction.get():
            raise RuntimeError("a write may not start another write")
        if self._closing or not self.alive:
            raise Unavailable
        if self.full and somebody_waits():
            raise Unavailable(retry_after=1)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.append(_Write(service, work, future, contextvars.copy_context(), loop.time()))
        self._wake.set()
        return await future

    async def prepare(self, service: str) -> None:
        """Nothing: one file holds all."""

    @contextlib.asynccontextmanager
    async def migrating(self, service: str) -> AsyncIterator[None]:
        """Always at once: a data folder has one process."""
        yield

    async def holds(self, name: str) -> bool:
        """Always: a data folder has one process."""
        return True

    def watch(self, table: str, columns: Sequence[str], told: Told) -> bool:
        """Always possible: a data folder has one process, and its writes go through one connection."""
        self.changes.watch(table, columns, told)
        return True

    async def _write_loop(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                batch = self._gather()
                error: Exception | None = None
                try:
                    await loop.run_in_executor(self._commit_thread, self._writer.execute, "COMMIT")
                except Exception as failure:
                    log.error("commit failed", error=repr(failure))
                    self._roll_back()
                    error = failure
                self.changes.tell(self._reader)
                for write, outcome in batch:
                    write.settle(outcome, error)
            if self._closing:
                return

    def _gather(self) -> list[tuple["_Write", "_Outcome"]]:
        """Run waiting writes in one transaction, each in its own savepoint."""
        batch: list[tuple[_Write, _Outcome]] = []
        until = time.perf_counter() + BATCH_TIME
        self._writer.execute("BEGIN IMMEDIATE")
        while self._queue and len(batch) < BATCH and (not batch or time.perf_counter() < until):
            write = self._queue.popleft()
            if not write.future.cancelled():
                batch.append((write, self._run(write)))
            if self._writer.get_autocommit():  # all of it is taken back, such as for want of room
                break
        return batch

    def _run(self, write: "_Write") -> "_Outcome":
        raw = _SqliteTx(self, write.service)
        self._writer.execute("SAVEPOINT write")
        try:
            result = write.context.run(_drive, write.work, raw)
        except Exception as error:
            if not self._writer.get_autocommit():
                self._writer.execute("ROLLBACK TO write")
            return _Outcome(None, error)
        finally:
            if not self._writer.get_autocommit():
                self._writer.execute("RELEASE write")
        return _Outcome(result, None)

    def _roll_back(self) -> None:
        if not self._writer.get_autocommit():
            self._writer.execute("ROLLBACK")


class _Outcome:
    __slots__ = ("error", "result")

    def __init__(self, result: Any, error: Exception | None) -> None:
        self.result = result
        self.error = error


class _Write:
    __slots__ = ("context", "future", "service", "since", "work")

    def __init__(
        self,
        service: str,
        work: Callable[[RawTx], Coroutine[Any, Any, Any]],
        future: asyncio.Future[Any],
        context: contextvars.Context,
        since: float,
    ) -> None:
        self.service = service
        self.work = work
        self.future = future
        self.context = context
        self.since = since

    def settle(self, outcome: _Outcome, commit_error: Exception | None) -> None:
        if self.future.done():
            return
        if commit_error is not None:
            refused = Unavailable(
                "Nothing can be stored right now. Please try again later.",
                retry_after=5,
            )
            refused.__cause__ = commit_error
            self.future.set_exception(refused)
        elif outcome.error is not None:
            self.future.set_exception(outcome.error)
        else:
            self.future.set_result(outcome.result)


def _bound(compiled: Compiled, params: dict[str, Any]) -> dict[str, Any]:
    """Parameters as SQLite takes them: arrays are read where they lie, without a copy or a call back."""
    for name in compiled.arrays:
        values = params[name]
        if values is not None:
            params[name] = apsw.carray(values)
    return params


def _drive(work: Callable[[RawTx], Coroutine[Any, Any, T]], raw: "_SqliteTx") -> T:
    """Run a write's coroutine to its end, which it must reach without waiting for anything."""
    token = in_transaction.set(True)
    coroutine = work(raw)
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    finally:
        in_transaction.reset(token)
        coroutine.close()
    raise RuntimeError("a write may await nothing but its transaction")


class _SqliteTx:
    """One write's access to the writing connection."""

    def __init__(self, engine: SqliteEngine, service: str) -> None:
        self._engine = engine
        self._service = service
        self._connection = engine._writer
        self._depth = 0

    async def execute(self, compiled: Compiled, params: dict[str, Any]) -> list[Row]:
        self._engine._service = self._service
        return self._connection.execute(compiled.sql, _bound(compiled, params)).fetchall()

    async def execute_many(self, compiled: Compiled, params: Iterable[dict[str, Any]]) -> None:
        self._engine._service = self._service
        bound = (_bound(compiled, each) for each in params)
        for _ in self._connection.executemany(compiled.sql, bound):
            pass

    async def script(self, sql: str) -> None:
        self._engine._service = self._service
        self._engine.changes.forget_places()
        self._connection.execute(sql)

    async def attempt(self, step: Callable[[], Coroutine[Any, Any, T]]) -> T:
        self._depth += 1
        name = f"step{self._depth}"
        self._connection.execute(f"SAVEPOINT {name}")
        try:
            return await step()
        except BaseException:
            if not self._connection.get_autocommit():
                self._connection.execute(f"ROLLBACK TO {name}")
            raise
        finally:
            if not self._connection.get_autocommit():
                self._connection.execute(f"RELEASE {name}")
            self._depth -= 1

    def changes(self) -> int:
        return self._connection.changes()
