"""PostgreSQL behind the kernel's Engine, by asyncpg: a schema and a role for each service, or an address
for each.

Writes are SERIALIZABLE transactions, run again when the server says that they clash. A read that finds
its connection gone is repeated; a write is, unless it was lost while it committed: then nobody knows
whether it took effect, and the caller is told so.
"""

import asyncio
import contextlib
import hashlib
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterable, Mapping
from types import coroutine
from typing import Any, Final, TypeVar

import asyncpg
import structlog

from samovar.kernel.db import Compiled, RawTx, Row, in_transaction
from samovar.kernel.errors import Invalid, Unavailable

log = structlog.get_logger(__name__)
T = TypeVar("T")

#: Oldest release that is tested.
OLDEST: Final = 15
TRIES: Final = 12
#: How long a connection is waited for, and a statement, in seconds.
CONNECT, STATEMENT = 3.0, 15.0
#: How long a read or an unharmed write goes on trying to reach a server that went away.
PATIENCE: Final = 2.0
#: What the server says when a transaction has to be run again.
_CLASHES: Final = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
#: What is raised when the connection or the server is gone.
_GONE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    OSError,  # refused and reset connections, and what took too long
)


#: What asyncpg raises when it is used on a connection that is just breaking.
_BROKEN: Final = (asyncpg.InterfaceError, asyncpg.InternalClientError)


class _Again(BaseException):
    """Leaves a transaction that can't go on. Not an Exception: what handles errors inside may not stop it."""


def role_of(service: str) -> str:
    """The role that owns a service's schema."""
    return f"samovar_{service}"


