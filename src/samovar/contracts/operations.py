"""Served for every service, under its name as instance: what it does in the background, and what went
wrong.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Sequence
from typing import Protocol

from samovar.contracts.common import Done
from samovar.kernel.contract import Contract, Message, Method


class GetVitalsRequest(Message, frozen=True, kw_only=True):
    """What Operations.get_vitals takes."""


class Vitals(Message, frozen=True, kw_only=True):
    """Vitals."""

    service: str = ""
    #: The process that answers.
    process: str = ""
    #: Jobs that wait for their time, are late, run now, and were given up.
    waiting_jobs: int = 0
    due_jobs: int = 0
    running_jobs: int = 0
    dead_jobs: int = 0
    #: Seconds that the oldest late job is late.
    oldest_due: float = 0.0
    #: Events not yet published, and seconds since the oldest happened.
    unpublished: int = 0
    oldest_unpublished: float = 0.0
    #: Events that are tried again, or wait behind one of their key.
    retried: int = 0
    dead_letters: int = 0


class JobsRequest(Message, frozen=True, kw_only=True):
    """What Operations.jobs takes."""

    #: "waiting", "due", "running", "dead"; empty is all.
    state: str = ""
    cursor: str = ""
    limit: int = 0


class Job(Message, frozen=True, kw_only=True):
    """Job."""

    id: int = 0
    name: str = ""
    key: str = ""
    #: "waiting", "due", "running" or "dead".
    state: str = ""
    run_at: int = 0
    attempts: int = 0
    error: str = ""
    #: Comes again and again.
    periodic: bool = False


class JobPage(Message, frozen=True, kw_only=True):
    """Job page."""

    items: tuple[Job, ...] = ()
    next: str = ""


class JobRequest(Message, frozen=True, kw_only=True):
    """What Operations.run_job takes."""

    id: int = 0


class DeadLettersRequest(Message, frozen=True, kw_only=True):
    """What Operations.dead_letters takes."""

    cursor: str = ""
    limit: int = 0


class DeadLetter(Message, frozen=True, kw_only=True):
    """Dead letter."""

    id: int = 0
    #: Full name of the event, empty when it could not be read.
    type: str = ""
    key: str = ""
    attempts: int = 0
    error: str = ""
    #: What it says, cut to some length.
    payload: str = ""


class DeadLetterPage(Message, frozen=True, kw_only=True):
    """Dead letter page."""

    items: tuple[DeadLetter, ...] = ()
    next: str = ""


class LettersRequest(Message, frozen=True, kw_only=True):
    """What Operations.replay takes."""

    ids: tuple[int, ...] = ()
    all: bool = False


class Changed(Message, frozen=True, kw_only=True):
    """Changed."""

    count: int = 0


class OperationsApi(Protocol):
    """Operations."""

    async def get_vitals(self) -> Vitals:
        """How the service's background fares. For those who may see the system, as all that only looks."""
        ...

    async def jobs(self, *, state: str, cursor: str, limit: int) -> JobPage:
        """Jobs in the order of their ids."""
        ...

    async def run_job(self, *, id: int) -> Done:
        """Have a job run soon, with all its tries. NotFound when it is done. For those who may run the
        system.
        """
        ...

    async def cancel_job(self, *, id: int) -> Done:
        """Take a job away. Periodic ones stay: Conflict."""
        ...

    async def dead_letters(self, *, cursor: str, limit: int) -> DeadLetterPage:
        """Events that were given up, oldest first."""
        ...

    async def replay(self, *, ids: Sequence[int] = (), all: bool) -> Changed:
        """Give dead letters another round of tries: those named, at most 1000, or all."""
        ...

    async def drop(self, *, ids: Sequence[int] = (), all: bool) -> Changed:
        """Throw dead letters away for good: those named, at most 1000, or all."""
        ...


OPERATIONS: Contract[OperationsApi] = Contract(
    "samovar.operations.v1.Operations",
    methods=(
        Method("get_vitals", GetVitalsRequest, Vitals, idempotent=True),
        Method("jobs", JobsRequest, JobPage, idempotent=True),
        Method("run_job", JobRequest, Done, idempotent=True),
        Method("cancel_job", JobRequest, Done),
        Method("dead_letters", DeadLettersRequest, DeadLetterPage, idempotent=True),
        Method("replay", LettersRequest, Changed),
        Method("drop", LettersRequest, Changed),
    ),
    errors=(),
)
