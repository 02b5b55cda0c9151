"""What was sent to somebody outside, and the door out of it: unsubscribing by a letter's link."""

from typing import Any

import litestar
from litestar import Response
from litestar.params import FromPath

from samovar.contracts.delivery import LinkInvalid, Subscription
from samovar.edge.present import deliveries
from samovar.edge.web.pages.frame import Frame, Req, form_of


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    delivery = frame.edge.delivery

    async def shown(request: Req, token: str, found: Subscription) -> Response[Any]:
        answer = await frame.page(
            request, "unsubscribe.html", token=token, state="off" if found.unsubscribed else "on",
            channel=deliveries.channel_name(found.channel), kind=deliveries.category_name(found.category),
        )  # fmt: skip
        # The link is the proof: it goes into nobody's list.
        answer.headers["x-robots-tag"] = "noindex"
        answer.headers["cache-control"] = "no-store"
        return answer

    # Looking changes nothing: programs that scan letters open every link.
    @litestar.get("/unsubscribe/{token:str}", include_in_schema=False)
    async def look(request: Req, token: FromPath[str]) -> Response[Any]:
        try:
            found = await delivery.look_up_link(token=token)
        except LinkInvalid:
            return await frame.page(request, "unsubscribe.html", 404, state="wrong")
        await frame.me(request)
        return await shown(request, token, found)

    # RFC 8058: mail programs post here without a cookie, and need no page to have been open.
    @litestar.post("/unsubscribe/{token:str}", status_code=200, include_in_schema=False)
    async def unsubscribe(request: Req, token: FromPath[str]) -> Response[Any]:
        form = await form_of(request)
        await frame.me(request)
        try:
            if form.get("again"):
                found = await delivery.resubscribe(token=token)
            else:
                found = await delivery.unsubscribe(token=token)
        except LinkInvalid:
            return await frame.page(request, "unsubscribe.html", 404, state="wrong")
        return await shown(request, token, found)

    @litestar.get("/settings/messages", include_in_schema=False)
    async def messages(request: Req) -> Response[Any]:
        frame.need_member()
        cursor = request.query_params.get("cursor", "")[:20]
        page = await delivery.deliveries(user_id=0, id="", cursor=cursor, limit=30)
        await frame.me(request)
        return await frame.page(
            request, "settings/messages.html", section="messages", next=page.next,
            sent=[
                {
                    "kind": deliveries.category_name(sent.category),
                    "channel": deliveries.channel_name(sent.channel), "by": sent.channel,
                    "address": sent.address, "state": sent.state,
                    "became": deliveries.state_name(sent.state), "created_at": sent.created_at,
                    "tries": len(sent.attempts),
                    "detail": sent.reason if sent.state in ("failed", "bounced", "deferred") else "",
                }
                for sent in page.items
            ],
        )  # fmt: skip

    return [look, unsubscribe, messages]
