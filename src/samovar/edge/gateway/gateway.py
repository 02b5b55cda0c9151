"""The gateway: every request passes here once, in this order.
Live connections go another way: `edge.sockets`.

request id - static files - size and time limits - who is calling - CSRF - rate limit -
cache of strangers' GETs - the application - ETag - compression - security headers - log and metrics.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import msgspec
import structlog
from prometheus_client import Counter, Histogram

from samovar.edge.edge import Edge
from samovar.edge.gateway.answer import Answer, Common
from samovar.edge.gateway.asgi import App, Message, Receive, Scope, Send, ShortWay
from samovar.edge.gateway.asked import FILES, PLAIN, SAFE, Asked
from samovar.edge.gateway.body import Body
from samovar.edge.gateway.caller import caller_of, check_origin
from samovar.edge.gateway.door import TICKET, Door, Ticket
from samovar.edge.gateway.headers import security_headers
from samovar.edge.gateway.kept import Kept
from samovar.edge.gateway.origins import names_one_host
from samovar.edge.gateway.problems import TITLES, Problem, Refusal, problem_of
from samovar.edge.gateway.sessions import Sessions, Who
from samovar.edge.seen import SAW, Seen
from samovar.edge.sockets.sockets import EVENTS, Sockets
from samovar.edge.web import i18n
from samovar.kernel import telemetry, tracing
from samovar.kernel.context import Call, calling
from samovar.kernel.errors import AppError

log = structlog.get_logger(__name__)

#: Makes the page of a problem that the gateway answers itself.
Page = Callable[[Scope, Problem], bytes]
SIGN_IN: Final = ("/api/auth/", "/login", "/signup", "/forgot", "/reset")
SEARCH: Final = ("/api/search", "/search")
REPORT: Final = ("/api/reports", "/reports", "/report")


class Gateway:
    """ASGI around the application."""

    def __init__(
        self,
        app: App,
        edge: Edge,
        sessions: Sessions,
        seen: Seen,
        static: App | None = None,
        page: Page | None = None,
        short_ways: Mapping[str, ShortWay] | None = None,
    ) -> None:
        """`short_ways`: routes of the application that are also answered without it, by path."""
        settings = edge.settings
        self.app = app
        self.edge = edge
        self.sessions = sessions
        self.page = page
        self.short_ways = short_ways or {}
        self.host = urlsplit(edge.site.public_url).netloc
        security = security_headers(secure=edge.secure, media_origin=settings.media_origin)
        self.common = Common(security, settings.cors_origins)
        self.kept = Kept(settings.anonymous_cache_seconds)
        self.door = Door(settings)
        self.seen = seen
        self.sockets = Sockets(edge, sessions, self.common, self.host)
        self._static = static

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.sockets.websocket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ticket = scope.get(TICKET)
        if ticket is None:
            await self._serve(scope, receive, send)
            return
        self.door.enter(ticket, asyncio.get_running_loop().time())
        try:
            await self._serve(scope, receive, send)
        finally:
            self.door.leave(ticket)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._static is not None and scope["path"].startswith("/static/"):
            await self._static(scope, receive, send)
            return
        if scope["path"] == EVENTS:
            self.out(scope)
            await self.sockets.events(scope, receive, send)
            return
        await Exchange(self, scope, receive, send).run()

    def out(self, scope: Scope) -> None:
        """What goes on for long without doing much is not counted as inside."""
        ticket = scope.get(TICKET)
        if ticket is not None:
            self.door.leave(ticket)


class Exchange:
    """One request and its answer."""

    def __init__(self, gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
        self._gateway = gateway
        self._edge = gateway.edge
        self._scope = scope
        self._receive = receive
        self._asked = Asked(gateway.edge, scope)
        self._answer = Answer(self._asked, gateway.common, gateway.kept, send)
        self._call = Call()

    async def run(self) -> None:
        """Answer, and have it in the trace."""
        asked, above = self._asked, self._asked.traceparent
        if not tracing.on or asked.path in PLAIN:
            await self._run(above)
            return
        with tracing.span("HTTP", "server", parent=above) as span:
            await self._run(span.traceparent)
            route, status = self._route(), self._answer.status
            span.rename(f"{asked.method} {route}")
            span.note({
                "http.request.method": asked.method, "http.route": route,
                "http.response.status_code": status, "samovar.request_id": asked.request_id,
            })  # fmt: skip
            if status >= 500:
                span.note({"error.type": str(status)})

    async def _run(self, trace: str) -> None:
        """Answer, whatever happens, and note how it went."""
        began = time.perf_counter()
        asked, seconds = self._asked, self._edge.settings.request_seconds
        if asked.path.startswith(FILES):
            self._gateway.out(self._scope)
        if asked.brings_files or asked.path.startswith(FILES):
            # A film takes its time, both ways. Strangers are held to the usual limits: see `Body`.
            seconds += self._edge.settings.upload_seconds
        self._answer.trace = trace
        self._call = call = Call(
            request_id=asked.request_id,
            trace=trace,
            address=asked.address,
            locale=asked.language,
            deadline=asyncio.get_running_loop().time() + seconds,
            idempotency_key=asked.idempotency_key,
        )
        try:
            async with asyncio.timeout(seconds):
                await self._handle(call)
        except Refusal as refusal:
            await self._refuse(refusal.status, refusal.code, refusal.detail, refusal.headers)
        except AppError as error:
            with calling(call):
                problem, headers = problem_of(error, asked.request_id, i18n.translate)
            await self._say(problem, headers)
        except TimeoutError:
            await self._refuse(503, "deadline", "This took too long. Please try again.", {"retry-after": "2"})
        except Exception as error:
            log.error("request failed", path=asked.path, request_id=asked.request_id, exc_info=error)
            await self._refuse(500, "internal", "Something went wrong on our side.", {})
        finally:
            self._note(time.perf_counter() - began)

    async def _handle(self, call: Call) -> None:
        asked, answer, gateway, scope = self._asked, self._answer, self._gateway, self._scope
        if not names_one_host(scope["headers"]):
            scope["headers"] = [header for header in scope["headers"] if header[0] != b"host"]
            raise Refusal(400, "bad_host", "Some of this is not right.", {"connection": "close"})
        if asked.path in PLAIN:
            with calling(call):
                await gateway.app(scope, self._receive, answer.send)
            return
        listed = self._edge.limiter.standing(asked.address)
        if listed is not None and listed.stand == "block":
            raise Refusal(403, "blocked", "Requests from this network are not taken.")
        if _is_preflight(asked):
            await answer.whole(204, [], b"")
            return
        receive = self._receive
        if TICKET in scope:
            receive = _outside(gateway.door, scope[TICKET], receive)
        body = Body(receive, self._edge.settings)
        length = asked.headers.get(b"content-length", b"0")
        if not asked.brings_files:
            body.check_length(length)
        who = await caller_of(asked, gateway.sessions, call)
        if asked.brings_files:
            if who is not None:
                body.take_files()
            body.check_length(length)
        check_origin(asked, who, gateway.host)
        if who is not None:
            call = msgspec.structs.replace(
                call, actor=who.user_id, roles=who.roles, session=who.session_id, memo={}
            )
        scope["samovar.who"] = who
        if self._edge.settings.rate_limits == "on":
            await self._check_rate(who, call)
        if who is None and await self._from_kept():
            return
        answer.etag = asked.method in ("GET", "HEAD")
        with calling(call):
            if not await self._by_short_way():
                await gateway.app(scope, body.receive, answer.send)
        await answer.flush()
        if answer.status in (200, 304):
            gateway.seen.answered(asked.headers, None if who is None else who.user_id, scope.get(SAW))

    async def _by_short_way(self) -> bool:
        """Answer a GET that is asked for very often without the framework; False when it has to be asked."""
        asked = self._asked
        answer = self._gateway.short_ways.get(asked.path) if asked.method == "GET" else None
        body = await answer(self._scope["query_string"]) if answer is not None else None
        if body is None:
            return False
        self._scope["path_template"] = asked.path
        length = str(len(body)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", length)]
        await self._answer.send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._answer.send({"type": "http.response.body", "body": body})
        return True

    async def _check_rate(self, who: Who | None, call: Call) -> None:
        limiter, action = self._edge.limiter, _action(self._asked, who)
        self._answer.rule = limiter.policy(action).rule
        self._answer.limit = limit = await limiter.take(action, call)
        if not limit.allowed:
            wait = str(max(1, round(limit.retry_after)))
            raise Refusal(
                429, "rate_limited", "Too many requests. Please wait a little.", {"retry-after": wait}
            )

    async def _from_kept(self) -> bool:
        """Answer a stranger's GET from what was kept; else note where to keep the answer."""
        kept, answer = self._gateway.kept, self._answer
        key = kept.key_of(self._asked)
        found = None if key is None else kept.find(key)
        if found is None:
            answer.key = key
            return False
        start, body = found
        answer.etag = True
        await answer.send(dict(start))
        await answer.send(body)
        self._gateway.seen.answered(self._asked.headers, None, start.get(SAW))
        return True

    async def _refuse(self, status: int, code: str, detail: str, headers: dict[str, str]) -> None:
        with calling(self._call):
            title, detail = i18n.translate(TITLES.get(status, "Refused")), i18n.translate(detail)
        request_id = self._asked.request_id
        await self._say(
            Problem(title=title, status=status, code=code, detail=detail, request_id=request_id), headers
        )

    async def _say(self, problem: Problem, extra: dict[str, str]) -> None:
        kind, body = b"application/problem+json", msgspec.json.encode(problem)
        if self._gateway.page is not None and self._asked.wants_page and not self._answer.started:
            with calling(self._call):
                kind, body = b"text/html; charset=utf-8", self._gateway.page(self._scope, problem)
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        headers += [(name.encode(), value.encode()) for name, value in extra.items()]
        await self._answer.whole(problem.status, headers, body)

    def _note(self, seconds: float) -> None:
        asked, status = self._asked, self._answer.status
        count, duration = _measures(self._route(), asked.method, f"{status // 100}xx")
        count.inc()
        duration.observe(seconds)
        if status >= 500:
            log.info(
                "request", method=asked.method, path=asked.path, status=status,
                ms=round(seconds * 1000, 1), request_id=asked.request_id,
            )  # fmt: skip

    def _route(self) -> str:
        template = self._scope.get("path_template")
        return template if isinstance(template, str) else ("/livez" if self._asked.path in PLAIN else "other")


def _action(asked: Asked, who: Who | None) -> str:
    """As what a request is limited."""
    path = asked.path
    if asked.method in SAFE:
        if path.startswith(FILES):  # a page brings many pictures
            return "file"
        return "search" if path.startswith(SEARCH) else "read"
    if who is None and path.startswith(SIGN_IN):
        return "sign-in"
    return "report" if path.startswith(REPORT) else "write"


def _outside(door: Door, ticket: Ticket, receive: Receive) -> Receive:
    """Whoever takes long to send a body is not counted as inside meanwhile."""

    async def outside() -> Message:
        door.leave(ticket)
        try:
            return await receive()
        finally:
            door.come_back(ticket)

    return outside


def _is_preflight(asked: Asked) -> bool:
    return (
        asked.method == "OPTIONS"
        and b"access-control-request-method" in asked.headers
        and asked.path.startswith("/api/")
    )


@lru_cache(4096)
def _measures(route: str, method: str, code_class: str) -> tuple[Counter, Histogram]:
    """The counter and histogram of a route: finding them by their labels costs more than using them."""
    return (
        telemetry.http_requests.labels(route, method, code_class),
        telemetry.http_duration.labels(route, method),
    )