class PostgresEngine:
    """Each service's tables in a schema of its name."""

    dialect = "postgresql"

    def __init__(
        self,
        url: str,
        *,
        urls: Mapping[str, str] | None = None,
        replica: str = "",
        connections: int = 10,
        durable: bool = True,
    ) -> None:
        """`urls`: addresses of services that have a database of their own. `replica`: where scans go.
        `connections`: most that each service keeps. `durable=False` is for tests."""
        self._url = url
        self._urls = urls or {}
        self._replica = replica
        self._connections = connections
        self._durable = durable
        self._pools: dict[tuple[str, bool], asyncpg.Pool[asyncpg.Record]] = {}
        self._opening = asyncio.Lock()
        self._locks = _Locks(url)
        self._reached = False

    async def start(self) -> None:
        """Look whether the server answers. Raises ConnectionError with what is wrong."""
        addresses = {"[postgresql] url": self._url, "[postgresql] replica": self._replica}
        addresses |= {f"[postgresql] {service}": url for service, url in self._urls.items()}
        for setting, url in addresses.items():
            if url:
                await _greet(setting, url)
        self._reached = True

    async def close(self) -> None:
        """Give all connections back."""
        await self._locks.close()
        pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            try:
                await asyncio.wait_for(pool.close(), 5)
            except TimeoutError:
                pool.terminate()

    @property
    def alive(self) -> bool:
        return self._reached

    async def prepare(self, service: str) -> None:
        """Make a service's role and schema when they are missing. Raises ConnectionError when it may not."""
        own = service in self._urls
        connection = await asyncpg.connect(self._urls.get(service, self._url), timeout=CONNECT)
        try:
            if not own:
                await _make_role(connection, role_of(service))
            await _make_schema(connection, service, None if own else role_of(service))
        except asyncpg.InsufficientPrivilegeError as error:
            raise ConnectionError(
                f"[postgresql] {service if own else 'url'}: this role may not make the schema {service}"
                f"{'' if own else f' and the role {role_of(service)}'}: {error}. Give it CREATEROLE "
                "and CREATE on the database, or make them beforehand."
            ) from error
        finally:
            await connection.close()

    async def connection(self, service: str) -> "asyncpg.Connection[asyncpg.Record]":
        """A connection of one's own to a service's schema, for moving rows in bulk. The caller closes it."""
        settings = {"search_path": service, "application_name": f"samovar {service}"}
        if service not in self._urls:
            settings["role"] = role_of(service)
        url = self._urls.get(service, self._url)
        return await asyncpg.connect(url, timeout=CONNECT, server_settings=settings)

    async def _pool(self, service: str, *, replica: bool = False) -> "asyncpg.Pool[asyncpg.Record]":
        replica = replica and bool(self._replica) and service not in self._urls
        pool = self._pools.get((service, replica))
        if pool is None:
            async with self._opening:
                pool = self._pools.get((service, replica))
                if pool is None:
                    pool = await self._open(service, replica)
                    self._pools[service, replica] = pool
        return pool

    async def _open(self, service: str, replica: bool) -> "asyncpg.Pool[asyncpg.Record]":
        url = self._replica if replica else self._urls.get(service, self._url)
        settings = {
            "search_path": service,
            "application_name": f"samovar {service}",
            "statement_timeout": str(int(STATEMENT * 1000)),
            "idle_in_transaction_session_timeout": "30000",
            "jit": "off",
        }
        if not self._durable:
            settings["synchronous_commit"] = "off"
        if service not in self._urls:
            settings["role"] = role_of(service)
        return await asyncpg.create_pool(
            url, min_size=0, max_size=self._connections, timeout=CONNECT, command_timeout=STATEMENT + 1,
            server_settings=settings, reset=_leave_as_it_is, statement_cache_size=500,
            max_inactive_connection_lifetime=120,
        )  # fmt: skip

    async def read(self, service: str, compiled: Compiled, params: dict[str, Any]) -> list[Row]:
        return await self._fetch(service, compiled, params, replica=False)

    async def scan(self, service: str, compiled: Compiled, params: dict[str, Any]) -> list[Row]:
        """Long reads. They may come from the replica, so nothing that is then written may rest on them."""
        return await self._fetch(service, compiled, params, replica=True)

    async def _fetch(
        self, service: str, compiled: Compiled, params: dict[str, Any], *, replica: bool
    ) -> list[Row]:
        values = [params[name] for name in compiled.names]

        async def fetch() -> list[Row]:
            pool = await self._pool(service, replica=replica)
            async with pool.acquire(timeout=CONNECT) as connection:
                try:
                    return list(map(tuple, await connection.fetch(compiled.sql, *values)))
                except _BROKEN as error:
                    raise _broken(connection, error) from error

        return await self._patiently(fetch)

    async def _patiently(self, act: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do something that a lost connection has left undone; for as long as a reader would wait."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while True:
            try:
                result = await act()
            except (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError) as error:
                raise Invalid("A text may not hold a NUL character.") from error
            except _GONE as error:
                if loop.time() >= until:
                    self._reached = False
                    log.warning("the database can't be reached", error=repr(error))
                    raise Unavailable(retry_after=2) from error
                await asyncio.sleep(0.1)
            else:
                self._reached = True
                return result

    async def write(self, service: str, work: Callable[[RawTx], Coroutine[Any, Any, T]]) -> T:
        if in_transaction.get():
            raise RuntimeError("a write may not start another write")
        for attempt in range(TRIES):
            try:
                return await self._patiently(lambda: self._write_once(service, work))
            except _CLASHES:
                await asyncio.sleep(random.uniform(0, 0.002 * 2 ** min(attempt, 7)))
        log.warning("a write clashed too often", service=service, tries=TRIES)
        raise Unavailable(retry_after=1)

    async def _write_once(self, service: str, work: Callable[[RawTx], Coroutine[Any, Any, T]]) -> T:
        pool = await self._pool(service)
        async with pool.acquire(timeout=CONNECT) as connection:
            tx = _PostgresTx(connection)
            transaction = connection.transaction(isolation="serializable")
            try:
                await transaction.start()
            except _BROKEN as error:
                raise _broken(connection, error) from error
            token = in_transaction.set(True)
            try:
                result = await _drive(work(tx), tx)
            except BaseException as error:
                with contextlib.suppress(*_GONE, *_BROKEN, asyncpg.PostgresError):
                    await transaction.rollback()
                if isinstance(error, _Again) and error.__cause__ is not None:
                    raise error.__cause__ from None
                raise
            finally:
                in_transaction.reset(token)
            try:
                await transaction.commit()
            except (*_GONE, *_BROKEN) as error:
                # Nobody knows whether it took effect: not to be tried again from here.
                raise Unavailable(retry_after=2) from error
            return result

    @contextlib.asynccontextmanager
    async def migrating(self, service: str) -> AsyncIterator[None]:
        """Hold the right to migrate a service: one process at a time."""
        connection = await asyncpg.connect(self._urls.get(service, self._url), timeout=CONNECT)
        try:
            await connection.execute(
                "SELECT pg_advisory_lock($1)", _number(f"migrate {service}"), timeout=300
            )
            yield
        finally:
            await connection.close()

    async def holds(self, name: str) -> bool:
        """Whether this process has a duty that only one may have at a time; takes it when it is free."""
        return await self._locks.holds(name)


class _PostgresTx:
    """One write's access to its connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._changes = 0
        #: True while a statement is under way: nothing else may be waited for.
        self.busy = False

    async def execute(self, compiled: Compiled, params: dict[str, Any]) -> list[Row]:
        values = [params[name] for name in compiled.names]
        if compiled.answers:
            rows = await self._run(self._connection.fetch(compiled.sql, *values))
            self._changes = len(rows)
            return list(map(tuple, rows))
        status = await self._run(self._connection.execute(compiled.sql, *values))
        number = status.rpartition(" ")[2]
        self._changes = int(number) if number.isdigit() else 0
        return []

    async def execute_many(self, compiled: Compiled, params: Iterable[dict[str, Any]]) -> None:
        rows = [[row[name] for name in compiled.names] for row in params]
        if rows:
            await self._run(self._connection.executemany(compiled.sql, rows))

    async def script(self, sql: str) -> None:
        await self._run(self._connection.execute(sql))

    async def attempt(self, step: Callable[[], Coroutine[Any, Any, T]]) -> T:
        savepoint = self._connection.transaction()
        await self._run(savepoint.start())
        try:
            result = await step()
        except Exception:
            await self._run(savepoint.rollback())
            raise
        await self._run(savepoint.commit())
        return result

    def changes(self) -> int:
        return self._changes

    async def _run(self, statement: Coroutine[Any, Any, Any]) -> Any:
        self.busy = True
        try:
            return await statement
        except (*_CLASHES, *_GONE) as error:
            raise _Again from error
        except _BROKEN as error:
            again = _broken(self._connection, error)
            if again is error:
                raise
            raise _Again from again
        except (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError) as error:
            raise Invalid("A text may not hold a NUL character.") from error
        finally:
            self.busy = False


def _broken(connection: Any, error: Exception) -> Exception:
    """The error as one of a lost connection, when that is what it comes from; else as it is."""
    if not isinstance(error, asyncpg.InternalClientError) and not connection.is_closed():
        return error
    connection.terminate()
    return ConnectionResetError(str(error))


@coroutine
def _drive(work: Coroutine[Any, Any, T], tx: _PostgresTx) -> Generator[Any, Any, T]:
    """Run a write's coroutine to its end; it may wait for nothing but its transaction."""
    value: Any = None
    error: BaseException | None = None
    while True:
        try:
            waits_for = work.send(value) if error is None else work.throw(error)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]
        if not tx.busy:
            work.close()
            raise RuntimeError("a write may await nothing but its transaction")
        value = error = None
        try:
            value = yield waits_for
        except BaseException as thrown:
            error = thrown


