"""The first room: what waits, and whether the house is well."""

from typing import Any

import litestar
from litestar import Response

from samovar.edge.present.desk import Desk
from samovar.edge.present.desk_views import LineView
from samovar.edge.web.pages.admin.rooms import open_rooms, show
from samovar.edge.web.pages.frame import Frame, Req, redirect
from samovar.kernel.authz import may
from samovar.kernel.context import current_call


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge = frame.edge
    desk = Desk(edge, frame.people, frame.media)

    @litestar.get("/admin", include_in_schema=False)
    async def first(request: Req) -> Response[Any]:
        found = open_rooms()
        if found and found[0].key:
            return redirect(f"/admin/{found[0].key}")
        if not found:
            return await show(frame, request, "", "overview.html")
        waiting = await edge.moderation.overview()
        lines: tuple[LineView, ...] = ()
        if may(current_call(), "audit.see"):
            page = await edge.moderation.audit(
                actor_id=0, person_id=0, action="", kind="", subject_id=0, cursor="", limit=8
            )
            lines = await desk.lines(page.items)
        return await show(
            frame, request, "", "overview.html", waiting=waiting, lines=lines,
            trouble=tuple(edge.health.problems()) if may(current_call(), "system.see") else None,
        )  # fmt: skip

    return [first]
