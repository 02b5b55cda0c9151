"""The log of letters and messages to people, at /api/deliveries."""

from typing import Annotated

import msgspec
from litestar.params import QueryParameter

from samovar.edge.edge import Edge
from samovar.edge.gateway.routing import Router
from samovar.edge.present.deliveries import DeliveryView, view
from samovar.edge.rest.common import Cursor, Limit, get
from samovar.kernel.authz import signed_in
from samovar.kernel.context import current_call
from samovar.kernel.errors import Invalid
from samovar.kernel.ids import parse_id

UserId = Annotated[
    str, QueryParameter(name="user", max_length=20, description="Whose, for admins; empty: one's own.")
]
MessageId = Annotated[
    str, QueryParameter(name="id", max_length=128, description="Only the message of this id.")
]


class DeliveryList(msgspec.Struct, kw_only=True, frozen=True):
    """A page of messages, newest first."""

    items: tuple[DeliveryView, ...]
    next: str | None


def routes(edge: Edge) -> Router:
    """Route handlers."""

    @get("/", summary="Letters and messages that were sent to one, and what became of them")
    async def deliveries(
        user: UserId = "", message: MessageId = "", cursor: Cursor = "", limit: Limit = 20
    ) -> DeliveryList:
        signed_in(current_call())
        whose = parse_id(user) if user else 0
        if whose is None:
            raise Invalid(fields={"user": "This is not a person."})
        page = await edge.delivery.deliveries(user_id=whose, id=message, cursor=cursor, limit=limit)
        return DeliveryList(items=tuple(view(sent) for sent in page.items), next=page.next or None)

    return Router("/deliveries", tags=["deliveries"], route_handlers=[deliveries])
