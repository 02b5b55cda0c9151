"""Who asks, and whether a browser asks by itself or was made to by another site's page."""

from http.cookies import CookieError, SimpleCookie

from samovar.edge.gateway.asked import SAFE, Asked
from samovar.edge.gateway.origins import is_from, takes_one_click
from samovar.edge.gateway.problems import Refusal
from samovar.edge.gateway.sessions import Sessions, Who
from samovar.kernel.context import Call
from samovar.kernel.errors import Unauthenticated

LONGEST_TOKEN = 4096
LONGEST_COOKIE = 256


async def caller_of(asked: Asked, sessions: Sessions, call: Call) -> Who | None:
    """The person behind a request's token or cookie, None for strangers. Raises Unauthenticated."""
    authorization = asked.text(b"authorization")
    if authorization:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN:
            raise Unauthenticated
        return await sessions.by_token(token.strip(), call)
    return await by_cookie(asked, sessions, call)


async def by_cookie(asked: Asked, sessions: Sessions, call: Call) -> Who | None:
    """The browser behind a request's cookie, if it has one of ours."""
    name = sessions.cookie_name
    cookie = asked.headers.get(b"cookie", b"")
    if name.encode() not in cookie:
        return None
    try:
        morsel = SimpleCookie(cookie.decode("latin-1")).get(name)
    except CookieError:
        return None
    if morsel is None or not morsel.value or len(morsel.value) > LONGEST_COOKIE:
        return None
    return await sessions.by_cookie(morsel.value, call)


def check_origin(asked: Asked, who: Who | None, host: str) -> None:
    """Unsafe requests that may ride on a cookie must come from our own pages. Raises Refusal."""
    if asked.method in SAFE or b"authorization" in asked.headers or takes_one_click(asked.path):
        return
    if site := asked.text(b"sec-fetch-site"):
        own = site == "same-origin"
    elif origin := asked.text(b"origin"):
        own = is_from(origin, (host, asked.text(b"host")))
    else:
        own = who is None or not who.browser
    if not own:
        raise Refusal(403, "cross_site", "This request came from another site and was not carried out.")
