"""`/api/search` and `/api/recommendations`."""

from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter

from samovar.contracts.search import HitPage, SavedSearch
from samovar.edge.edge import Edge
from samovar.edge.gateway.routing import Router
from samovar.edge.present.search import (
    PERSON,
    Found,
    ItemsFound,
    PeopleFound,
    RecommendedItemView,
    RecommendedPersonView,
    SuggestionView,
    TagListView,
    TagView,
)
from samovar.edge.present.times import rfc3339
from samovar.edge.rest.auth import Body
from samovar.edge.rest.common import Cursor, ItemId, Limit, delete, get, item_id, post
from samovar.kernel.authz import signed_in
from samovar.kernel.context import current_call

Query = Annotated[
    str,
    QueryParameter(
        name="q",
        max_length=300,
        description='Words, "phrases", -exclusions, #tags; kind:, from:, after:, before:, has:media, lang:.',
    ),
]
Page = Annotated[int, QueryParameter(ge=0, le=1000, description="Pages from 1; 0: by the cursor.")]
Author = Annotated[str, QueryParameter(name="from", max_length=64, description="`@name` or an id.")]
Day = Annotated[str, QueryParameter(max_length=10, description="A day, such as 2026-03-31.")]
Language = Annotated[str, QueryParameter(max_length=20, description="Such as `en` or `ru`.")]
Sort = Annotated[str, QueryParameter(pattern="^(best|newest)$", description="`best` or `newest`.")]
Has = Annotated[str, QueryParameter(pattern="^(media)?$", description="`media`, or nothing.")]


class Everything(msgspec.Struct, kw_only=True, frozen=True):
    """The first hits of each group."""

    query: str
    users: PeopleFound
    tags: TagListView
    posts: ItemsFound


class SearchBody(Body):
    """A search to keep."""

    query: str
    #: `users`, `posts`, `tags`; empty: everything.
    kind: str = ""
    sort: str = "best"


class SavedView(msgspec.Struct, kw_only=True, frozen=True):
    """A search that one keeps."""

    id: str
    query: str
    kind: str
    sort: str
    created_at: str


class SavedListView(msgspec.Struct, kw_only=True, frozen=True):
    """All searches that one keeps, newest first."""

    items: tuple[SavedView, ...]
    next: str | None = None


def saved_view(saved: SavedSearch) -> SavedView:
    return SavedView(
        id=str(saved.id), query=saved.query, kind=saved.kind, sort="newest" if saved.newest else "best",
        created_at=rfc3339(saved.created_at),
    )  # fmt: skip


async def find(edge: Edge, query: str, kinds: tuple[str, ...], **more: Any) -> HitPage:
    """Hits of some kinds; what is not said is without bound."""
    asked: dict[str, Any] = {
        "newest": False, "cursor": "", "limit": 20, "page": 0, "author": "", "after": "", "before": "",
        "has_media": False, "language": "",
    }  # fmt: skip
    found: HitPage = await edge.search.find(query=query, kinds=kinds, **asked | more)
    return found


async def find_tags(edge: Edge, query: str, limit: int) -> TagListView:
    """Tags that fit."""
    found = await edge.search.tags(query=query, limit=limit)
    return TagListView(
        items=tuple(
            TagView(tag=hit.tag, items=hit.items, url=f"/tags/{quote(hit.tag, safe='')}")
            for hit in found.items
        )
    )


def routes(edge: Edge, shown: Found, kinds: tuple[str, ...]) -> list[Router]:
    """The routes of search; `kinds` are those of content."""

    @get("/", summary="Search everything")
    async def everything(q: Query = "", limit: Limit = 5) -> Everything:
        return Everything(
            query=q,
            users=await shown.people(await find(edge, q, (PERSON,), limit=limit)),
            tags=await find_tags(edge, q, limit),
            posts=await shown.items(await find(edge, q, (), limit=limit)),
        )

    @get("/users", summary="Search people")
    async def users(q: Query = "", page: Page = 0, cursor: Cursor = "", limit: Limit = 20) -> PeopleFound:
        return await shown.people(await find(edge, q, (PERSON,), page=page, cursor=cursor, limit=limit))

    @get("/tags", summary="Search tags")
    async def tags(q: Query = "", limit: Limit = 20) -> TagListView:
        return await find_tags(edge, q, limit)

    def of_kind(kind: str) -> HTTPRouteHandler:
        @get(f"/{kind}s", summary=f"Search {kind}s", name=f"search_{kind}s", operation_id=f"search_{kind}s")
        async def handler(
            q: Query = "",
            page: Page = 0,
            cursor: Cursor = "",
            limit: Limit = 20,
            sort: Sort = "best",
            author: Author = "",
            after: Day = "",
            before: Day = "",
            has: Has = "",
            lang: Language = "",
        ) -> ItemsFound:
            found = await find(
                edge, q, (kind,), page=page, cursor=cursor, limit=limit, newest=sort == "newest",
                author=author, after=after, before=before, has_media=has == "media", language=lang,
            )  # fmt: skip
            return await shown.items(found)

        return handler

    @get("/suggest", summary="What a text that is being typed may become")
    async def suggest(q: Query = "", limit: Limit = 8) -> list[SuggestionView]:
        return await shown.suggestions((await edge.search.suggest(text=q, limit=limit)).items)

    @get("/saved", summary="Searches that one keeps")
    async def saved() -> SavedListView:
        signed_in(current_call())
        return SavedListView(items=tuple(map(saved_view, (await edge.search.saved()).items)))

    @post("/saved", summary="Keep a search")
    async def save(data: JSONBody[SearchBody]) -> SavedView:
        signed_in(current_call())
        kept = await edge.search.save(query=data.query, kind=data.kind, newest=data.sort == "newest")
        return saved_view(kept)

    @delete("/saved/{item:str}", status_code=200, summary="Keep a search no more")
    async def forget(item: ItemId) -> SavedView:
        signed_in(current_call())
        return saved_view(await edge.search.forget(id=item_id(item)))

    @get("/users", summary="People one may want to follow, and why", operation_id="recommended_users")
    async def to_follow(limit: Limit = 10) -> list[RecommendedPersonView]:
        signed_in(current_call())
        found = await edge.search.recommend_people(limit=limit)
        return await shown.recommended_people(found.items)

    @get("/posts", summary="Posts one may like, and why", operation_id="recommended_posts")
    async def to_read(limit: Limit = 10) -> list[RecommendedItemView]:
        signed_in(current_call())
        found = await edge.search.recommend_items(limit=limit)
        return await shown.recommended_items(found.items)

    return [
        Router(
            "/search",
            tags=["search"],
            route_handlers=[everything, users, tags, *map(of_kind, kinds), suggest, saved, save, forget],
        ),
        Router("/recommendations", tags=["search"], route_handlers=[to_follow, to_read]),
    ]
