"""A member's side of moderation: reporting, reading what was decided, asking for another look."""

from typing import Any, Final

import litestar
from litestar import Response
from litestar.params import FromPath

from samovar.edge.present.desk import Desk
from samovar.edge.web.pages.frame import Frame, Req, form_of, is_htmx, local, redirect, told
from samovar.edge.web.pages.reading import one_post
from samovar.kernel.context import current_call
from samovar.kernel.errors import AppError, NotFound, Unauthenticated, Unavailable
from samovar.kernel.ids import parse_id

REASONS: Final = ("spam", "rude", "harassment", "illegal", "wrong_place", "other")


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge, api = frame.edge, frame.edge.moderation
    desk = Desk(edge, frame.people, frame.media)

    async def subject(kind: str, number: str) -> dict[str, Any]:
        """What is reported, as the page shows it. Raises NotFound."""
        if kind == "person" and parse_id(number) is not None:
            person = await frame.people.one(number)
            return {"post": None, "person": person, "kind": kind, "id": person.id}
        if kind != "post":
            raise NotFound
        post = await one_post(frame, number)
        return {"post": post, "person": post.author, "kind": kind, "id": post.id}

    async def card(request: Req, status: int, **more: Any) -> Response[str]:
        """The page of a report, or what stands in a window over another one."""
        if is_htmx(request):
            return await frame.fragment(request, "report.html", status, sheet=True, reasons=REASONS, **more)
        return await frame.page(request, "report.html", status, sheet=False, reasons=REASONS, **more)

    @litestar.get("/report", include_in_schema=False)
    async def ask(request: Req) -> Response[Any]:
        frame.need_member()
        query = request.query_params
        found = await subject(query.get("kind", ""), query.get("id", ""))
        if int(found["person"].id) == current_call().actor:
            raise NotFound
        back = local(query.get("back", "") or "/")
        return await card(request, 200, **found, back=back, values={}, errors={}, sent=False)

    @litestar.post("/report", status_code=200, include_in_schema=False)
    async def report(request: Req) -> Response[Any]:
        frame.need_member()
        form = await form_of(request)
        found = await subject(form.get("kind", ""), form.get("id", ""))
        back, errors, status = local(form.get("back", "") or "/"), dict[str, str](), 200
        try:
            await api.report(
                kind=found["kind"],
                id=int(found["id"]),
                reason=form.get("reason", ""),
                text=form.get("text", ""),
            )
        except (Unavailable, Unauthenticated, NotFound):
            raise
        except AppError as error:
            await frame.me(request)
            errors, status = told(error), 422
        return await card(request, status, **found, back=back, values=form, errors=errors, sent=not errors)

    async def decision_page(
        request: Req, number: int, key: str, errors: dict[str, str], status: int, values: dict[str, Any]
    ) -> Response[str]:
        # The page speaks the reader's language before the reason is asked for.
        await frame.me(request)
        found = await api.get_decision(id=number, key=key)
        shown = (await desk.decisions([found]))[0]
        return await frame.page(
            request, "decision.html", status, decision=shown, key=key, errors=errors, values=values,
            own=current_call().actor == found.person_id,
        )  # fmt: skip

    @litestar.get("/decisions/{decision:str}", include_in_schema=False)
    async def decision(request: Req, decision: FromPath[str]) -> Response[Any]:
        number = parse_id(decision)
        key = request.query_params.get("key", "")[:100]
        if number is None:
            raise NotFound
        if not key:
            frame.need_member()
        return await decision_page(request, number, key, {}, 200, {})

    @litestar.post("/decisions/{decision:str}", status_code=200, include_in_schema=False)
    async def appeal(request: Req, decision: FromPath[str]) -> Response[Any]:
        number = parse_id(decision)
        if number is None:
            raise NotFound
        form = await form_of(request)
        key = form.get("key", "")[:100]
        if not key:
            frame.need_member()
        try:
            await api.appeal(decision_id=number, text=form.get("text", ""), key=key)
        except (Unavailable, NotFound):
            raise
        except AppError as error:
            await frame.me(request)
            return await decision_page(request, number, key, told(error), 422, form)
        return redirect(f"/decisions/{number}{f'?key={key}' if key else ''}", "appealed")

    return [ask, report, decision, appeal]
