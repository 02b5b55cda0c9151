"""What every service serves for operators without a line of its own: its background and what went wrong."""

from collections.abc import Sequence
from typing import Final

import structlog

from samovar.contracts import operations as contract
from samovar.contracts.common import Done
from samovar.kernel.authz import require
from samovar.kernel.clock import SECOND
from samovar.kernel.context import current_call
from samovar.kernel.errors import Conflict, Invalid, NotFound
from samovar.kernel.inbox import FIRST as BELOW_ALL
from samovar.kernel.inbox import DeadLetter
from samovar.kernel.job_desk import STATES, JobDesk, SeenJob
from samovar.kernel.jobs import EVERY
from samovar.kernel.paging import page_size
from samovar.kernel.process import Worker

log = structlog.get_logger(__name__)

#: Dead letters that one call deals with.
MOST: Final = 1000
#: Of what an event says, so much is shown.
SHOWN: Final = 4000


class OperationsRpc:
    """Serves the contract for one service."""

    def __init__(self, worker: Worker, process: str) -> None:
        self._worker = worker
        self._process = process
        self._desk = JobDesk(worker.db)

    async def get_vitals(self) -> contract.Vitals:
        require(current_call(), "system.see")
        worker = self._worker
        jobs = await self._desk.counts()
        age, unpublished = await worker.db.outbox.backlog(worker.db)
        aside = await worker.inbox.aside()
        late = 0.0 if jobs.oldest_due is None else (worker.db.clock.now() - jobs.oldest_due) / SECOND
        return contract.Vitals(
            service=worker.service, process=self._process, waiting_jobs=jobs.waiting, due_jobs=jobs.due,
            running_jobs=jobs.running, dead_jobs=jobs.dead, oldest_due=late, unpublished=unpublished,
            oldest_unpublished=age, retried=aside.get("waiting", 0), dead_letters=aside.get("dead", 0),
        )  # fmt: skip

    async def jobs(self, *, state: str = "", cursor: str = "", limit: int = 0) -> contract.JobPage:
        require(current_call(), "system.see")
        if state not in ("", *STATES):
            raise Invalid(fields={"state": "Choose waiting, due, running or dead."})
        most = page_size(limit, usual=50)
        found = await self._desk.page(state, _after(cursor, 0), most)
        return contract.JobPage(items=tuple(map(_job, found)), next=_next(found, most))

    async def run_job(self, *, id: int) -> Done:
        self._note("job is run again", id=id)
        if not await self._desk.run(id):
            raise NotFound("This job is done, or runs just now.")
        return Done()

    async def cancel_job(self, *, id: int) -> Done:
        self._note("job is cancelled", id=id)
        if not await self._desk.cancel(id):
            if any(job.id == id for job in await self._desk.page("", id - 1, 1)):
                raise Conflict("This job comes again and again: it can't be cancelled.")
            raise NotFound("This job is done.")
        return Done()

    async def dead_letters(self, *, cursor: str = "", limit: int = 0) -> contract.DeadLetterPage:
        require(current_call(), "system.see")
        most = page_size(limit, usual=50)
        found = await self._worker.inbox.dead_letters(most, _after(cursor, BELOW_ALL))
        return contract.DeadLetterPage(items=tuple(map(_letter, found)), next=_next(found, most))

    async def replay(self, *, ids: Sequence[int] = (), all: bool = False) -> contract.Changed:
        self._note("dead letters are tried again", ids=list(ids), all=all)
        return contract.Changed(count=await self._worker.inbox.replay(await self._chosen(ids, all)))

    async def drop(self, *, ids: Sequence[int] = (), all: bool = False) -> contract.Changed:
        self._note("dead letters are thrown away", ids=list(ids), all=all)
        return contract.Changed(count=await self._worker.inbox.throw(await self._chosen(ids, all)))

    async def _chosen(self, ids: Sequence[int], all: bool) -> list[int]:
        if len(ids) > MOST:
            raise Invalid(fields={"ids": "Choose at most 1000 at once."})
        if not all:
            return list(ids)
        return [letter.id for letter in await self._worker.inbox.dead_letters(MOST)]

    def _note(self, what: str, **more: object) -> None:
        """Who may act; and that they did stands in the log, wherever else it is kept."""
        call = current_call()
        require(call, "system.run")
        log.warning(what, service=self._worker.service, by=call.actor or call.caller, **more)


def _after(cursor: str, first: int) -> int:
    """The id that a page goes on above. Raises Invalid for a cursor that is not ours."""
    if not cursor:
        return first
    digits = cursor.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 20) or int(digits) >= 1 << 63:
        raise Invalid(fields={"cursor": "This list can't be continued from there."})
    return int(cursor)


def _next(found: Sequence[SeenJob] | Sequence[DeadLetter], most: int) -> str:
    return str(found[-1].id) if len(found) == most else ""


def _job(job: SeenJob) -> contract.Job:
    return contract.Job(
        id=job.id, name=job.name, key=job.key, state=job.state, run_at=job.run_at, attempts=job.attempts,
        error=job.error, periodic=job.key == EVERY,
    )  # fmt: skip


def _letter(letter: DeadLetter) -> contract.DeadLetter:
    return contract.DeadLetter(
        id=letter.id, type=letter.type, key=letter.key, attempts=letter.attempts, error=letter.error,
        payload=letter.payload[:SHOWN],
    )  # fmt: skip
