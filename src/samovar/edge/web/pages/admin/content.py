"""The room of content: the newest items of all kinds, those that are hidden and those that wait."""

from typing import Any, Final

import litestar
from litestar import Response

from samovar.contracts.items import ITEMS
from samovar.edge.present.desk import Desk
from samovar.edge.web.pages.admin.acts import actions_of, back_with, done_of, ids_of, offered, refused
from samovar.edge.web.pages.admin.rooms import enter, show
from samovar.edge.web.pages.frame import Frame, Req, form_of, told
from samovar.edge.web.pages.reading import cursor_of
from samovar.kernel.authz import may
from samovar.kernel.context import current_call
from samovar.kernel.errors import AppError
from samovar.kernel.ids import parse_id

TABS: Final = ("new", "hidden", "held")


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge, api = frame.edge, frame.edge.moderation
    desk = Desk(edge, frame.people, frame.media)

    async def page_of(request: Req, errors: dict[str, str] | None = None, status: int = 200) -> Response[str]:
        query = request.query_params
        tab = query.get("tab", "") if query.get("tab") in TABS else "new"
        kind = query.get("kind", "") if query.get("kind") in edge.kinds else edge.kinds[0]
        author, cursor = parse_id(query.get("author", "")) or 0, cursor_of(request)
        rows: list[tuple[str, Any]] = []
        if tab == "held":
            waiting = await api.held(kind=kind, cursor=cursor, limit=20)
            rows = [(one.case_id, one.item) for one in await desk.held(waiting.items)]
            following = waiting.next
        else:
            page = await edge.peers.get(ITEMS, kind).latest(
                author_id=author, hidden=tab == "hidden", cursor=cursor, limit=20
            )
            rows = [("", one) for one in await desk.exhibits(page.items)]
            following = page.next
        call = current_call()
        return await show(
            frame, request, "content", "content.html", status, tab=tab, kind=kind, kinds=edge.kinds,
            rows=rows, next=following or None, author=str(author) if author else "",
            reasons=(await api.reasons()).items if may(call, "reports.see") else (),
            offered=offered("post"), errors=errors or {}, **done_of(request),
        )  # fmt: skip

    @litestar.get("/admin/content", include_in_schema=False)
    async def content(request: Req) -> Response[str]:
        enter("content")
        return await page_of(request)

    @litestar.post("/admin/content", status_code=200, include_in_schema=False)
    async def act(request: Req) -> Response[Any]:
        enter("content")
        form = await form_of(request)
        back = form.get("back", "") or "/admin/content"
        do, kind = form.get("do", ""), form.get("kind", "")
        chosen = ids_of(form["lists"].get("item", []))
        try:
            if do == "approve":
                await api.approve(case_ids=chosen)
                return back_with(back, done=str(len(chosen)))
            actions = actions_of({**form, "lists": {"action": [do]}}, edge.clock.now())
            reason, held = form.get("reason", ""), form.get("tab") == "held"
            made = await api.act(
                case_ids=chosen if held else (), kind=kind, subject_ids=() if held else chosen,
                actions=actions, reason=reason, message="", version=0,
            )  # fmt: skip
            undo = ",".join(str(one.id) for one in made.items)
            return back_with(back, done=str(len(chosen)), undo=undo)
        except AppError as error:
            status = refused(error)
            await frame.me(request)
            return await page_of(request, {"form": " ".join(told(error).values())}, status)

    return [content, act]
