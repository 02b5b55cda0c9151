"""Pictures and films that wait until a moderator has looked: a part of the room of content."""

from typing import Any, Final

import litestar
from litestar import Response

from samovar.edge.present.judging import Judging
from samovar.edge.web.pages.admin.acts import back_with, done_of, ids_of, refused
from samovar.edge.web.pages.admin.rooms import enter, show
from samovar.edge.web.pages.frame import Frame, Req, form_of, told
from samovar.edge.web.pages.reading import cursor_of
from samovar.kernel.errors import AppError, Invalid

REVIEWS: Final = ("approved", "rejected")


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    judging = Judging(frame.edge, frame.people, frame.media)

    async def page_of(request: Req, errors: dict[str, str] | None = None, status: int = 200) -> Response[str]:
        page = await judging.waiting(cursor_of(request), 24)
        return await show(
            frame, request, "content", "files.html", status, rows=page.items, next=page.next,
            errors=errors or {}, **done_of(request),
        )  # fmt: skip

    @litestar.get("/admin/files", include_in_schema=False)
    async def files(request: Req) -> Response[str]:
        enter("content")
        return await page_of(request)

    @litestar.post("/admin/files", status_code=200, include_in_schema=False)
    async def judge(request: Req) -> Response[Any]:
        enter("content")
        form = await form_of(request)
        review, chosen = form.get("do", ""), ids_of(form["lists"].get("item", []))[:50]
        try:
            if review not in REVIEWS or not chosen:
                raise Invalid("Tick what you mean first.")
            judged = await judging.judge(chosen, review, ban=bool(form.get("ban")), reason="")
            return back_with("/admin/files", done=str(judged))
        except AppError as error:
            status = refused(error)
            await frame.me(request)
            return await page_of(request, {"form": " ".join(told(error).values())}, status)

    return [files, judge]
