"""The queue of cases, and one case."""

from contextlib import suppress
from typing import Any, Final

import litestar
from litestar import Response
from litestar.params import FromPath

from samovar.edge.present.desk import Desk
from samovar.edge.web.pages.admin.acts import (
    TERMS,
    actions_of,
    back_with,
    done_of,
    ids_of,
    number_of,
    offered,
    refused,
)
from samovar.edge.web.pages.admin.rooms import enter, show
from samovar.edge.web.pages.frame import Frame, Req, form_of, redirect, told
from samovar.edge.web.pages.reading import cursor_of
from samovar.kernel.errors import AppError, NotFound

STATES: Final = ("open", "resolved", "dismissed", "all")
REASONS: Final = ("spam", "rude", "harassment", "illegal", "wrong_place", "other")
ASSIGNED: Final = ("", "mine", "free")
LIMIT: Final = 30


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge, api = frame.edge, frame.edge.moderation
    desk = Desk(edge, frame.people, frame.media)
    kinds = (*edge.kinds, "person")

    def chosen(request: Req) -> dict[str, str]:
        """The filter of a queue; what it does not know is left out."""
        query = request.query_params
        known = {"state": STATES, "kind": kinds, "reason": REASONS, "assigned": ASSIGNED}
        found = {name: query.get(name, "") for name in known}
        return {name: value if value in known[name] else "" for name, value in found.items()}

    async def queue_page(
        request: Req, errors: dict[str, str] | None = None, status: int = 200
    ) -> Response[str]:
        wanted = (
            chosen(request) if status == 200 else dict.fromkeys(("state", "kind", "reason", "assigned"), "")
        )
        page = await api.cases(**wanted, person_id=0, reporter_id=0, cursor=cursor_of(request), limit=LIMIT)
        return await show(
            frame, request, "reports", "reports.html", status, cases=await desk.cases(page.items),
            next=page.next or None, chosen=wanted, states=STATES, kinds=kinds, reasons_to_report=REASONS,
            reasons=(await api.reasons()).items, may_hide="hide" in offered("post"), errors=errors or {},
            **done_of(request),
        )  # fmt: skip

    async def case_page(
        request: Req, case_id: int, errors: dict[str, str] | None = None, status: int = 200,
        values: dict[str, Any] | None = None,
    ) -> Response[str]:  # fmt: skip
        found = await desk.file(await api.open(id=case_id))
        return await show(
            frame, request, "reports", "case.html", status, file=found, case=found.case,
            reasons=(await api.reasons()).items, offered=offered(found.case.kind), terms=TERMS,
            errors=errors or {}, values=values or {}, **done_of(request),
        )  # fmt: skip

    async def ban_files(case_id: int, seen: int, reason: str) -> None:
        """Take the files of a case's item no more, nor what looks like them. Nothing where the decision will
        be refused because somebody was quicker."""
        file = await api.open(id=case_id)
        files = sorted({media_id for one in file.evidence for media_id in one.exhibit.media_ids})[:20]
        if not files or seen not in (0, file.case.version):
            return
        await api.record(
            action="files.banned", person_id=file.case.person_id, why=reason, before="",
            after=", ".join(map(str, files)),
        )  # fmt: skip
        for media_id in files:
            with suppress(NotFound):
                await edge.media.ban_hash(id=media_id, sha256="", reason=reason)

    @litestar.get("/admin/reports", include_in_schema=False)
    async def queue(request: Req) -> Response[str]:
        enter("reports")
        return await queue_page(request)

    @litestar.get("/admin/reports/{case:str}", include_in_schema=False)
    async def case(request: Req, case: FromPath[str]) -> Response[str]:
        enter("reports")
        return await case_page(request, number_of(case))

    @litestar.post("/admin/reports/many", status_code=200, include_in_schema=False)
    async def many(request: Req) -> Response[Any]:
        """What the queue's form does with all cases that are chosen in it."""
        enter("reports")
        form = await form_of(request)
        ids, do = ids_of(form["lists"].get("case", [])), form.get("do", "")
        back = form.get("back", "") or "/admin/reports"
        try:
            if do == "dismiss":
                await api.dismiss(case_ids=ids, version=0)
                return back_with(back, done=str(len(ids)))
            if do == "claim":
                for one in (await api.get_many(ids=ids)).items:
                    await api.claim(id=one.id, version=one.version, claim=True)
                return back_with(back, done=str(len(ids)))
            made = await api.act(
                case_ids=ids, kind="", subject_ids=(),
                actions=actions_of({**form, "lists": {"action": [do or "hide"]}}, edge.clock.now()),
                reason=form.get("reason", ""), message="", version=0,
            )  # fmt: skip
            undo = ",".join(str(one.id) for one in made.items)
            return back_with(back, done=str(len(ids)), undo=undo)
        except AppError as error:
            status = refused(error)
            await frame.me(request)
            return await queue_page(request, {"form": " ".join(told(error).values())}, status)

    @litestar.post("/admin/reports/{case:str}/{act:str}", status_code=200, include_in_schema=False)
    async def do(request: Req, case: FromPath[str], act: FromPath[str]) -> Response[Any]:
        enter("reports")
        form, number = await form_of(request), number_of(case)
        version = form.get("version", "")
        seen = int(version) if version.isdecimal() and len(version) < 10 else 0
        here = f"/admin/reports/{number}"
        try:
            if act in ("claim", "release"):
                await api.claim(id=number, version=seen, claim=act == "claim")
            elif act == "notes":
                await api.add_note(case_id=number, person_id=0, text=form.get("text", ""))
            elif act == "dismiss":
                await api.dismiss(case_ids=(number,), version=seen)
                return back_with("/admin/reports", done="1")
            elif act == "approve":
                await api.approve(case_ids=(number,))
                return back_with("/admin/reports", done="1")
            else:
                decided = form["lists"].get("action") and (form.get("reason") or form.get("message"))
                if form.get("ban_files") and decided:
                    # First: a deletion takes the files along, and then nobody knows their looks.
                    await ban_files(number, seen, form.get("reason", ""))
                made = await api.act(
                    case_ids=(number,), kind="", subject_ids=(), actions=actions_of(form, edge.clock.now()),
                    reason=form.get("reason", ""), message=form.get("message", ""), version=seen,
                )  # fmt: skip
                return back_with(here, done="1", undo=",".join(str(one.id) for one in made.items))
        except AppError as error:
            status = refused(error)
            await frame.me(request)
            return await case_page(request, number, {"form": " ".join(told(error).values())}, status, form)
        return redirect(here)

    return [queue, case, many, do]
