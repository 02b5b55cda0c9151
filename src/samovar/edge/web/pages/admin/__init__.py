"""The house's back rooms: what moderators and operators see and steer. One module per family of rooms."""

from typing import Any, Final, NamedTuple

import litestar
from litestar import Response

from samovar.edge.web.pages.frame import Frame, Req, redirect
from samovar.kernel.authz import may
from samovar.kernel.context import current_call
from samovar.kernel.errors import Forbidden, NotFound


class Room(NamedTuple):
    """A page of the back rooms, its icon, and what one must be allowed to enter it."""

    key: str
    icon: str
    label: str
    permission: str


#: In the order of the navigation; "" is the first room. Labels are translated when shown.
ROOMS: Final = (
    Room("", "layout-dashboard", "Overview", "reports.see"),
    Room("reports", "flag", "Reports", "reports.see"),
    Room("appeals", "scale", "Appeals", "reports.see"),
    Room("content", "files", "Content", "content.hide"),
    Room("people", "users", "People", "accounts.see"),
    Room("roles", "shield", "Roles", "accounts.roles"),
    Room("rules", "list-checks", "Rules", "rules.change"),
    Room("audit", "scroll-text", "Audit log", "audit.see"),
    Room("figures", "chart-line", "Figures", "analytics.see"),
    Room("jobs", "clock", "Jobs", "system.see"),
    Room("dead-letters", "mail-warning", "Dead letters", "system.see"),
    Room("logs", "terminal", "Logs", "system.see"),
    Room("metrics", "gauge", "Metrics", "system.see"),
    Room("settings", "settings", "Settings", "system.see"),
)


def open_rooms() -> list[Room]:
    """The rooms that the caller may enter."""
    call = current_call()
    return [room for room in ROOMS if may(call, room.permission)]


def enter(key: str) -> None:
    """Raises NotFound for those who may not know of the room, Forbidden for staff who may not enter it."""
    call = current_call()
    if call.actor is None or not open_rooms():
        raise NotFound
    if not any(room.key == key for room in open_rooms()):
        raise Forbidden


async def show(
    frame: Frame, request: Req, key: str, template: str, status: int = 200, **more: Any
) -> Response[str]:
    """A page of a room, for those who may enter it."""
    enter(key)
    return await frame.page(request, f"admin/{template}", status, room=key, rooms=open_rooms(), **more)


def routes(frame: Frame) -> list[Any]:
    """Route handlers of all rooms."""

    @litestar.get("/admin", include_in_schema=False)
    async def first(request: Req) -> Response[Any]:
        found = open_rooms()
        if found and found[0].key:
            return redirect(f"/admin/{found[0].key}")
        return await show(frame, request, "", "overview.html")

    from samovar.edge.web.pages.admin import figures, machine, settings  # noqa: PLC0415 - they need what is above

    return [first, *figures.routes(frame), *machine.routes(frame), *settings.routes(frame)]
