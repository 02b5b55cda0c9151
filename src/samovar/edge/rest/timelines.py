"""`/api/feed` and `/api/timelines`."""

import re
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import PathParameter

from samovar.edge.edge import Edge
from samovar.edge.gateway.asgi import ShortWay
from samovar.edge.gateway.routing import Router
from samovar.edge.present.posts import PostPageView
from samovar.edge.present.timelines import Timelines
from samovar.edge.rest.common import Cursor, Limit, as_json, get, json_of_page
from samovar.kernel.authz import signed_in
from samovar.kernel.context import current_call

Tag = Annotated[str, PathParameter(max_length=100, description="A tag without the hash sign.")]


class TrendView(msgspec.Struct, kw_only=True, frozen=True):
    """A tag that many used lately."""

    tag: str
    people: int
    items: int
    url: str


#: Parameters as clients usually send them.
_USUAL = re.compile(rb"(?:limit=(100|[1-9][0-9]?))?(?:(?:^|&)cursor=([1-9][0-9]{0,18}))?")


def short_ways(timelines: Timelines) -> dict[str, ShortWay]:
    """The feed, which is asked for more often than all else together, past the framework."""

    async def home(query: bytes) -> bytes | None:
        usual = _USUAL.fullmatch(query)
        if usual is None or current_call().actor is None:
            return None
        limit, cursor = usual.groups()
        return json_of_page(await timelines.home((cursor or b"").decode(), int(limit or 20)))

    return {"/api/feed": home}


def routes(edge: Edge, timelines: Timelines) -> list[Router]:
    """The routes of timelines, below /api."""
    feed = edge.feed

    @get("/", summary="What the people one follows posted, newest first")
    async def home(cursor: Cursor = "", limit: Limit = 20) -> Response[PostPageView]:
        signed_in(current_call())
        return as_json(json_of_page(await timelines.home(cursor, limit)))

    @get("/public", summary="Public posts of everybody, newest first")
    async def public(cursor: Cursor = "", limit: Limit = 20) -> Response[PostPageView]:
        return as_json(json_of_page(await timelines.show(await feed.public(cursor=cursor, limit=limit))))

    @get("/tags/{tag:str}", summary="Public posts with a tag")
    async def by_tag(tag: Tag, cursor: Cursor = "", limit: Limit = 20) -> Response[PostPageView]:
        found = await feed.tag(tag=tag, cursor=cursor, limit=limit)
        return as_json(json_of_page(await timelines.show(found)))

    @get("/trends", summary="Tags most used lately")
    async def trends(limit: Limit = 10) -> list[TrendView]:
        found = await feed.trends(limit=limit)
        return [
            TrendView(tag=t.tag, people=t.people, items=t.items, url=f"/tags/{t.tag}") for t in found.items
        ]

    return [
        Router("/feed", tags=["timelines"], route_handlers=[home]),
        Router("/timelines", tags=["timelines"], route_handlers=[public, by_tag, trends]),
    ]
