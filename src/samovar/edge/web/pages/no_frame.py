"""Error pages, made without asking any service."""

from typing import Any, cast

import msgspec
from litestar import Response

from samovar.edge.gateway.sessions import Who
from samovar.edge.present.people import Author
from samovar.edge.web import i18n
from samovar.edge.web.pages.frame import THEMES, Frame, Req, SiteContext, detail_of, here, is_htmx
from samovar.kernel.context import continue_as, current_call
from samovar.kernel.errors import AppError


class NoFrame:
    """Makes error pages without asking any service."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def error(self, request: Req, status: int, error: AppError | None) -> Response[Any]:
        """The answer to a request that failed: a page, or a problem for scripts."""
        detail = detail_of(error) if error is not None and status < 500 else ""
        if is_htmx(request):
            body = {"detail": detail, "status": status, "code": error.code if error else "refused"}
            return Response(body, status_code=status, media_type="application/problem+json")
        retry = max(1, round(error.retry_after)) if error is not None and error.retry_after else None
        headers = {"retry-after": str(retry or 1)} if status in (429, 503) else {}
        html = self.html(request, status, detail, retry)
        return Response(html, status_code=status, headers=headers, media_type="text/html")

    def html(self, request: Req, status: int, detail: str, retry_after: int | None = None) -> str:
        """The page itself, in the language and theme as far as they are known."""
        locale = request.cookies.get("locale", "")
        if locale in i18n.LOCALES:
            continue_as(msgspec.structs.replace(current_call(), locale=locale))
        theme = request.cookies.get("theme", "auto")
        who = cast("Who | None", request.scope.get("samovar.who"))
        site = self._frame.edge.site
        context = {
            "me": _known(who) if who else None, "locale": i18n.locale(),
            "theme": theme if theme in THEMES else "auto",
            "site": SiteContext(site.name, i18n.translate(site.description), site.registrations_open, ()),
            "unread": 0, "path": request.url.path, "here": here(request), "status": status,
            "detail": detail or None,
            "request_id": current_call().request_id, "retry_after": retry_after,
        }  # fmt: skip
        return self._frame.renderer.html("error.html", context)


def _known(who: Who) -> Author:
    """The person as far as the session knows them: enough for the frame of an error page."""
    return Author(
        id=str(who.user_id), username=who.username, display_name=who.username,
        avatar_url=f"/avatars/{who.user_id}.0.svg", url=f"/@{who.username}",
    )  # fmt: skip
