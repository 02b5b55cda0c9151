"""Reactions, at every kind of content alike."""

from typing import Annotated, Any

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, PathParameter

from samovar.contracts.common import ItemRef
from samovar.contracts.reactions import Summary
from samovar.edge.edge import Edge
from samovar.edge.gateway.routing import Router
from samovar.edge.present.people import Author, People
from samovar.edge.present.times import rfc3339
from samovar.edge.rest.common import Cursor, ItemId, Limit, Verb, delete, get, item_id, post, put
from samovar.kernel.authz import signed_in
from samovar.kernel.context import current_call

TypeName = Annotated[str, PathParameter(max_length=40, description="A reaction's type, such as `like`.")]


class ReactionsView(msgspec.Struct, kw_only=True, frozen=True):
    """How people reacted to an item."""

    id: str
    reactions: dict[str, int]
    reaction: str | None


class ReactorView(msgspec.Struct, kw_only=True, frozen=True):
    """Who reacted, how and when."""

    user: Author
    type: str
    created_at: str


class ReactorList(msgspec.Struct, kw_only=True, frozen=True):
    """A page of those who reacted."""

    items: tuple[ReactorView, ...]
    next: str | None


class ReactionTypeView(msgspec.Struct, kw_only=True, frozen=True):
    """A reaction that people can choose."""

    type: str
    emoji: str
    label: str


def view(summary: Summary) -> ReactionsView:
    return ReactionsView(id=str(summary.id), reactions=dict(summary.counts), reaction=summary.own or None)


def routes(edge: Edge, people: People, kind: str) -> Router:
    """The reactions of one kind, below /api/{kind}s."""
    reactions = edge.reactions

    def act(verb: Verb, path: str, name: str, method: str, summary: str) -> HTTPRouteHandler:
        async def run(item: str, type_name: str) -> ReactionsView:
            signed_in(current_call())
            ref = ItemRef(kind=kind, id=item_id(item))
            return view(await getattr(reactions, method)(item=ref, type=type_name))

        options: Any = {"status_code": 200, "summary": summary, "operation_id": f"{kind}_{name}"}
        if "{" in path:

            @verb(f"/{{item:str}}/{path}", **options)
            async def handler(item: ItemId, type_name: TypeName) -> ReactionsView:
                return await run(item, type_name)

            return handler

        @verb(f"/{{item:str}}/{path}", **options)
        async def shorthand(item: ItemId) -> ReactionsView:
            return await run(item, "like")

        return shorthand

    @get("/{item:str}/reactions", summary="Who reacted", operation_id=f"{kind}_reactions")
    async def who(
        item: ItemId, type: FromQuery[str] = "", cursor: Cursor = "", limit: Limit = 20
    ) -> ReactorList:
        page = await reactions.who(
            item=ItemRef(kind=kind, id=item_id(item)), type=type[:40], cursor=cursor, limit=limit
        )
        authors = await people.authors([reactor.user_id for reactor in page.items])
        return ReactorList(
            items=tuple(
                ReactorView(user=authors[r.user_id], type=r.type, created_at=rfc3339(r.created_at))
                for r in page.items
                if r.user_id in authors
            ),
            next=page.next or None,
        )

    return Router(
        f"/{kind}s",
        tags=["reactions"],
        route_handlers=[
            who,
            act(put, "reactions/{type_name:str}", "react", "react", "React"),
            act(delete, "reactions/{type_name:str}", "unreact", "unreact", "Take a reaction back"),
            act(post, "like", "like", "react", "Like"),
            act(delete, "like", "unlike", "unreact", "Like no more"),
        ],
    )


def type_routes(edge: Edge) -> Router:
    """The list of reactions, at /api/reactions."""

    @get("/", summary="The reactions there are here")
    async def types() -> list[ReactionTypeView]:
        found = await edge.reactions.types()
        return [ReactionTypeView(type=t.type, emoji=t.emoji, label=t.label) for t in found.items]

    return Router("/reactions", tags=["reactions"], route_handlers=[types])
