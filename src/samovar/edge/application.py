"""The edge as one ASGI application: REST and pages, with the gateway around them."""

from typing import Any, cast

import structlog
from litestar import Litestar, Request, Response, Router
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from samovar import __version__
from samovar.contracts.items import ITEMS
from samovar.edge.edge import Edge
from samovar.edge.gateway.gateway import App, Gateway
from samovar.edge.gateway.problems import TITLES, Problem, problem_of
from samovar.edge.gateway.sessions import Sessions
from samovar.edge.present.people import People
from samovar.edge.present.posts import Posts
from samovar.edge.present.timelines import Timelines
from samovar.edge.rest import auth, meta, posts, reactions, timelines, users
from samovar.edge.web import pages
from samovar.kernel.context import current_call
from samovar.kernel.errors import AppError

log = structlog.get_logger(__name__)


def application(edge: Edge) -> tuple[Gateway, Sessions]:
    """The whole edge, and the sessions whose polling the caller starts and stops."""
    sessions = Sessions(edge)
    people = People(edge)
    shown = Posts(edge, people)
    lists = Timelines(people, (shown,))
    kinds = edge.peers.instances(ITEMS)
    api = Router(
        "/api",
        security=[{}, {"token": []}, {"cookie": []}],
        route_handlers=[
            auth.routes(edge, sessions),
            users.routes(edge, people, lists),
            users.own_routes(edge, people),
            posts.routes(edge, people, shown),
            posts.bookmark_routes(edge, shown),
            *(reactions.routes(edge, people, kind) for kind in kinds),
            reactions.type_routes(edge),
            *timelines.routes(edge, lists),
            meta.routes(edge),
        ],
    )
    app = Litestar(
        route_handlers=[api, *meta.plain_routes(edge), *pages.routes(edge, sessions, people, shown, lists)],
        openapi_config=OpenAPIConfig(
            title=f"{edge.site.name} API",
            version=__version__,
            path="/api/litestar-schema",
            enabled_endpoints=set(),
            components=Components(
                security_schemes={
                    "token": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
                    "cookie": SecurityScheme(
                        type="apiKey", security_scheme_in="cookie", name=sessions.cookie_name
                    ),
                }
            ),
        ),
        exception_handlers={AppError: _refusal, HTTPException: _http_refusal, Exception: _failure},
        request_max_body_size=None,
        logging_config=None,
    )
    return Gateway(cast(App, app), edge, sessions, pages.static_files(edge)), sessions


def _answer(problem: Problem, headers: dict[str, str]) -> Response[Problem]:
    return Response(
        problem, status_code=problem.status, headers=headers, media_type="application/problem+json"
    )


def _refusal(request: Request[Any, Any, Any], error: AppError) -> Response[Any]:
    if not request.url.path.startswith("/api/"):
        return pages.refusal(request, error)
    return _answer(*problem_of(error, current_call().request_id))


def _http_refusal(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    status = error.status_code
    problem = Problem(
        title=TITLES.get(status, "Refused"),
        status=status,
        code=TITLES.get(status, "refused").lower().replace(" ", "_"),
        request_id=current_call().request_id,
    )
    if status == 400:
        problem.code = "invalid"
        problem.detail = "Some of this is not right."
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        for extra in error.extra:
            # Never echoes what was sent: only where it is wrong.
            if isinstance(extra, dict):
                key = str(extra.get("key") or extra.get("source") or "body")
                problem.errors = {**problem.errors, key: str(extra.get("message", ""))[:200]}
    headers = {k: v for k, v in (error.headers or {}).items() if k.lower() == "allow"}
    if not request.url.path.startswith("/api/"):
        return pages.error_page(request, status)
    return _answer(problem, headers)


def _failure(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    log.error("request failed", path=request.url.path, exc_info=error)
    if not request.url.path.startswith("/api/"):
        return pages.error_page(request, 500)
    return _answer(
        Problem(title=TITLES[500], status=500, code="internal", request_id=current_call().request_id), {}
    )
