"""What operators see of the machine and do about it, at /api/admin: services, jobs, dead letters, logs,
figures, settings."""

from typing import Annotated

import msgspec
from litestar.params import JSONBody, PathParameter, QueryParameter

from samovar.edge.edge import Edge
from samovar.edge.gateway.routing import Router
from samovar.edge.present.acts import Acts
from samovar.edge.present.machine import (
    EntryView,
    JobView,
    LetterView,
    Machine,
    MetricsView,
    ServiceView,
    entry_view,
)
from samovar.edge.present.staff import staff
from samovar.edge.rest.common import Changed, Cursor, Done, Limit, get, item_id, post
from samovar.kernel.errors import Invalid
from samovar.kernel.settings import Section

ServiceName = Annotated[str, PathParameter(description="A service, such as posts.", max_length=40)]
OneService = Annotated[
    str,
    QueryParameter(name="service", max_length=40, description="Only this one; empty: some of every service."),
]
State = Annotated[
    str, QueryParameter(name="state", max_length=10, description="waiting, due, running or dead; empty: all.")
]
JobId = Annotated[str, PathParameter(description="A job's id.", max_length=20)]
Level = Annotated[str, QueryParameter(max_length=10, description="At least this one, such as warning.")]
Words = Annotated[str, QueryParameter(name="q", max_length=200, description="What occurs in it.")]
Name = Annotated[str, QueryParameter(max_length=80)]


class ServiceList(msgspec.Struct, kw_only=True, frozen=True):
    """All services."""

    items: tuple[ServiceView, ...]


class JobList(msgspec.Struct, kw_only=True, frozen=True):
    """A page of jobs."""

    items: tuple[JobView, ...]
    next: str | None


class LetterList(msgspec.Struct, kw_only=True, frozen=True):
    """A page of dead letters, oldest first."""

    items: tuple[LetterView, ...]
    next: str | None


class EntryList(msgspec.Struct, kw_only=True, frozen=True):
    """A page of the log, newest first."""

    items: tuple[EntryView, ...]
    next: str | None


class SectionList(msgspec.Struct, kw_only=True, frozen=True):
    """Settings in force."""

    items: tuple[Section, ...]


class LettersBody(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Which dead letters."""

    ids: Annotated[list[Annotated[str, msgspec.Meta(max_length=20)]], msgspec.Meta(max_length=1000)] = []
    #: All there are (at most 1000 at once), instead of some.
    all: bool = False


def letter_ids(body: LettersBody) -> list[int]:
    """Ids of letters; those of messages that could not be read are negative. Raises Invalid."""
    found = []
    for text in body.ids:
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 20 and int(digits) < 1 << 63):
            raise Invalid(fields={"ids": "This is not a dead letter."})
        found.append(int(text))
    return found


def routes(edge: Edge) -> Router:
    """Route handlers."""
    machine = Machine(edge)
    acts = Acts(edge, machine)

    @get("/services", summary="Every service: its jobs, its unpublished events, what it gave up")
    async def services() -> ServiceList:
        staff("system.see")
        return ServiceList(items=await machine.vitals())

    @get("/jobs", summary="Jobs of the services")
    async def jobs(
        service: OneService = "", of_state: State = "", cursor: Cursor = "", limit: Limit = 50
    ) -> JobList:
        staff("system.see")
        items, following = await machine.jobs(service, of_state, cursor, limit)
        return JobList(items=items, next=following)

    @post("/jobs/{service:str}/{job_id:str}/run", status_code=200, summary="Have a job run soon")
    async def run(service: ServiceName, job_id: JobId) -> Done:
        staff("system.run")
        await acts.run_job(service, item_id(job_id))
        return Done()

    @post("/jobs/{service:str}/{job_id:str}/cancel", status_code=200, summary="Take a job away")
    async def cancel(service: ServiceName, job_id: JobId) -> Done:
        staff("system.run")
        await acts.cancel_job(service, item_id(job_id))
        return Done()

    @get("/dead-letters", summary="Events that were given up")
    async def letters(service: OneService = "", cursor: Cursor = "", limit: Limit = 50) -> LetterList:
        staff("system.see")
        items, following = await machine.letters(service, cursor, limit)
        return LetterList(items=items, next=following)

    @post(
        "/dead-letters/{service:str}/replay",
        status_code=200,
        summary="Give dead letters another round of tries",
    )
    async def replay(service: ServiceName, data: JSONBody[LettersBody]) -> Changed:
        staff("system.run")
        return Changed(count=await acts.replay(service, letter_ids(data), everything=data.all))

    @post("/dead-letters/{service:str}/drop", status_code=200, summary="Throw dead letters away for good")
    async def drop(service: ServiceName, data: JSONBody[LettersBody]) -> Changed:
        staff("system.run")
        return Changed(count=await acts.drop(service, letter_ids(data), everything=data.all))

    @get("/logs", summary="Recent logs of all processes")
    async def logs(
        level: Level = "", words: Words = "", request_id: Name = "", trace_id: Name = "", source: Name = "",
        cursor: Cursor = "", limit: Limit = 50,
    ) -> EntryList:  # fmt: skip
        staff("system.see")
        page = await edge.logs.find(
            level=level, text=words, request_id=request_id, trace_id=trace_id, source=source, since=0,
            until=0, cursor=cursor, limit=limit,
        )  # fmt: skip
        return EntryList(items=tuple(map(entry_view, page.items)), next=page.next or None)

    @get("/metrics", summary="The last half hour of the process that answers")
    async def metrics() -> MetricsView:
        staff("system.see")
        return machine.metrics()

    @get("/settings", summary="The settings in force, secrets hidden, and where each was given")
    async def settings() -> SectionList:
        staff("system.see")
        return SectionList(items=tuple(machine.settings()))

    return Router(
        "/admin",
        tags=["machine"],
        route_handlers=[services, jobs, run, cancel, letters, replay, drop, logs, metrics, settings],
    )
