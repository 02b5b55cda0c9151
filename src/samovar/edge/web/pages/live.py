"""Pieces of pages for those who have one open."""

from typing import Any

import litestar
from litestar import Response

from samovar.edge.web.pages.frame import Frame, Req
from samovar.edge.web.pages.reading import one_post
from samovar.kernel.ids import parse_id

#: Replies in one answer.
MOST = 20


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""

    @litestar.get("/live/replies", include_in_schema=False)
    async def replies(request: Req) -> Response[str]:
        frame.need_member()
        query = request.query_params
        thread = await one_post(frame, str(query.get("thread", "")))
        parts = str(query.get("ids", ""))[:500].split(",")[:MOST]
        listed = [number for part in parts if (number := parse_id(part)) is not None]
        found = await frame.posts.by_ids(listed)
        shown = [{"post": found[number], "depth": 1} for number in listed if number in found]
        return await frame.fragment(
            request, "live_replies.html", thread=thread, replies=shown, here=thread.url, path=thread.url
        )

    return [replies]
