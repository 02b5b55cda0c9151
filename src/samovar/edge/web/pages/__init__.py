"""Pages for people: server-rendered, whole without scripts, quicker with them."""

from typing import Any

from litestar import Request, Response

from samovar.edge.edge import Edge
from samovar.edge.gateway.problems import STATUS, Problem
from samovar.edge.gateway.sessions import Sessions
from samovar.edge.present.figures import Figures
from samovar.edge.present.inbox import Inboxes
from samovar.edge.present.media import Media
from samovar.edge.present.people import People
from samovar.edge.present.posts import Posts
from samovar.edge.present.timelines import Timelines
from samovar.edge.uploads import Uploads
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
    settings,
    told,
)
from samovar.edge.web.pages.frame import Frame
from samovar.edge.web.pages.no_frame import NoFrame
from samovar.edge.web.render import Renderer
from samovar.edge.web.static_files import Assets
from samovar.kernel.errors import AppError


class Pages:
    """All pages, and how refusals look."""

    def __init__(
        self,
        edge: Edge,
        sessions: Sessions,
        people: People,
        posts: Posts,
        lists: Timelines,
        inboxes: Inboxes,
        media: Media,
        uploads: Uploads,
        figures: Figures,
    ) -> None:
        self.assets = Assets()
        self.frame = Frame(
            edge,
            sessions,
            people,
            posts,
            lists,
            inboxes,
            media,
            uploads,
            figures,
            Renderer(edge, self.assets),
        )
        self.frame.worker = self.assets.content("sw.js")

    def routes(self) -> list[Any]:
        """Route handlers of all pages."""
        makers = (
            reading,
            acting,
            persons,
            live,
            door,
            settings,
            own_figures,
            docs,
            inbox,
            told,
            messages,
            admin,
        )
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
