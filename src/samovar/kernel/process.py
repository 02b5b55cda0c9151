"""The life of services in one process: start in order, work in the background, drain, stop."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import structlog

from samovar.kernel import telemetry
from samovar.kernel.bus import Bus
from samovar.kernel.clock import Clock
from samovar.kernel.inbox import Inbox
from samovar.kernel.jobs import JobRunner
from samovar.kernel.once import Once
from samovar.kernel.pubsub import PubSub
from samovar.kernel.service import Loop
from samovar.kernel.store import Db

log = structlog.get_logger(__name__)


class Worker:
    """One service's background: relays its outbox, retries its inbox, runs its jobs."""

    SWEEP = 1.0
    PRUNE = 3600.0
    #: Least seconds between the beginnings of two rounds of the relay: what comes meanwhile goes along.
    #: A round costs two commits, however many events it takes; the first after a pause waits for nothing.
    GATHER = 0.1

    def __init__(
        self,
        db: Db,
        clock: Clock,
        bus: Bus,
        pubsub: PubSub,
        inbox: Inbox,
        jobs: JobRunner,
        once: Once,
        loops: Sequence[Loop] = (),
    ) -> None:
        self.service = db.service
        self.db = db
        self.inbox = inbox
        self.jobs = jobs
        self._once = once
        self._loops = loops
        self._clock = clock
        self._bus = bus
        self._wake = asyncio.Event()
        self._pubsub = pubsub
        self._tasks: list[asyncio.Task[None]] = []
        #: One process at a time relays a service's events, so that those of a key stay in order.
        self._duty = f"relay {self.service}"
        self._unsubscribe: Callable[[], None] = lambda: None
        db.on_commit = self._wake.set

    async def relay(self) -> int:
        """Hand unpublished events to the bus, when that is this process's duty. Answers how many."""
        if not await self.db.engine.holds(self._duty):
            return 0
        envelopes = await self.db.outbox.due(self.db)
        if envelopes:
            await self._bus.publish(envelopes)
            await self.db.outbox.done(self.db, envelopes)
        return len(envelopes)

    async def step(self) -> int:
        """One round of everything; answers how much there was to do."""
        done = await self.relay() + await self.inbox.retry() + await self.jobs.step()
        return done + sum([await loop.step() for loop in self._loops])

    async def start(self) -> None:
        """Begin to relay events and to run jobs."""
        await self.jobs.start()
        self._unsubscribe = self._pubsub.subscribe(self._duty, lambda _: self._wake.set())
        self._tasks = [
            asyncio.create_task(self._loop(self._relay_all, wakeable=True), name=f"{self.service}-relay"),
            asyncio.create_task(self._loop(self._tend), name=f"{self.service}-tend"),
            *(
                asyncio.create_task(self._loop(loop.step), name=f"{self.service}-loop")
                for loop in self._loops
            ),
        ]

    async def _relay_all(self) -> None:
        woken = self._wake.is_set()
        self._wake.clear()
        if not await self.db.engine.holds(self._duty):
            if woken:
                await self._pubsub.publish(self._duty, b"")
            return
        while await self.relay():
            pass

    async def _tend(self) -> None:
        await self.inbox.retry()
        await self.jobs.step()
        age, pending = await self.db.outbox.backlog(self.db)
        telemetry.outbox_age.labels(self.service).set(age)
        telemetry.outbox_pending.labels(self.service).set(pending)

    async def prune(self) -> None:
        """Forget what is too old to matter."""
        await self.inbox.prune()
        await self._once.prune(self.db)

    async def _loop(self, work: Callable[[], object], *, wakeable: bool = False) -> None:
        pruned = self._clock.now()
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await work()  # type: ignore[misc]
                if work == self._tend and self._clock.now() - pruned > self.PRUNE * 1e6:
                    pruned = self._clock.now()
                    await self.prune()
            except Exception as error:
                log.warning(
                    "background work failed, trying again",
                    service=self.service,
                    error=repr(error),
                )
                await self._clock.sleep(self.SWEEP)
            if wakeable:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self.SWEEP)
                await asyncio.sleep(began + self.GATHER - loop.time())
            else:
                await self._clock.sleep(self.SWEEP)

    async def stop(self) -> None:
        """End the loops; what was under way is finished or rolled back, and resumes at next start."""
        self._unsubscribe()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []


class Health:
    """Whether this process can serve: `ready` while its parts are up and it isn't draining."""

    def __init__(self) -> None:
        self.started = False
        self.draining = False
        self._checks: list[tuple[str, Callable[[], bool]]] = []

    def add(self, name: str, check: Callable[[], bool]) -> None:
        self._checks.append((name, check))

    def problems(self) -> Sequence[str]:
        """Why it is not ready; empty when it is."""
        found = []
        if not self.started:
            found.append("starting")
        if self.draining:
            found.append("draining")
        return [*found, *(name for name, check in self._checks if not check())]
