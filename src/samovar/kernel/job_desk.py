"""What operators see of a service's jobs and do about them."""

from functools import cache
from typing import Final

import msgspec
from sqlalchemy import MetaData, and_, bindparam, case, delete, func, literal_column, or_, select, update

from samovar.kernel.db import Query, Text, Time
from samovar.kernel.jobs import EVERY, jobs_table
from samovar.kernel.store import Db, Tx

#: States of jobs as operators see them.
STATES: Final = ("waiting", "due", "running", "dead")


class SeenJob(msgspec.Struct, frozen=True):
    """A job as operators see it."""

    id: int
    name: str
    key: str
    #: "waiting", "due", "running" or "dead".
    state: str
    run_at: int
    attempts: int
    error: str


class JobCounts(msgspec.Struct, frozen=True):
    """How many jobs there are, and when the oldest late one should have run."""

    waiting: int
    due: int
    running: int
    dead: int
    oldest_due: int | None


class _Statements:
    """Every statement of a service's desk."""

    def __init__(self, service: str) -> None:
        table = jobs_table(service, MetaData())
        job = table.c
        now = bindparam("now", type_=Time())
        running = and_(job.state == "waiting", job.leased_until.is_not(None), job.leased_until > now)
        state = case(
            (job.state == "dead", literal_column("'dead'")),
            (running, literal_column("'running'")),
            (job.run_at <= now, literal_column("'due'")),
            else_=literal_column("'waiting'"),
        )
        self.page = Query(
            select(job.id, job.name, job.key, state, job.run_at, job.attempts, job.error)
            .where(
                job.id > bindparam("after"),
                or_(bindparam("state", type_=Text()) == "", state == bindparam("state", type_=Text())),
            )
            .order_by(job.id)
            .limit(bindparam("limit"))
        )
        seen = select(state.label("state"), job.run_at).subquery()
        self.counts = Query(
            select(seen.c.state, func.count(), func.min(seen.c.run_at)).group_by(seen.c.state)
        )
        # A job that runs is left alone: its end decides what becomes of it.
        free = or_(job.leased_until.is_(None), job.leased_until <= now)
        self.run = Query(
            update(table)
            .where(job.id == bindparam("job_id"), free)
            .values(state="waiting", run_at=now, attempts=0)
        )
        self.cancel = Query(delete(table).where(job.id == bindparam("job_id"), job.key != EVERY))


#: Made once for a service, when somebody first looks.
_statements = cache(_Statements)


class JobDesk:
    """One service's jobs, as operators see them."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @property
    def _sql(self) -> _Statements:
        return _statements(self._db.service)

    async def page(self, state: str, after: int, limit: int) -> list[SeenJob]:
        """Jobs in the order of their ids."""
        now = self._db.clock.now()
        rows = await self._db.all(self._sql.page, state=state, after=after, limit=limit, now=now)
        return [SeenJob(*row) for row in rows]

    async def counts(self) -> JobCounts:
        """How many there are of each state."""
        rows = await self._db.all(self._sql.counts, now=self._db.clock.now())
        found = {row[0]: row[1:] for row in rows}
        number = {name: int(found[name][0]) if name in found else 0 for name in STATES}
        return JobCounts(**number, oldest_due=found["due"][1] if "due" in found else None)

    async def run(self, job_id: int) -> bool:
        """Have a job run soon, with all its tries before it. False when it is not there, or runs."""

        async def work(tx: Tx) -> bool:
            tx.woke = True
            return await tx.run(self._sql.run, job_id=job_id, now=self._db.clock.now()) > 0

        return await self._db.write(work)

    async def cancel(self, job_id: int) -> bool:
        """Take a job away; periodic ones stay. False when nothing went."""

        async def work(tx: Tx) -> bool:
            return await tx.run(self._sql.cancel, job_id=job_id) > 0

        return await self._db.write(work)
