"""Durable jobs: things to be done at a time, movable and cancellable, kept in the service's own
tables. A job runs at least once: its handler must bear being run again."""

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog
from sqlalchemy import (
    Column,
    Index,
    MetaData,
    Table,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from samovar.kernel import telemetry, tracing
from samovar.kernel.clock import SECOND, Clock
from samovar.kernel.context import calling, system_call
from samovar.kernel.db import Count, Id, Json, Query, Text, Time
from samovar.kernel.ids import Ids
from samovar.kernel.upsert import excluded, upsert

if TYPE_CHECKING:
    from samovar.kernel.store import Db, Tx

log = structlog.get_logger(__name__)

#: A running job that has not ended by then is taken to have died with its process.
LEASE: Final = 300 * SECOND
BACKOFF: Final = (5, 30, 120, 600, 3600)
#: The key of periodic jobs.
EVERY: Final = "every"

JobHandler = Callable[[str, Any], Awaitable[None]]


class Jobs(msgspec.Struct, frozen=True):
    """What a service does later: handlers by job name, and names with seconds between runs."""

    handlers: Mapping[str, JobHandler] = {}
    every: Mapping[str, int] = {}


class DueJob(msgspec.Struct, frozen=True):
    """A job whose time has come, taken by this process for a while."""

    id: int
    name: str
    key: str
    payload: Any
    attempts: int


class _Statements:
    """Every statement of a service's jobs."""

    def __init__(self, service: str) -> None:
        table = jobs_table(service, MetaData())
        job = table.c
        moved = {"run_at", "payload", "state", "attempts", "leased_until"}
        self.schedule = Query(
            upsert(
                table,
                [job.name, job.key],
                update={name: excluded(name) for name in sorted(moved)},
            )
        )
        self.ensure = Query(upsert(table, [job.name, job.key]))
        self.cancel = Query(delete(table).where(job.name == bindparam("name"), job.key == bindparam("key")))
        self.cancel_below = Query(
            delete(table).where(
                job.name == bindparam("name"),
                func.substr(job.key, 1, bindparam("length", type_=Count())) == bindparam("prefix"),
            )
        )
        self.planned = Query(
            select(job.payload).where(
                job.name == bindparam("name"), job.key == bindparam("key"), job.state == "waiting"
            )
        )
        self.due = Query(
            select(job.id, job.name, job.key, job.payload, job.attempts)
            .where(
                job.state == "waiting",
                job.run_at <= bindparam("now"),
                or_(job.leased_until.is_(None), job.leased_until <= bindparam("now")),
            )
            .order_by(job.run_at)
            .limit(bindparam("limit"))
        )
        self.lease = Query(
            update(table)
            .where(
                job.id == bindparam("id"),
                or_(job.leased_until.is_(None), job.leased_until <= bindparam("now")),
            )
            .values(leased_until=bindparam("until"))
        )
        # A job moved while it ran has lost its lease and stays.
        self.finish = Query(
            delete(table).where(job.id == bindparam("id"), job.leased_until == bindparam("until"))
        )
        self.retry = Query(
            update(table)
            .where(job.id == bindparam("id"), job.leased_until == bindparam("until"))
            .values(
                attempts=bindparam("attempts"), run_at=bindparam("at"), state=bindparam("state"),
                error=bindparam("error"), leased_until=None,
            )
        )  # fmt: skip
        self.count_dead = Query(select(func.count()).where(job.state == "dead"))


#: Made once for a service, however many houses it lives in.
_statements = cache(_Statements)


class JobTable:
    """One service's jobs."""

    def __init__(self, service: str, clock: Clock, ids: Ids) -> None:
        self.service = service
        self._clock = clock
        self._ids = ids
        self._sql = _statements(service)

    def _row(self, name: str, key: str, at: int, payload: Any) -> dict[str, Any]:
        return dict(  # noqa: C408 - reads as the columns
            id=self._ids(), name=name, key=key, run_at=at, payload=payload, attempts=0,
            leased_until=None, state="waiting", error="",
        )  # fmt: skip

    async def schedule(self, tx: "Tx", name: str, key: str, at: int, payload: Any) -> None:
        await tx.run(self._sql.schedule, **self._row(name, key, at, payload))

    async def ensure(self, tx: "Tx", name: str, key: str, at: int) -> None:
        """Schedule unless it is already there."""
        await tx.run(self._sql.ensure, **self._row(name, key, at, None))

    async def planned(self, tx: "Tx", name: str, key: str) -> Any:
        """The payload of a job that is scheduled."""
        return await tx.value(self._sql.planned, name=name, key=key)

    async def cancel(self, tx: "Tx", name: str, key: str) -> bool:
        return await tx.run(self._sql.cancel, name=name, key=key) > 0

    async def cancel_below(self, tx: "Tx", name: str, prefix: str) -> int:
        """Take back all jobs of a name whose keys begin so; answers how many."""
        return await tx.run(self._sql.cancel_below, name=name, prefix=prefix, length=len(prefix))

    async def due(self, db: "Db", limit: int = 50) -> list[DueJob]:
        return [DueJob(*row) for row in await db.all(self._sql.due, now=self._clock.now(), limit=limit)]

    async def lease(self, db: "Db", job: DueJob) -> int | None:
        """Take a job for running; None when somebody else has it. Answers the lease's end."""
        now = self._clock.now()
        until = now + LEASE

        async def work(tx: "Tx") -> bool:
            return await tx.run(self._sql.lease, id=job.id, now=now, until=until) > 0

        return until if await db.write(work) else None

    async def finish(self, db: "Db", job: DueJob, until: int, again_at: int | None) -> None:
        """Take a job that is done away, or put it at its next time."""

        async def work(tx: "Tx") -> None:
            if again_at is None:
                await tx.run(self._sql.finish, id=job.id, until=until)
            else:
                await tx.run(
                    self._sql.retry,
                    id=job.id,
                    until=until,
                    attempts=0,
                    at=again_at,
                    state="waiting",
                    error="",
                )

        await db.write(work)

    async def fail(self, db: "Db", job: DueJob, until: int, error: str, *, dead: bool) -> None:
        """Have a job tried again later, or give it up."""
        wait = BACKOFF[min(job.attempts, len(BACKOFF) - 1)] * SECOND

        async def work(tx: "Tx") -> None:
            await tx.run(
                self._sql.retry, id=job.id, until=until, attempts=job.attempts + 1,
                at=self._clock.now() + wait, state="dead" if dead else "waiting", error=error[:2000],
            )  # fmt: skip

        await db.write(work)

    async def count_dead(self, db: "Db") -> int:
        return int(await db.value(self._sql.count_dead))


class JobRunner:
    """Runs a service's jobs whose time has come."""

    def __init__(self, db: "Db", clock: Clock, jobs: Jobs, attempts: int = 10) -> None:
        self._db = db
        self._clock = clock
        self._jobs = jobs
        self._attempts = attempts

    async def start(self) -> None:
        """Make sure that every periodic job is planned."""
        if not self._jobs.every:
            return

        async def work(tx: "Tx") -> None:
            for name, seconds in self._jobs.every.items():
                await self._db.jobs.ensure(tx, name, EVERY, self._clock.now() + seconds * SECOND)

        await self._db.write(work)

    async def step(self) -> int:
        """Run what is due. Answers how many ran."""
        ran = 0
        for job in await self._db.jobs.due(self._db):
            until = await self._db.jobs.lease(self._db, job)
            if until is None:
                continue
            ran += 1
            await self._run(job, until)
        return ran

    async def _run(self, job: DueJob, until: int) -> None:
        try:
            handler = self._jobs.handlers[job.name]
            about = f"{self._db.service} does {job.name}"
            with calling(system_call(self._db.service)), tracing.span(about, "consumer"):
                await handler(job.key, job.payload)
        except Exception as error:
            dead = job.attempts + 1 >= self._attempts and job.key != EVERY
            log.warning(
                "job failed",
                service=self._db.service,
                job=job.name,
                key=job.key,
                error=repr(error),
            )
            telemetry.jobs_run.labels(self._db.service, "dead" if dead else "failed").inc()
            if dead:
                telemetry.dead_letters.labels(self._db.service).inc()
            await self._db.jobs.fail(self._db, job, until, repr(error), dead=dead)
        else:
            telemetry.jobs_run.labels(self._db.service, "done").inc()
            seconds = self._jobs.every.get(job.name) if job.key == EVERY else None
            again = None if seconds is None else self._clock.now() + seconds * SECOND
            await self._db.jobs.finish(self._db, job, until, again)


def jobs_table(service: str, meta: MetaData) -> Table:
    return Table(
        f"{service}_jobs",
        meta,
        Column("id", Id, primary_key=True, autoincrement=False),
        Column("name", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("run_at", Time, nullable=False),
        Column("payload", Json, nullable=True),
        Column("attempts", Count, nullable=False),
        Column("leased_until", Time, nullable=True),
        Column("state", Text, nullable=False),
        Column("error", Text, nullable=False),
        Index(f"{service}_jobs_name_key", "name", "key", unique=True),
        Index(f"{service}_jobs_due", "run_at"),
    )
