"""PostgreSQL behind the kernel's Engine, by asyncpg: a schema and a role for each service, or an address
for each.

Writes are SERIALIZABLE transactions, run again when the server says that they clash. A read that finds
its connection gone is repeated; a write is, unless it was lost while it committed: then nobody knows
whether it took effect, and the caller is told so.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, TypeVar

import asyncpg
import structlog

from samovar.adapters.postgres.duties import Duties, number_of
from samovar.adapters.postgres.faults import BROKEN, CLASHES, CONNECT, GONE, Again, broken
from samovar.adapters.postgres.prepare import greet, make_role, make_schema, role_of
from samovar.adapters.postgres.tx import PostgresTx, drive
from samovar.kernel.db import Compiled, RawTx, Row, Told, in_transaction
from samovar.kernel.errors import Invalid, Unavailable

log = structlog.get_logger(__name__)
T = TypeVar("T")

TRIES: Final = 12
#: How long a statement may take, in seconds.
STATEMENT = 15.0
#: How long a read or an unharmed write goes on trying to reach a server that went away.
PATIENCE: Final = 2.0


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
        self._locks = Duties(url)
        self._reached = False

    async def start(self) -> None:
        """Look whether the server answers. Raises ConnectionError with what is wrong."""
        addresses = {"[postgresql] url": self._url, "[postgresql] replica": self._replica}
        addresses |= {f"[postgresql] {service}": url for service, url in self._urls.items()}
        for setting, url in addresses.items():
            if url:
                await greet(setting, url)
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

    @property
    def full(self) -> bool:
        """Never: its connections are waited for with a limit."""
        return False

    async def prepare(self, service: str) -> None:
        """Make a service's role and schema when they are missing. Raises ConnectionError when it may not."""
        own = service in self._urls
        connection = await asyncpg.connect(self._urls.get(service, self._url), timeout=CONNECT)
        try:
            if not own:
                await make_role(connection, role_of(service))
            await make_schema(connection, service, None if own else role_of(service))
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
                except BROKEN as error:
                    raise broken(connection, error) from error

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
            except GONE as error:
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
            except CLASHES:
                await asyncio.sleep(random.uniform(0, 0.002 * 2 ** min(attempt, 7)))
        log.warning("a write clashed too often", service=service, tries=TRIES)
        raise Unavailable(retry_after=1)

    async def _write_once(self, service: str, work: Callable[[RawTx], Coroutine[Any, Any, T]]) -> T:
        pool = await self._pool(service)
        async with pool.acquire(timeout=CONNECT) as connection:
            tx = PostgresTx(connection)
            transaction = connection.transaction(isolation="serializable")
            try:
                await transaction.start()
            except BROKEN as error:
                raise broken(connection, error) from error
            token = in_transaction.set(True)
            try:
                result = await drive(work(tx), tx)
            except BaseException as error:
                with contextlib.suppress(*GONE, *BROKEN, asyncpg.PostgresError):
                    await transaction.rollback()
                if isinstance(error, Again) and error.__cause__ is not None:
                    raise error.__cause__ from None
                raise
            finally:
                in_transaction.reset(token)
            try:
                await transaction.commit()
            except (*GONE, *BROKEN) as error:
                # Nobody knows whether it took effect: not to be tried again from here.
                raise Unavailable(retry_after=2) from error
            return result

    @contextlib.asynccontextmanager
    async def migrating(self, service: str) -> AsyncIterator[None]:
        """Hold the right to migrate a service: one process at a time."""
        connection = await asyncpg.connect(self._urls.get(service, self._url), timeout=CONNECT)
        try:
            await connection.execute(
                "SELECT pg_advisory_lock($1)", number_of(f"migrate {service}"), timeout=300
            )
            yield
        finally:
            await connection.close()

    async def holds(self, name: str) -> bool:
        """Whether this process has a duty that only one may have at a time; takes it when it is free."""
        return await self._locks.holds(name)

    def watch(self, table: str, columns: Sequence[str], told: Told) -> bool:
        """Never: other processes write to the same tables."""
        return False


async def _leave_as_it_is(_: Any) -> None:
    """Instead of asyncpg's reset at each return of a connection: no code of ours changes a session."""
