"""The log: who did what, to whom, when and why."""

from typing import Any, Final

import litestar
from litestar import Response

from samovar.edge.present.desk import Desk
from samovar.edge.web.pages.admin.rooms import enter, show
from samovar.edge.web.pages.frame import Frame, Req
from samovar.edge.web.pages.reading import cursor_of
from samovar.kernel.errors import NotFound

#: Families of actions to filter by.
FAMILIES: Final = (
    "", "decision.", "appeal.", "case.", "held.", "files.", "rule.", "reason.", "role", "note.", "over.",
    "machine.",
)  # fmt: skip


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    api = frame.edge.moderation
    desk = Desk(frame.edge, frame.people, frame.media)

    async def person_id(name: str) -> int:
        """Who is meant; a name that nobody has finds nothing, rather than everything."""
        if not name.strip():
            return 0
        try:
            return (await frame.people.find(name.strip()[:60])).id
        except NotFound:
            return -1

    @litestar.get("/admin/audit", include_in_schema=False)
    async def audit(request: Req) -> Response[str]:
        enter("audit")
        query = request.query_params
        action = query.get("action", "") if query.get("action") in FAMILIES else ""
        actor, person = query.get("actor", "")[:60], query.get("person", "")[:60]
        page = await api.audit(
            actor_id=await person_id(actor), person_id=await person_id(person), action=action, kind="",
            subject_id=0, cursor=cursor_of(request), limit=50,
        )  # fmt: skip
        return await show(
            frame, request, "audit", "audit.html", lines=await desk.lines(page.items),
            next=page.next or None, families=FAMILIES, action=action, actor=actor, person=person,
        )  # fmt: skip

    return [audit]