class _Locks:
    """Duties of this process, held on a connection of their own: they end with it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None
        self._held: set[str] = set()
        self._busy = asyncio.Lock()

    async def holds(self, name: str) -> bool:
        async with self._busy:
            if self._connection is None or self._connection.is_closed():
                self._held.clear()
                self._connection = None
            if name in self._held:
                return True
            try:
                if self._connection is None:
                    self._connection = await asyncpg.connect(
                        self._url, timeout=CONNECT, command_timeout=CONNECT,
                        server_settings={"application_name": "samovar duties"},
                    )  # fmt: skip
                if await self._connection.fetchval("SELECT pg_try_advisory_lock($1)", _number(name)):
                    self._held.add(name)
            except _GONE:
                self._held.clear()
            return name in self._held

    async def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(*_GONE):
                await self._connection.close(timeout=2)
            self._connection = None
            self._held.clear()


async def _greet(setting: str, url: str) -> None:
    """Raises ConnectionError that names the setting, never the password."""
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT)
    except asyncpg.InvalidPasswordError:
        raise ConnectionError(f"{setting}: the server refused the password.") from None
    except asyncpg.InvalidCatalogNameError as error:
        raise ConnectionError(f"{setting}: {error}; make the database first.") from None
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise ConnectionError(f"{setting}: {error}") from None
    except OSError as error:
        reason = str(error) or "timed out"
        raise ConnectionError(f"{setting}: no PostgreSQL answers there: {reason}.") from None
    try:
        version = connection.get_server_version()
        if version.major < OLDEST:
            raise ConnectionError(f"{setting}: PostgreSQL {version.major} is older than {OLDEST}.")
        encoding = await connection.fetchval("SHOW server_encoding")
        if encoding != "UTF8":
            raise ConnectionError(f"{setting}: the database's encoding is {encoding}; UTF8 is needed.")
    finally:
        await connection.close()


async def _make_role(connection: Any, role: str) -> None:
    known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    if not known:
        # Two processes may start at once.
        with contextlib.suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            await connection.execute(f'CREATE ROLE "{role}" NOLOGIN')
    if not await connection.fetchval("SELECT pg_has_role(current_user, $1, 'MEMBER')", role):
        with contextlib.suppress(asyncpg.UniqueViolationError, asyncpg.InternalServerError):
            await connection.execute(f'GRANT "{role}" TO CURRENT_USER')


async def _make_schema(connection: Any, schema: str, role: str | None) -> None:
    if await connection.fetchval("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema):
        return
    owner = f' AUTHORIZATION "{role}"' if role else ""
    with contextlib.suppress(asyncpg.DuplicateSchemaError, asyncpg.UniqueViolationError):
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"{owner}')


async def _leave_as_it_is(_: Any) -> None:
    """Instead of asyncpg's reset at each return of a connection: no code of ours changes a session."""


def _number(name: str) -> int:
    """A name as the number that an advisory lock takes."""
    return int.from_bytes(hashlib.sha256(f"samovar {name}".encode()).digest()[:8], "big", signed=True)
