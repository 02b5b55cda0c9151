"""The inbox: what happened, in lines; and where each of them leads."""

from typing import Any, Final

import litestar
from litestar import Response
from litestar.params import FromPath

from samovar.contracts.common import ItemRef
from samovar.contracts.notifications import Notification
from samovar.edge.present.inbox import InboxView, NotificationView, address_of
from samovar.edge.web.pages.frame import Frame, Req, form_of, is_htmx, local, redirect
from samovar.edge.web.pages.reading import cursor_of, one_post
from samovar.kernel.errors import NotFound
from samovar.kernel.ids import parse_id

#: Parts of the inbox that have a tab.
PARTS: Final = ("", "mentions", "follows", "unread")


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge = frame.edge

    @litestar.get("/inbox", include_in_schema=False)
    async def inbox(request: Req) -> Response[str]:
        frame.need_member()
        part = request.query_params.get("filter", "")
        part = part if part in PARTS else ""
        if request.query_params.get("part") == "new":
            return await newer(request, part)
        page = await frame.inboxes.page(cursor_of(request), 20, part)
        context = _shown(page, part)
        if is_htmx(request) and cursor_of(request):
            return await frame.fragment(request, "inbox_lines.html", **context)
        return await frame.page(request, "inbox.html", **context, aside=await frame.aside())

    async def newer(request: Req, part: str) -> Response[str]:
        """The lines above a position, for a page that is open: it puts them at its top."""
        after = parse_id(request.query_params.get("after", "")) or 0
        page = await frame.inboxes.page("", 20, part)
        items = [line for line in page.items if int(line.position) > after]
        return await frame.fragment(
            request, "inbox_lines.html", items=items, next=None, filter=part, here="/inbox", path="/inbox"
        )

    @litestar.post("/inbox/read", status_code=200, include_in_schema=False)
    async def read(request: Req) -> Response[Any]:
        frame.need_member()
        form = await form_of(request)
        position = parse_id(form.get("up_to", "")) or 0
        await edge.notifications.mark_read(up_to=position, all=not position)
        return redirect(local(form.get("back", "") or "/inbox"))

    @litestar.get("/inbox/{note_id:str}", include_in_schema=False)
    async def follow(request: Req, note_id: FromPath[str]) -> Response[Any]:
        """Lead to what a line is about; it counts as read then. Letters and pushes lead here, too."""
        frame.need_member()
        number = parse_id(note_id)
        found = (await edge.notifications.get_many(ids=(number,))).items if number is not None else ()
        if not found or number is None:
            return redirect("/inbox")
        if not found[0].read:
            await edge.notifications.mark_read(up_to=0, ids=(number,), all=False)
        (line,) = await frame.inboxes.show(found) or (None,)
        me = await frame.me(request)
        return redirect(await _target(frame, found[0], line, f"{me.url}/followers" if me else "/inbox"))

    @litestar.post("/items/{kind:str}/{item_id:str}/{act:str}", status_code=200, include_in_schema=False)
    async def mute(
        request: Req, kind: FromPath[str], item_id: FromPath[str], act: FromPath[str]
    ) -> Response[Any]:
        frame.need_member()
        number = parse_id(item_id)
        if number is None or act not in ("mute", "unmute"):
            raise NotFound
        form = await form_of(request)
        await edge.notifications.mute_item(item=ItemRef(kind=kind, id=number), muted=act == "mute")
        return redirect(local(form.get("back", "/")), "muted" if act == "mute" else "unmuted")

    return [inbox, read, follow, mute]


def _shown(page: InboxView, part: str) -> dict[str, Any]:
    return {"items": page.items, "next": page.next, "filter": part, "unread_lines": page.unread}


async def _target(frame: Frame, note: Notification, line: NotificationView | None, followers: str) -> str:
    """Where a line leads: its own address, its item, its person; else the inbox again."""
    if line is None:
        return "/inbox"
    sent = address_of(note)
    if sent:
        return local(sent)
    if note.item is not None and note.item.kind == "post":
        return (await one_post(frame, str(note.item.id))).url
    if line.type == "followed" and line.count > 1:
        return followers
    return line.actors[0].url if line.actors else "/inbox"
