"""The room of appeals: another look at decisions."""

from typing import Any

import litestar
from litestar import Response
from litestar.params import FromPath

from samovar.edge.present.desk import Desk
from samovar.edge.web.pages.admin.acts import back_with, done_of, number_of, refused
from samovar.edge.web.pages.admin.rooms import enter, show
from samovar.edge.web.pages.frame import Frame, Req, form_of, told
from samovar.edge.web.pages.reading import cursor_of
from samovar.kernel.errors import AppError


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    api = frame.edge.moderation
    desk = Desk(frame.edge, frame.people, frame.media)

    async def page_of(
        request: Req, errors: dict[str, str] | None = None, status: int = 200, wrong: str = ""
    ) -> Response[str]:
        state = "judged" if request.query_params.get("state") == "judged" else "open"
        page = await api.appeals(state=state, cursor=cursor_of(request), limit=20)
        return await show(
            frame, request, "appeals", "appeals.html", status, state=state,
            decisions=await desk.decisions(page.items), next=page.next or None, errors=errors or {},
            wrong=wrong, **done_of(request),
        )  # fmt: skip

    @litestar.get("/admin/appeals", include_in_schema=False)
    async def appeals(request: Req) -> Response[str]:
        enter("appeals")
        return await page_of(request)

    @litestar.post("/admin/appeals/{decision:str}", status_code=200, include_in_schema=False)
    async def judge(request: Req, decision: FromPath[str]) -> Response[Any]:
        enter("appeals")
        form = await form_of(request)
        try:
            await api.judge(
                decision_id=number_of(decision), accept=form.get("do") == "accept",
                answer=form.get("answer", ""),
            )  # fmt: skip
        except AppError as error:
            status = refused(error)
            await frame.me(request)
            return await page_of(request, {"form": " ".join(told(error).values())}, status, decision)
        return back_with("/admin/appeals", done="1")

    return [appeals, judge]
