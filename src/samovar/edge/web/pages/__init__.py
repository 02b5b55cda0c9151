"""Pages for people: server-rendered, whole without scripts, quicker with them."""

from typing import Any

from litestar import Request, Response

from samovar.edge.edge import Edge
from samovar.edge.gateway.problems import STATUS, Problem
from samovar.edge.web.pages import (
    acting,
    admin,
    docs,
    door,
    inbox,
    live,
    messages,
    own_figures,
    persons,
    reading,
    reporting,
    search,
    settings,
    told,
)
from samovar.edge.web.pages.frame import Frame
from samovar.edge.web.pages.no_frame import NoFrame
from samovar.edge.web.pages.parts import Parts
from samovar.edge.web.render import Renderer
from samovar.edge.web.static_files import Assets
from samovar.kernel.errors import AppError


class Pages:
    """All pages, and how refusals look."""

    def __init__(self, edge: Edge, parts: Parts) -> None:
        self.assets = Assets()
        self.frame = Frame(edge, parts, Renderer(edge, self.assets))
        self.frame.worker = self.assets.content("sw.js")

    def routes(self) -> list[Any]:
        """Route handlers of all pages."""
        makers = (
            reading, search, acting, reporting, persons, live, door, settings, own_figures, docs, inbox, told,
            messages, admin,
        )  # fmt: skip
        return [handler for made in makers for handler in made.routes(self.frame)]

    def refusal(self, request: Request[Any, Any, Any], error: AppError) -> Response[Any]:
        """An error as a page; a stranger who must sign in is led there."""
        status = STATUS[error.status]
        if status == 401:
            return self.frame.to_sign_in(request)
        return self.error_page(request, status, error)

    def error_page(
        self, request: Request[Any, Any, Any], status: int, error: AppError | None = None
    ) -> Response[Any]:
        """The page that says what happened. Asks no service, since one may be what failed."""
        return NoFrame(self.frame).error(request, status, error)

    def problem(self, scope: Any, problem: Problem) -> bytes:
        """The page of what the gateway refuses by itself."""
        return NoFrame(self.frame).html(Request(scope), problem.status, problem.detail).encode()
