"""Rooms of the machine: jobs, dead letters, logs, figures."""

from itertools import groupby
from typing import Any
from urllib.parse import urlencode

import litestar
from litestar import Response
from litestar.params import FromPath

from samovar.edge.present.acts import Acts
from samovar.edge.present.machine import Machine, entry_view
from samovar.edge.present.sparks import HEIGHT, WIDTH, sparks
from samovar.edge.present.staff import staff
from samovar.edge.rest.machine import LettersBody, letter_ids
from samovar.edge.web.pages.admin import show
from samovar.edge.web.pages.frame import Frame, Req, form_of, local, redirect
from samovar.edge.web.pages.reading import cursor_of
from samovar.kernel.authz import may
from samovar.kernel.context import current_call
from samovar.kernel.errors import Conflict, NotFound
from samovar.kernel.ids import parse_id
from samovar.kernel.job_desk import STATES

LEVELS = ("debug", "info", "warning", "error")
PAGE = 50


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    machine = Machine(frame.edge)
    acts = Acts(frame.edge, machine)
    return [*_jobs(frame, machine, acts), *_letters(frame, machine, acts), *_watching(frame, machine)]


def _asked(request: Req, *names: str) -> dict[str, str]:
    """Parameters of the address, those that are there."""
    return {name: text[:200] for name in names if (text := request.query_params.get(name, "").strip())}


def _may_run() -> bool:
    return may(current_call(), "system.run")


def _jobs(frame: Frame, machine: Machine, acts: Acts) -> list[Any]:
    @litestar.get("/admin/jobs", include_in_schema=False)
    async def jobs(request: Req) -> Response[str]:
        staff("system.see")
        asked = _asked(request, "service", "state")
        state = asked.get("state", "" if "service" in asked else "dead")
        state = state if state in STATES else ""
        service = asked.get("service", "")
        items, following = await machine.jobs(service, state, cursor_of(request), PAGE)
        return await show(
            frame, request, "jobs", "jobs.html", services=await machine.vitals(), jobs=items,
            chosen=service, state=state, may_run=_may_run(),
            more=f"/admin/jobs?{urlencode(asked | {'cursor': following})}" if following else "",
        )  # fmt: skip

    @litestar.post(
        "/admin/jobs/{service:str}/{job_id:str}/{act:str}", status_code=200, include_in_schema=False
    )
    async def act(request: Req, service: FromPath[str], job_id: FromPath[str], act: FromPath[str]) -> Any:
        staff("system.run")
        number = parse_id(job_id)
        if number is None or act not in ("run", "cancel"):
            raise NotFound
        back = local((await form_of(request)).get("back", "") or "/admin/jobs")
        try:
            await (acts.run_job if act == "run" else acts.cancel_job)(service, number)
        except NotFound:
            return redirect(back, "job_done")
        except Conflict:
            return redirect(back, "job_periodic")
        return redirect(back, "job_run" if act == "run" else "job_cancelled")

    return [jobs, act]


def _letters(frame: Frame, machine: Machine, acts: Acts) -> list[Any]:
    @litestar.get("/admin/dead-letters", include_in_schema=False)
    async def letters(request: Req) -> Response[str]:
        staff("system.see")
        service = _asked(request, "service").get("service", "")
        items, following = await machine.letters(service, cursor_of(request), PAGE)
        return await show(
            frame, request, "dead-letters", "dead_letters.html", services=machine.services, chosen=service,
            groups=[(name, list(group)) for name, group in groupby(items, lambda letter: letter.service)],
            may_run=_may_run(),
            more=f"/admin/dead-letters?{urlencode({'service': service, 'cursor': following})}"
            if following else "",
        )  # fmt: skip

    @litestar.post("/admin/dead-letters/{service:str}/{act:str}", status_code=200, include_in_schema=False)
    async def act(request: Req, service: FromPath[str], act: FromPath[str]) -> Response[Any]:
        staff("system.run")
        if act not in ("replay", "drop"):
            raise NotFound
        form = await form_of(request)
        back = local(form.get("back", "") or "/admin/dead-letters")
        ids = letter_ids(LettersBody(ids=form["lists"].get("ids", [])[:1000]))
        everything = bool(form.get("all"))
        if not ids and not everything:
            return redirect(back, "none_chosen")
        if act == "drop" and not form.get("sure"):
            return await show(
                frame, request, "dead-letters", "drop_letters.html", service=service, ids=ids,
                all=everything, back=back,
            )  # fmt: skip
        if not await (acts.replay if act == "replay" else acts.drop)(service, ids, everything=everything):
            return redirect(back, "none_chosen")
        return redirect(back, "replayed" if act == "replay" else "dropped")

    return [letters, act]


def _watching(frame: Frame, machine: Machine) -> list[Any]:
    edge = frame.edge

    @litestar.get("/admin/logs", include_in_schema=False)
    async def logs(request: Req) -> Response[str]:
        staff("system.see")
        asked = _asked(request, "level", "q", "request", "trace", "source")
        level = asked.get("level", "")
        page = await edge.logs.find(
            level=level if level in LEVELS else "", text=asked.get("q", ""),
            request_id=asked.get("request", ""), trace_id=asked.get("trace", ""),
            source=asked.get("source", ""), since=0, until=0, cursor=cursor_of(request), limit=PAGE,
        )  # fmt: skip
        return await show(
            frame, request, "logs", "logs.html", asked=asked, levels=LEVELS,
            entries=[entry_view(entry) for entry in page.items],
            more=f"/admin/logs?{urlencode(asked | {'cursor': page.next})}" if page.next else "",
        )  # fmt: skip

    @litestar.get("/admin/metrics", include_in_schema=False)
    async def metrics(request: Req) -> Response[str]:
        staff("system.see")
        await frame.me(request)  # settles the language of the plots
        return await show(
            frame, request, "metrics", "metrics.html", plots=sparks(edge.ring.samples), width=WIDTH,
            height=HEIGHT, process=edge.process, services=await machine.vitals(),
            grafana=edge.settings.grafana,
        )  # fmt: skip

    return [logs, metrics]
