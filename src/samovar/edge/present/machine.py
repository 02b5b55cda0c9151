"""The machine as operators see it: services, jobs, dead letters, logs, figures, limits."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from samovar.contracts.limits import ActionRule, Network
from samovar.contracts.logs import Entry
from samovar.contracts.operations import OPERATIONS, DeadLetter, Job, OperationsApi, Vitals
from samovar.edge.edge import Edge
from samovar.edge.present.times import rfc3339
from samovar.kernel.errors import AppError, NotFound
from samovar.kernel.ring import EVERY, Sample
from samovar.kernel.settings import Section

#: Of each service, when all are asked.
OF_EACH: Final = 20


class ServiceView(msgspec.Struct, kw_only=True, frozen=True):
    """One service's background."""

    service: str
    #: False when it does not answer: the numbers are then unknown.
    reached: bool = True
    process: str = ""
    waiting_jobs: int = 0
    due_jobs: int = 0
    running_jobs: int = 0
    dead_jobs: int = 0
    #: Seconds that the oldest late job is late.
    oldest_due: float = 0.0
    unpublished: int = 0
    #: Seconds since the oldest unpublished event happened.
    oldest_unpublished: float = 0.0
    retried: int = 0
    dead_letters: int = 0


class JobView(msgspec.Struct, kw_only=True, frozen=True):
    """A job."""

    service: str
    id: str
    name: str
    key: str
    #: "waiting", "due", "running" or "dead".
    state: str
    run_at: str
    attempts: int
    error: str
    periodic: bool


class LetterView(msgspec.Struct, kw_only=True, frozen=True):
    """An event that was given up."""

    service: str
    id: str
    type: str
    key: str
    attempts: int
    error: str
    payload: str


class EntryView(msgspec.Struct, kw_only=True, frozen=True):
    """A line of the log."""

    id: str
    at: str
    level: str
    event: str
    process: str
    service: str
    request_id: str
    trace_id: str
    #: All else that was said.
    fields: dict[str, Any]


class MetricsView(msgspec.Struct, kw_only=True, frozen=True):
    """What the process that answers did lately."""

    #: Other processes have figures of their own.
    process: str
    #: Seconds between two samples.
    every: float
    samples: tuple[Sample, ...]


class RuleView(msgspec.Struct, kw_only=True, frozen=True):
    """How often something may be done."""

    action: str
    rule: str
    #: What the settings say.
    declared: str
    changed: bool


class NetworkView(msgspec.Struct, kw_only=True, frozen=True):
    """A network that is let through or kept out."""

    network: str
    #: "allow" or "block".
    stand: str
    reason: str
    until: str | None
    listed_at: str


class Machine:
    """Asks every service, wherever it is."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self.services: Sequence[str] = edge.peers.instances(OPERATIONS)

    def of(self, service: str) -> OperationsApi:
        """The desk of one service. Raises NotFound."""
        if service not in self.services:
            raise NotFound("There is no such service.")
        return self._edge.peers.get(OPERATIONS, service)

    async def vitals(self) -> tuple[ServiceView, ...]:
        """All services; those that don't answer say so."""
        return tuple(await asyncio.gather(*(self._vitals(service) for service in self.services)))

    async def _vitals(self, service: str) -> ServiceView:
        try:
            found = await self.of(service).get_vitals()
        except AppError as error:
            if error.status != "UNAVAILABLE":
                raise
            return ServiceView(service=service, reached=False)
        return ServiceView(**{name: getattr(found, name) for name in Vitals.__struct_fields__})

    async def jobs(
        self, service: str, state: str, cursor: str, limit: int
    ) -> tuple[tuple[JobView, ...], str | None]:
        """Jobs of one service by pages, or some of each."""
        if service:
            page = await self.of(service).jobs(state=state, cursor=cursor, limit=limit)
            return tuple(job_view(service, job) for job in page.items), page.next or None
        found = await self._of_all(lambda api: api.jobs(state=state, cursor="", limit=min(limit, OF_EACH)))
        return tuple(job_view(name, job) for name, page in found for job in page.items), None

    async def letters(
        self, service: str, cursor: str, limit: int
    ) -> tuple[tuple[LetterView, ...], str | None]:
        """Dead letters of one service by pages, or some of each."""
        if service:
            page = await self.of(service).dead_letters(cursor=cursor, limit=limit)
            return tuple(letter_view(service, one) for one in page.items), page.next or None
        found = await self._of_all(lambda api: api.dead_letters(cursor="", limit=min(limit, OF_EACH)))
        return tuple(letter_view(name, one) for name, page in found for one in page.items), None

    async def _of_all(self, ask: Any) -> list[tuple[str, Any]]:
        """Answers of all services that are within reach."""

        async def one(service: str) -> tuple[str, Any] | None:
            try:
                return service, await ask(self.of(service))
            except AppError as error:
                if error.status != "UNAVAILABLE":
                    raise
                return None

        answers = await asyncio.gather(*(one(service) for service in self.services))
        return [answer for answer in answers if answer is not None]

    def metrics(self) -> MetricsView:
        """This process's last half hour."""
        edge = self._edge
        return MetricsView(process=edge.process, every=EVERY, samples=tuple(edge.ring.samples))

    def settings(self) -> Sequence[Section]:
        """The settings in force, secrets hidden."""
        return self._edge.sections()


def job_view(service: str, job: Job) -> JobView:
    return JobView(
        service=service, id=str(job.id), name=job.name, key=job.key, state=job.state,
        run_at=rfc3339(job.run_at), attempts=job.attempts, error=job.error, periodic=job.periodic,
    )  # fmt: skip


def letter_view(service: str, letter: DeadLetter) -> LetterView:
    return LetterView(
        service=service, id=str(letter.id), type=letter.type, key=letter.key, attempts=letter.attempts,
        error=letter.error, payload=letter.payload,
    )  # fmt: skip


def entry_view(entry: Entry) -> EntryView:
    """A line of the log as it is shown."""
    try:
        fields = msgspec.json.decode(entry.fields, type=dict[str, Any])
    except ValueError:  # it was too long, and is cut
        fields = {"cut": entry.fields}
    return EntryView(
        id=str(entry.id), at=rfc3339(entry.at), level=entry.level, event=entry.event, process=entry.process,
        service=entry.service, request_id=entry.request_id, trace_id=entry.trace_id, fields=fields,
    )  # fmt: skip


def rule_view(rule: ActionRule) -> RuleView:
    return RuleView(action=rule.action, rule=rule.rule, declared=rule.declared, changed=rule.changed)


def network_view(network: Network) -> NetworkView:
    return NetworkView(
        network=network.network, stand=network.stand, reason=network.reason,
        until=rfc3339(network.until) if network.until else None, listed_at=rfc3339(network.listed_at),
    )  # fmt: skip
