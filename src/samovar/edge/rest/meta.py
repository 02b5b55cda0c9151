"""Health, metrics, and the community's own data."""

from typing import Any

import msgspec
from litestar import Response, Router, get
from prometheus_client import generate_latest

from samovar.edge.edge import Edge
from samovar.edge.rest.common import get as documented
from samovar.kernel import telemetry


class Live(msgspec.Struct, frozen=True):
    """The process is there."""

    status: str


class Ready(msgspec.Struct, frozen=True):
    """Whether requests may come, and if not, why."""

    ready: bool
    problems: tuple[str, ...] = ()


class SiteView(msgspec.Struct, kw_only=True, frozen=True):
    """The community."""

    name: str
    description: str
    url: str
    registrations_open: bool


def plain_routes(edge: Edge) -> list[Any]:
    """Routes for operators, outside /api."""

    @get("/livez", include_in_schema=False)
    async def live() -> Live:
        return Live(status="ok")

    @get("/readyz", include_in_schema=False)
    async def ready() -> Response[Ready]:
        problems = tuple(edge.health.problems())
        return Response(Ready(ready=not problems, problems=problems), status_code=503 if problems else 200)

    @get("/metrics", include_in_schema=False, media_type="text/plain; version=0.0.4; charset=utf-8")
    async def metrics() -> bytes:
        return generate_latest(telemetry.registry)

    return [live, ready, metrics]


def routes(edge: Edge) -> Router:
    """The community's own data, below /api."""

    @documented("/site", summary="The community", tags=["site"])
    async def site() -> SiteView:
        return SiteView(
            name=edge.site.name, description=edge.site.description, url=edge.site.public_url,
            registrations_open=edge.site.registrations_open,
        )  # fmt: skip

    return Router("/", route_handlers=[site])
