"""The edge as one ASGI application: REST and pages, with the gateway around them."""

from typing import Any, cast

import structlog
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from samovar import __version__
from samovar.contracts.items import ITEMS
from samovar.edge.edge import Edge
from samovar.edge.gateway.asgi import App
from samovar.edge.gateway.gateway import Gateway
from samovar.edge.gateway.problems import TITLES, Problem, Refusal, problem_of
from samovar.edge.gateway.routing import Application, Root, Router
from samovar.edge.gateway.sessions import Sessions
from samovar.edge.present.desk import Desk
from samovar.edge.present.figures import Figures
from samovar.edge.present.inbox import Inboxes
from samovar.edge.present.media import Media
from samovar.edge.present.people import People
from samovar.edge.present.posts import Posts
from samovar.edge.present.search import Found
from samovar.edge.present.timelines import Timelines
from samovar.edge.rest import (
    analytics,
    auth,
    deliveries,
    house_rules,
    limits,
    machine,
    media,
    meta,
    moderation,
    notifications,
    posts,
    reactions,
    search,
    staff,
    timelines,
    users,
)
from samovar.edge.seen import Seen
from samovar.edge.uploads import Uploads
from samovar.edge.web import i18n
from samovar.edge.web.pages import Pages
from samovar.edge.web.pages.parts import Parts
from samovar.kernel.context import current_call
from samovar.kernel.errors import AppError

log = structlog.get_logger(__name__)


def application(edge: Edge) -> tuple[Gateway, Sessions]:
    """The whole edge, and the sessions whose polling the caller starts and stops."""
    sessions = Sessions(edge)
    people = People(edge)
    files, uploads = Media(edge), Uploads(edge)
    shown = Posts(edge, people, files)
    lists = Timelines(edge, people, (shown,))
    inboxes = Inboxes(edge, people)
    desk = Desk(edge, people, files)
    found = Found(edge, people, lists)
    figures, seen = Figures(edge, people), Seen(edge)
    kinds = edge.peers.instances(ITEMS)
    api = Router(
        "/api",
        security=[{}, {"token": []}, {"cookie": []}],
        route_handlers=[
            auth.routes(edge, sessions),
            users.routes(edge, people, lists),
            users.own_routes(edge, people),
            posts.routes(edge, people, shown, lists),
            posts.bookmark_routes(edge, shown),
            *(reactions.routes(edge, people, kind) for kind in kinds),
            reactions.type_routes(edge),
            media.routes(edge, people, files, uploads),
            *timelines.routes(edge, lists),
            *search.routes(edge, found, kinds),
            notifications.routes(edge, inboxes),
            deliveries.routes(edge),
            *moderation.member_routes(edge, desk),
            moderation.routes(edge, desk),
            house_rules.routes(edge),
            staff.routes(edge, desk),
            analytics.routes(edge, figures, seen),
            machine.routes(edge),
            limits.routes(edge),
            meta.routes(edge),
        ],
    )
    pages = Pages(edge, Parts(sessions, people, shown, lists, inboxes, files, uploads, found, figures))
    refusals = Refusals(pages)
    others = [*meta.plain_routes(edge), *media.file_routes(edge, files), *pages.routes()]
    app = Application(
        route_handlers=[Root([api, Router("/", route_handlers=others)])],
        openapi_config=OpenAPIConfig(
            title=f"{edge.site.name} API",
            version=__version__,
            # Litestar answers what it doesn't know below this path with a page of its own: keep that small.
            path="/api/openapi.json",
            render_plugins=[JsonRenderPlugin(path="/", media_type=MediaType.JSON)],
            components=Components(
                security_schemes={
                    "token": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
                    "cookie": SecurityScheme(
                        type="apiKey", security_scheme_in="cookie", name=sessions.cookie_name
                    ),
                }
            ),
        ),
        exception_handlers={
            Refusal: refusals.gateway,
            UnicodeDecodeError: refusals.not_text,
            RecursionError: refusals.too_deep,
            AppError: refusals.declared,
            HTTPException: refusals.http,
            Exception: refusals.failure,
        },
        request_max_body_size=None,
        logging_config=None,
    )
    short_ways = {**timelines.short_ways(lists), **notifications.short_ways(inboxes)}
    gateway = Gateway(cast(App, app), edge, sessions, seen, pages.assets, pages.problem, short_ways)
    return gateway, sessions


class Refusals:
    """How errors are answered: problems below /api, pages elsewhere."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def declared(self, request: Request[Any, Any, Any], error: AppError) -> Response[Any]:
        """An error that a contract declares."""
        if not _is_api(request):
            return self._pages.refusal(request, error)
        return _answer(*problem_of(error, current_call().request_id, i18n.translate))

    def http(self, request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        """What the framework refuses: unknown paths and methods, bodies that don't fit."""
        status = error.status_code
        if not _is_api(request):
            return self._pages.error_page(request, status)
        title = TITLES.get(status, "Refused")
        problem = Problem(
            title=i18n.translate(title), status=status, code=title.lower().replace(" ", "_"),
            request_id=current_call().request_id,
        )  # fmt: skip
        if status == 400:
            problem.code, problem.detail = "invalid", i18n.translate("Some of this is not right.")
            problem.errors = _wrong_parts(error)
        headers = {k: v for k, v in (error.headers or {}).items() if k.lower() == "allow"}
        return _answer(problem, headers)

    def gateway(self, request: Request[Any, Any, Any], error: Refusal) -> Response[Any]:
        """The gateway's own refusal, met while the body was read."""
        problem = Problem(
            title=TITLES[error.status], status=error.status, code=error.code,
            detail=i18n.translate(error.detail), request_id=current_call().request_id,
        )  # fmt: skip
        return _answer(problem, error.headers)

    def not_text(self, request: Request[Any, Any, Any], error: UnicodeDecodeError) -> Response[Any]:
        """A JSON body whose strings are not UTF-8, which the decoder notices only inside them."""
        if request.method in ("GET", "HEAD"):
            return self.failure(request, error)
        return self.http(request, HTTPException(status_code=400))

    def too_deep(self, request: Request[Any, Any, Any], error: RecursionError) -> Response[Any]:
        """A JSON body nested deeper than the decoder goes."""
        if "deserializing" not in str(error):
            return self.failure(request, error)
        return self.http(request, HTTPException(status_code=400))

    def failure(self, request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        """Our own fault: said in the log, not in the answer."""
        log.error("request failed", path=request.scope["path"], exc_info=error)
        if not _is_api(request):
            return self._pages.error_page(request, 500)
        request_id = current_call().request_id
        title = i18n.translate(TITLES[500])
        return _answer(Problem(title=title, status=500, code="internal", request_id=request_id), {})


def _is_api(request: Request[Any, Any, Any]) -> bool:
    return str(request.scope["path"]).startswith("/api/")


def _wrong_parts(error: HTTPException) -> dict[str, str]:
    """Where a body or parameter is wrong. Never echoes what was sent."""
    if not isinstance(error, ValidationException) or not isinstance(error.extra, list):
        return {"body": i18n.translate("This is not valid JSON of the right shape.")}
    found = {}
    for extra in error.extra:
        if isinstance(extra, dict):
            found[str(extra.get("key") or extra.get("source") or "body")] = str(extra.get("message", ""))[
                :200
            ]
    return found


def _answer(problem: Problem, headers: dict[str, str]) -> Response[Problem]:
    return Response(
        problem, status_code=problem.status, headers=headers, media_type="application/problem+json"
    )
