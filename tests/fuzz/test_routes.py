"""What is served below /api is what the OpenAPI document tells of, and nothing else."""

import re
from typing import Any, cast

from litestar import Litestar
from litestar.routes import HTTPRoute

from tests.world import World

#: The document and its page describe, and are not described. Litestar adds the last two beside the document.
APART = {
    ("GET", "/api/openapi.json"),
    ("GET", "/api/docs"),
    ("GET", "/api/openapi.json/{path}"),
    ("GET", "/api/openapi.json/openapi.json"),
}
IMPLIED = {"HEAD", "OPTIONS"}


def served(app: Litestar) -> set[tuple[str, str]]:
    """Method and path of every route below /api, pages excluded."""
    found = set()
    for route in app.routes:
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
        if isinstance(route, HTTPRoute) and path.startswith("/api"):
            found |= {(str(method), path) for method in route.methods if str(method) not in IMPLIED}
    return found - APART


def told(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Method and path of every documented operation."""
    return {(method.upper(), path) for path, item in document["paths"].items() for method in item}


async def test_every_route_is_documented_and_every_documented_route_is_served(world: World) -> None:
    document = (await world.http().get("/api/openapi.json")).json()
    app = cast(Litestar, world.edge.app)
    assert served(app) == told(document)


async def test_every_operation_says_what_it_does_and_how_it_refuses(world: World) -> None:
    document = (await world.http().get("/api/openapi.json")).json()
    names = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            where = f"{method.upper()} {path}"
            assert operation.get("summary") and operation.get("tags"), where
            assert {"400", "401", "404", "429"} <= set(operation["responses"]), where
            names.append(operation["operationId"])
    assert len(names) == len(set(names))


async def test_nothing_else_answers_below_api(world: World) -> None:
    for path in ("/api/nowhere", "/api/docs/x", "/api/openapi.yaml", "/api/swagger", "/api/redoc"):
        answer = await world.http().get(path)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json", path
    assert (await world.http().get("/api")).status_code == 404
