"""The room of people: who is here, how they stand, what was decided about them."""

from typing import Any, Final

import litestar
from litestar import Response
from litestar.params import FromPath

from samovar.edge.present.desk import Desk, role_view
from samovar.edge.rest.staff import give_roles
from samovar.edge.web.pages.admin.acts import (
    TERMS,
    actions_of,
    back_with,
    done_of,
    number_of,
    offered,
    refused,
)
from samovar.edge.web.pages.admin.rooms import enter, show
from samovar.edge.web.pages.frame import Frame, Req, form_of, redirect, told
from samovar.edge.web.pages.reading import cursor_of
from samovar.kernel.authz import may
from samovar.kernel.context import current_call
from samovar.kernel.errors import AppError, NotFound

FILTERS: Final = ("", "staff", "suspended", "silenced")


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge, api = frame.edge, frame.edge.moderation
    desk = Desk(edge, frame.people, frame.media)

    @litestar.get("/admin/people", include_in_schema=False)
    async def people(request: Req) -> Response[str]:
        enter("people")
        text, which = request.query_params.get("q", "")[:100], request.query_params.get("filter", "")
        which = which if which in FILTERS else ""
        page = await edge.identity.find(text=text, filter=which, cursor=cursor_of(request), limit=30)
        return await show(
            frame, request, "people", "people.html", found=await desk.dossiers(page.items), q=text,
            filter=which, filters=FILTERS, next=page.next or None,
        )  # fmt: skip

    async def person_page(
        request: Req, person_id: int, errors: dict[str, str] | None = None, status: int = 200,
        values: dict[str, Any] | None = None,
    ) -> Response[str]:  # fmt: skip
        found = (await edge.identity.dossiers(ids=(person_id,))).items
        if not found:
            raise NotFound
        call = current_call()
        more: dict[str, Any] = {"cases": (), "reported": (), "decisions": (), "notes": (), "reasons": ()}
        if may(call, "reports.see"):
            every: dict[str, Any] = {
                "state": "all",
                "kind": "",
                "reason": "",
                "assigned": "",
                "cursor": "",
                "limit": 10,
            }
            about = await api.cases(**every, person_id=person_id, reporter_id=0)
            by = await api.cases(**every, person_id=0, reporter_id=person_id)
            decided = await api.decisions(person_id=person_id, by_id=0, cursor="", limit=20)
            notes = await api.notes_of(person_id=person_id)
            more = {
                "cases": await desk.cases(about.items), "reported": await desk.cases(by.items),
                "decisions": await desk.decisions(decided.items), "notes": await desk.notes(notes.items),
                "reasons": (await api.reasons()).items,
            }  # fmt: skip
        roles: tuple[Any, ...] = ()
        if may(call, "accounts.roles"):
            roles = tuple(map(role_view, (await edge.identity.roles()).items))
        return await show(
            frame, request, "people", "person.html", status, one=(await desk.dossiers(found))[0],
            all_roles=roles, offered=offered("person") if may(call, "reports.see") else [], terms=TERMS,
            errors=errors or {}, values=values or {}, **more, **done_of(request),
        )  # fmt: skip

    @litestar.get("/admin/people/{person:str}", include_in_schema=False)
    async def one(request: Req, person: FromPath[str]) -> Response[str]:
        enter("people")
        return await person_page(request, number_of(person))

    @litestar.post("/admin/people/{person:str}/{act:str}", status_code=200, include_in_schema=False)
    async def do(request: Req, person: FromPath[str], act: FromPath[str]) -> Response[Any]:
        enter("people")
        form, number = await form_of(request), number_of(person)
        here = f"/admin/people/{number}"
        try:
            if act == "notes":
                await api.add_note(case_id=0, person_id=number, text=form.get("text", ""))
            elif act == "roles":
                await give_roles(edge, number, form["lists"].get("role", [])[:60])
            elif act == "act":
                made = await api.act(
                    case_ids=(), kind="person", subject_ids=(number,),
                    actions=actions_of(form, edge.clock.now()), reason=form.get("reason", ""),
                    message=form.get("message", ""), version=0,
                )  # fmt: skip
                return back_with(here, done="1", undo=",".join(str(one.id) for one in made.items))
            else:
                raise NotFound
        except AppError as error:
            status = refused(error)
            await frame.me(request)
            return await person_page(request, number, {"form": " ".join(told(error).values())}, status, form)
        return redirect(here, "saved")

    return [people, one, do]
