"""The rooms there are, who may enter them, and how they are shown."""

from typing import Any, Final, NamedTuple

from litestar import Response

from samovar.edge.web.pages.frame import Frame, Req
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
