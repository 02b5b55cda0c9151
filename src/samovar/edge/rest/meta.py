"""Health, metrics, and the community's own data."""

from typing import Any

import msgspec
from litestar import Response, get

from samovar.edge.edge import Edge
from samovar.edge.gateway.routing import Router
from samovar.edge.rest.common import get as documented
from samovar.kernel import vitals


class SiteView(msgspec.Struct, kw_only=True, frozen=True):
    """The community."""

    name: str
    description: str
    url: str
    registrations_open: bool


def plain_routes(edge: Edge) -> list[Any]:
    """Routes for operators, outside /api."""

    @get("/livez", include_in_schema=False)
    async def live() -> Response[bytes]:
        return _plain(vitals.live())

    @get("/readyz", include_in_schema=False)
    async def ready() -> Response[bytes]:
        return _plain(vitals.ready(edge.health))

    @get("/metrics", include_in_schema=False)
    async def metrics() -> Response[bytes]:
        return _plain(vitals.metrics())

    return [live, ready, metrics]


def _plain(answer: vitals.Answer) -> Response[bytes]:
    # Litestar adds the charset of text by itself.
    media_type = answer.media_type.removesuffix("; charset=utf-8")
    return Response(answer.body, status_code=answer.status, media_type=media_type)


def routes(edge: Edge) -> Router:
    """The community's own data, below /api."""

    @documented("/site", summary="The community", tags=["site"])
    async def site() -> SiteView:
        return SiteView(
            name=edge.site.name, description=edge.site.description, url=edge.site.public_url,
            registrations_open=edge.site.registrations_open,
        )  # fmt: skip

    return Router("/", route_handlers=[site])
