"""A service's database: reads, and writes that can publish, schedule and remember.

`await db.write(fn)`: `fn(tx)` awaits nothing but `tx` and may be run again, so it must not change
anything outside the transaction. What it publishes is in the outbox by the same commit.
"""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import Table

from samovar.kernel.clock import Clock
from samovar.kernel.contract import Event
from samovar.kernel.db import Engine, Query, RawTx, Row, Rows, Told
from samovar.kernel.ids import Ids
from samovar.kernel.jobs import JobTable
from samovar.kernel.outbox import Outbox

log = structlog.get_logger(__name__)
T = TypeVar("T")
#: What a write has done once it is durable.
After = Callable[[], Awaitable[None]]


class Tx(Rows):
    """A write under way."""

    def __init__(self, db: "Db", raw: RawTx) -> None:
        super().__init__(db.service, db.dialect, raw.execute)
        self._db = db
        self._raw = raw
        self.woke = False
        self._after: list[After] = []

    async def run(self, query: Query, /, **params: Any) -> int:
        """Execute; answers how many rows changed."""
        await self.all(query, **params)
        return self._raw.changes()

    async def many(self, query: Query, rows: Iterable[dict[str, Any]]) -> None:
        """Execute once per set of parameters."""
        compiled = query.compiled(self.dialect, self.service)
        if bound := [compiled.bind(row) for row in rows]:
            await self._raw.execute_many(compiled, bound)

    async def attempt(self, step: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a step in a savepoint of its own: when it raises, only its effects are undone."""
        before = len(self._after)
        try:
            return await self._raw.attempt(step)
        except BaseException:
            del self._after[before:]
            raise

    def after(self, act: After) -> None:
        """Have something done once this write is durable, if it ever is: a signal, which may be lost. What
        must not be lost is published."""
        self._after.append(act)

    async def publish(self, event: Event, *, at: int | None = None) -> None:
        """Put an event into the outbox; `at` delays it to a time (microseconds)."""
        self.woke = True
        await self._db.outbox.add(self, event, at)

    async def publish_all(self, events: Sequence[Event]) -> None:
        """Put events into the outbox, no two of them of one key: two statements for any number."""
        if events:
            self.woke = True
            await self._db.outbox.add_all(self, events)

    async def schedule(self, name: str, key: str, at: int, payload: Any = None) -> None:
        """Have the job `name` run at a time. A second call with the same key moves it."""
        self.woke = True
        await self._db.jobs.schedule(self, name, key, at, payload)

    async def cancel_below(self, name: str, prefix: str) -> int:
        """Take back all scheduled jobs of a name whose keys begin so; answers how many."""
        return await self._db.jobs.cancel_below(self, name, prefix)

    async def planned(self, name: str, key: str) -> Any:
        """The payload of a scheduled job; None when there is none, or none in it."""
        return await self._db.jobs.planned(self, name, key)

    async def cancel(self, name: str, key: str) -> bool:
        """Take a scheduled job back; False when there was none."""
        return await self._db.jobs.cancel(self, name, key)


class Db(Rows):
    """A service's own database."""

    def __init__(self, service: str, engine: Engine, clock: Clock, ids: Ids) -> None:
        super().__init__(service, engine.dialect, partial(engine.read, service))
        self.engine = engine
        self.clock = clock
        self.ids = ids
        self.outbox = Outbox(service, clock, ids)
        self.jobs = JobTable(service, clock, ids)
        #: Called after a commit that left something to do (an event, a job).
        self.on_commit: Callable[[], None] = lambda: None

    async def scan(self, query: Query, /, **params: Any) -> list[Row]:
        """Like `all`, for reads that go through many rows."""
        compiled = query.compiled(self.dialect, self.service)
        return compiled.rows(await self.engine.scan(self.service, compiled, compiled.bind(params)))

    def watch(self, table: Table, columns: Sequence[str], told: Told) -> bool:
        """Be told of each row of a table that changes; see `Engine.watch`. False: ask each time."""
        return self.engine.watch(table.name, columns, told)

    async def write(self, work: Callable[[Tx], Coroutine[Any, Any, T]]) -> T:
        """Run `work` in a transaction; returns once it is durable."""
        woke = False
        after: list[After] = []

        async def attempt(raw: RawTx) -> T:
            nonlocal woke, after
            tx = Tx(self, raw)
            result = await work(tx)
            woke, after = tx.woke, tx._after
            return result

        result = await self.engine.write(self.service, attempt)
        if woke:
            self.on_commit()
        for act in after:
            try:
                await act()
            except Exception as error:
                log.warning("a signal was not given", service=self.service, error=repr(error))
        return result
