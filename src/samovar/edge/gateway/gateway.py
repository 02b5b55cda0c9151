"""The gateway: every request passes here once, in this order.

request id - static files - size and time limits - who is calling - CSRF - rate limit -
cache of strangers' GETs - the application - ETag - compression - security headers - log and metrics.

Only pages are compressed, and only as answers to GET. What an answer holds can be guessed from its length
when a stranger's words are compressed together with a secret (BREACH): so no answer of the API is, since
those carry tokens, nor what a form answers, such as recovery codes; a compressed page's length is blurred.
"""

import asyncio
import secrets
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import structlog
from prometheus_client import Counter, Histogram

from samovar.edge.edge import Edge
from samovar.edge.gateway.headers import security_headers
from samovar.edge.gateway.origins import is_from, names_one_host
from samovar.edge.gateway.problems import TITLES, Problem, Refusal, problem_of
from samovar.edge.gateway.sessions import Sessions, Who
from samovar.edge.web import i18n
from samovar.kernel import telemetry, tracing
from samovar.kernel.context import Call, calling
from samovar.kernel.errors import AppError, Unauthenticated
from samovar.kernel.limits import Decision, Rule

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
#: Makes the page of a problem that the gateway answers itself.
Page = Callable[[Scope, Problem], bytes]

#: Answers a GET with JSON, given the query; None when the request is to go through the application.
ShortWay = Callable[[bytes], Awaitable[bytes | None]]

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: How much of answers to strangers is kept at most.
KEPT_BYTES: Final = 8_000_000
#: Paths that watch over the process: no sessions, no limits.
PLAIN: Final = frozenset({"/livez", "/readyz", "/metrics"})
#: Shorter pages are not worth compressing.
COMPRESSED_FROM: Final = 1024
#: Level 4 takes twice as long and saves a tenth (of 110 kB of a home page: 11.2 kB in 0.39 ms, 10.1 in 0.74).
LEVEL: Final = 3
#: Most bytes by which the length of a compressed page is blurred.
BLUR: Final = 100
SIGN_IN: Final = ("/api/auth/", "/login", "/signup", "/forgot", "/reset")
LANGUAGES: Final = ("en", "ru")
#: Paths of forms with files.
FILES: Final = "/media/"
UPLOADS: Final = ("/api/media/upload", "/posts", "/settings/profile")


class Gateway:
    """ASGI around the application."""

    def __init__(
        self,
        app: App,
        edge: Edge,
        sessions: Sessions,
        static: App | None = None,
        page: Page | None = None,
        short_ways: Mapping[str, ShortWay] | None = None,
    ) -> None:
        """`short_ways`: routes of the application that are also answered without it, by path."""
        self._app = app
        self._short_ways = short_ways or {}
        self._edge = edge
        self._sessions = sessions
        self._static = static
        self._page = page
        self._headers = security_headers(secure=edge.secure, media_origin=edge.settings.media_origin)
        self._host = urlsplit(edge.site.public_url).netloc
        self._cors = frozenset(edge.settings.cors_origins.split())
        settings = edge.settings
        self._rules = {
            "read": Rule(settings.reads_per_minute, settings.reads_per_minute),
            "file": Rule(settings.files_per_minute, settings.files_per_minute),
            "write": Rule(settings.writes_per_minute, settings.writes_per_minute),
            "sign_in": Rule(settings.sign_ins_per_minute, settings.sign_ins_per_minute),
        }
        self._kept: dict[tuple[str, ...], tuple[float, list[Message]]] = {}
        self._kept_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4404, "reason": "nothing here"})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._static is not None and scope["path"].startswith("/static/"):
            await self._static(scope, receive, send)
            return
        await Exchange(self, scope, receive, send).run()


class Exchange:
    """One request and its answer."""

    def __init__(self, gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
        self.gateway = gateway
        self.edge = gateway._edge
        self.scope = scope
        self._receive = receive
        self._send = send
        self.path: str = scope["path"]
        self.method: str = scope["method"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.started = False
        self.status = 500
        self._held: Message | None = None
        self._read = 0
        self._body_from: float | None = None
        self._most = self.edge.settings.max_body
        self._seconds = self.edge.settings.request_seconds
        self._uploads = False
        self._limit: Decision | None = None
        self._rule: Rule | None = None
        self._keep: tuple[str, ...] | None = None
        self._etag = False
        self.request_id = self._request_id()
        self._call = Call()

    def _request_id(self) -> str:
        given = self.headers.get(b"x-request-id", b"") if self.edge.settings.trust_proxy else b""
        if given and len(given) <= 64 and given.replace(b"-", b"").isalnum():
            return given.decode("ascii")
        return secrets.token_hex(8)

    def _address(self) -> str:
        if self.edge.settings.trust_proxy:
            forwarded = self.headers.get(b"x-forwarded-for", b"").decode("latin-1")
            # The last entry is the one that our own proxy added.
            if nearest := forwarded.rpartition(",")[2].strip():
                return nearest[:64]
        client = self.scope.get("client")
        return client[0] if client else ""

    def _traceparent(self) -> str:
        """The trace that this request is part of, when our own proxy says so."""
        if not self.edge.settings.trust_proxy:
            return ""
        return tracing.traceparent_of(self.headers.get(b"traceparent", b"").decode("latin-1"))

    async def run(self) -> None:
        """Answer, and have it in the trace."""
        above = self._traceparent()
        if not tracing.on or self.path in PLAIN:
            await self._run(above)
            return
        with tracing.span("HTTP", "server", parent=above) as span:
            await self._run(span.traceparent)
            route = self._route()
            span.rename(f"{self.method} {route}")
            span.note({
                "http.request.method": self.method, "http.route": route,
                "http.response.status_code": self.status, "samovar.request_id": self.request_id,
            })  # fmt: skip
            if self.status >= 500:
                span.note({"error.type": str(self.status)})

    async def _run(self, trace: str) -> None:
        """Answer, whatever happens, and note how it went."""
        began = time.perf_counter()
        if self._brings_files() or self.path.startswith(FILES):
            # A film takes its time, both ways. Strangers are held to the usual limits: see `_handle`.
            self._seconds += self.edge.settings.upload_seconds
        self._call = call = Call(
            request_id=self.request_id,
            trace=trace,
            address=self._address(),
            locale=self._language(),
            deadline=asyncio.get_running_loop().time() + self._seconds,
            idempotency_key=self._idempotency_key(),
        )
        try:
            async with asyncio.timeout(self._seconds):
                await self._handle(call)
        except Refusal as refusal:
            await self._refuse(refusal.status, refusal.code, refusal.detail, refusal.headers)
        except AppError as error:
            with calling(call):
                problem, headers = problem_of(error, self.request_id, i18n.translate)
            await self._answer(problem, headers)
        except TimeoutError:
            await self._refuse(503, "deadline", "This took too long. Please try again.", {"retry-after": "2"})
        except Exception as error:
            log.error("request failed", path=self.path, request_id=self.request_id, exc_info=error)
            await self._refuse(500, "internal", "Something went wrong on our side.", {})
        finally:
            self._note(time.perf_counter() - began)

    def _idempotency_key(self) -> str | None:
        key = self.headers.get(b"idempotency-key", b"").decode("latin-1")
        return key[:255] or None

    def _language(self) -> str:
        for part in self.headers.get(b"accept-language", b"").decode("latin-1").split(","):
            language = part.split(";")[0].strip()[:2].lower()
            if language in LANGUAGES:
                return language
        return self.edge.site.locale

    async def _handle(self, call: Call) -> None:
        if not names_one_host(self.scope["headers"]):
            self.scope["headers"] = [header for header in self.scope["headers"] if header[0] != b"host"]
            raise Refusal(400, "bad_host", "Some of this is not right.", {"connection": "close"})
        if self.path in PLAIN:
            with calling(call):
                await self.gateway._app(self.scope, self._receive, self.send)
            return
        if self._cors_preflight():
            await self._send({"type": "http.response.start", "status": 204, "headers": self._all_headers([])})
            await self._send({"type": "http.response.body", "body": b""})
            self.status = 204
            return
        length = self.headers.get(b"content-length", b"0")
        announced = int(length) if length.isdigit() else 0
        if announced > (self.edge.settings.max_upload if self._brings_files() else self._most):
            raise Refusal(413, "too_large", "This is larger than we take.", {"connection": "close"})
        who = await self._who(call)
        if who is not None and self._brings_files():
            self._uploads, self._most = True, self.edge.settings.max_upload
        elif announced > self._most:
            raise Refusal(
                413,
                "too_large",
                "This is larger than we take.",
                {"connection": "close"},
            )
        self._check_origin(who)
        if who is not None:
            call = msgspec.structs.replace(
                call, actor=who.user_id, roles=who.roles, session=who.session_id, memo={}
            )
        self.scope["samovar.who"] = who
        await self._check_rate(who, call)
        if await self._from_kept(who):
            return
        self._etag = self.method in ("GET", "HEAD")
        with calling(call):
            if not await self._by_short_way():
                await self.gateway._app(self.scope, self.receive, self.send)
        if self._held is not None:  # an answer without a body message
            await self._release([])

    async def _by_short_way(self) -> bool:
        """Answer a GET that is asked for very often without the framework; False when it has to be asked."""
        answer = self.gateway._short_ways.get(self.path) if self.method == "GET" else None
        body = await answer(self.scope["query_string"]) if answer is not None else None
        if body is None:
            return False
        self.scope["path_template"] = self.path
        length = str(len(body)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", length)]
        await self.send({"type": "http.response.start", "status": 200, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})
        return True

    async def _who(self, call: Call) -> Who | None:
        authorization = self.headers.get(b"authorization", b"").decode("latin-1")
        if authorization:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() != "bearer" or not token or len(token) > 4096:
                raise Unauthenticated
            return await self.gateway._sessions.by_token(token.strip(), call)
        name = self.gateway._sessions.cookie_name
        cookie = self.headers.get(b"cookie", b"")
        if name.encode() not in cookie:
            return None
        try:
            morsel = SimpleCookie(cookie.decode("latin-1")).get(name)
        except CookieError:
            return None
        if morsel is None or not morsel.value or len(morsel.value) > 256:
            return None
        return await self.gateway._sessions.by_cookie(morsel.value, call)

    def _check_origin(self, who: Who | None) -> None:
        """Unsafe requests that may ride on a cookie must come from our own pages."""
        if self.method in SAFE or b"authorization" in self.headers:
            return
        site = self.headers.get(b"sec-fetch-site", b"").decode("latin-1")
        origin = self.headers.get(b"origin", b"").decode("latin-1")
        if site:
            own = site == "same-origin"
        elif origin:
            host = self.headers.get(b"host", b"").decode("latin-1")
            own = is_from(origin, (self.gateway._host, host))
        else:
            own = who is None or not who.browser
        if not own:
            raise Refusal(403, "cross_site", "This request came from another site and was not carried out.")

    async def _check_rate(self, who: Who | None, call: Call) -> None:
        if self.edge.settings.rate_limits == "off":
            return
        if self.method in SAFE:
            # A page brings many pictures.
            kind = "file" if self.path.startswith(FILES) else "read"
        else:
            kind = "sign_in" if who is None and self.path.startswith(SIGN_IN) else "write"
        subject = f"u{who.user_id}" if who is not None else call.address
        self._rule = rule = self.gateway._rules[kind]
        self._limit = limit = await self.edge.limits.take(f"{kind}:{subject}", rule)
        if not limit.allowed:
            wait = str(max(1, round(limit.retry_after)))
            raise Refusal(
                429, "rate_limited", "Too many requests. Please wait a little.", {"retry-after": wait}
            )

    async def _from_kept(self, who: Who | None) -> bool:
        """Answer a stranger's GET from what was kept; else note where to keep the answer."""
        seconds = self.edge.settings.anonymous_cache_seconds
        if who is not None or self.method != "GET" or not seconds or b"cookie" in self.headers:
            return False
        if self.path.startswith(FILES):  # these say themselves how long they may be kept
            return False
        key = (
            self.path,
            self.scope["query_string"].decode("latin-1"),
            self._language(),
            self.headers.get(b"accept", b"")[:100].decode("latin-1"),
            self.headers.get(b"hx-request", b"").decode("latin-1"),
        )
        found = self.gateway._kept.get(key)
        if found is None or found[0] < time.monotonic():
            self._keep = key
            return False
        start, *body = found[1]
        self._etag = True
        await self.send(dict(start))
        for message in body:
            await self.send(message)
        return True

    def _brings_files(self) -> bool:
        """Whether this is a form with files, which may be larger and come longer."""
        return (
            self.method == "POST"
            and self.path.startswith(UPLOADS)
            and self.headers.get(b"content-type", b"").lower().startswith(b"multipart/form-data")
        )

    def _body_until(self) -> float:
        """When the next piece of the body must be here: files may take as long as they keep the pace."""
        settings = self.edge.settings
        if self._body_from is None:
            self._body_from = asyncio.get_running_loop().time()
        seconds = settings.body_seconds
        if self._uploads:
            seconds = min(seconds + self._read / max(1, settings.upload_pace), settings.upload_seconds)
        return self._body_from + seconds

    async def receive(self) -> Message:
        """The body, counted and with a deadline for all of it."""
        try:
            async with asyncio.timeout_at(self._body_until()):
                message = await self._receive()
        except TimeoutError:
            raise Refusal(408, "too_slow", "The request came too slowly.", {"connection": "close"}) from None
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
            if self._read > self._most:
                raise Refusal(413, "too_large", "This is larger than we take.", {"connection": "close"})
        return message

    async def send(self, message: Message) -> None:
        """Hold the head until the first piece of body, so that a whole answer gets an ETag."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._held = message
            return
        if self._held is not None:
            await self._release([message])
        else:
            await self._send(message)

    async def _release(self, messages: list[Message]) -> None:
        start, self._held = self._held, None
        assert start is not None
        whole = bool(messages) and not messages[0].get("more_body")
        headers = list(start["headers"])
        if whole and self.status == 200 and self._etag and not any(name == b"etag" for name, _ in headers):
            body = messages[0].get("body", b"")
            crc = zlib.crc32(body)
            tag = b'W/"%x-%x"' % (len(body), crc)
            headers.append((b"etag", tag))
            if not any(name == b"cache-control" for name, _ in headers):
                headers.append((b"cache-control", b"private, no-cache"))
                headers.append((b"vary", b"Accept, Accept-Language, Cookie, Authorization"))
            if self._keep is not None and len(body) < 500_000:
                self._keep_answer(start, messages[0])
            if tag in self.headers.get(b"if-none-match", b""):
                self.status = 304
                headers = [h for h in headers if h[0] not in (b"content-length", b"content-type")]
                messages = [{"type": "http.response.body", "body": b""}]
            elif self.method == "GET" and self._compresses(headers, body):
                packed = _gzip(body, crc)
                headers = [h for h in headers if h[0] not in (b"content-length", b"vary")]
                headers.append((b"content-length", str(len(packed)).encode()))
                headers.append((b"content-encoding", b"gzip"))
                headers.append((b"vary", b"Accept, Accept-Encoding, Accept-Language, Cookie, Authorization"))
                messages = [{"type": "http.response.body", "body": packed}]
        self.started = True
        await self._send(
            {"type": "http.response.start", "status": self.status, "headers": self._all_headers(headers)}
        )
        for message in messages:
            await self._send(message)

    def _compresses(self, headers: list[tuple[bytes, bytes]], body: bytes) -> bool:
        return (
            len(body) >= COMPRESSED_FROM
            and b"gzip" in self.headers.get(b"accept-encoding", b"")
            and any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers)
        )

    def _keep_answer(self, start: Message, body: Message) -> None:
        if any(name == b"set-cookie" for name, _ in start["headers"]):
            return
        gateway = self.gateway
        gateway._kept_bytes += len(body.get("body", b""))
        if gateway._kept_bytes > KEPT_BYTES:
            # Simpler than remembering which is oldest: all of it is seconds old.
            gateway._kept.clear()
            gateway._kept_bytes = 0
        until = time.monotonic() + self.edge.settings.anonymous_cache_seconds
        assert self._keep is not None
        gateway._kept[self._keep] = (until, [start, body])

    def _all_headers(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        own = self.gateway._headers
        if any(name == b"content-security-policy" for name, _ in headers):  # bytes have a stricter one
            said = {name for name, _ in headers}
            own = [(name, value) for name, value in own if name not in said]
        result = [*headers, *own, (b"x-request-id", self.request_id.encode())]
        if self._call.trace:
            result.append((b"traceresponse", self._call.trace.encode()))
        if self._limit is not None and self._rule is not None:
            result.append((b"ratelimit-limit", str(self._rule.burst).encode()))
            result.append((b"ratelimit-remaining", str(self._limit.remaining).encode()))
            result.append((b"ratelimit-reset", str(max(0, round(self._limit.reset_after))).encode()))
        origin = self.headers.get(b"origin")
        allowed = self.gateway._cors
        if origin and allowed and self.path.startswith("/api/") and (
            "*" in allowed or origin.decode("latin-1") in allowed
        ):  # fmt: skip
            # Never with credentials: other sites use tokens, not our cookie.
            result.append((b"access-control-allow-origin", b"*" if "*" in allowed else origin))
            result.append((b"access-control-allow-methods", b"GET, POST, PUT, DELETE"))
            result.append((b"access-control-allow-headers", b"authorization, content-type, idempotency-key"))
            result.append((b"access-control-max-age", b"600"))
        return result

    def _cors_preflight(self) -> bool:
        return (
            self.method == "OPTIONS"
            and b"access-control-request-method" in self.headers
            and self.path.startswith("/api/")
        )

    async def _refuse(self, status: int, code: str, detail: str, headers: dict[str, str]) -> None:
        with calling(self._call):
            title, detail = i18n.translate(TITLES.get(status, "Refused")), i18n.translate(detail)
        await self._answer(
            Problem(title=title, status=status, code=code, detail=detail, request_id=self.request_id), headers
        )

    async def _answer(self, problem: Problem, extra: dict[str, str]) -> None:
        if self.started:
            return  # half an answer is out: nothing better can be said
        self.status = problem.status
        self._held = None
        kind, body = b"application/problem+json", msgspec.json.encode(problem)
        if self.gateway._page is not None and self._wants_page():
            with calling(self._call):
                kind, body = b"text/html; charset=utf-8", self.gateway._page(self.scope, problem)
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        headers += [(name.encode(), value.encode()) for name, value in extra.items()]
        self.started = True
        await self._send(
            {"type": "http.response.start", "status": problem.status, "headers": self._all_headers(headers)}
        )
        await self._send({"type": "http.response.body", "body": body})

    def _wants_page(self) -> bool:
        """Whether a person looks at the answer itself."""
        return (
            not self.path.startswith("/api/")
            and self.path not in PLAIN
            and b"text/html" in self.headers.get(b"accept", b"")
            and b"hx-request" not in self.headers
        )

    def _note(self, seconds: float) -> None:
        route = self._route()
        count, duration = _measures(route, self.method, f"{self.status // 100}xx")
        count.inc()
        duration.observe(seconds)
        if self.status >= 500:
            log.info(
                "request", method=self.method, path=self.path, status=self.status,
                ms=round(seconds * 1000, 1), request_id=self.request_id,
            )  # fmt: skip

    def _route(self) -> str:
        template = self.scope.get("path_template")
        return template if isinstance(template, str) else ("/livez" if self.path in PLAIN else "other")


@lru_cache(4096)
def _measures(route: str, method: str, code_class: str) -> tuple[Counter, Histogram]:
    """The counter and histogram of a route: finding them by their labels costs more than using them."""
    return (
        telemetry.http_requests.labels(route, method, code_class),
        telemetry.http_duration.labels(route, method),
    )


def _gzip(body: bytes, crc: int) -> bytes:
    """A gzip file whose head carries a name of random length, as Django has it."""
    squeeze = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    name = secrets.token_hex(BLUR)[: secrets.randbelow(BLUR)].encode()
    tail = crc.to_bytes(4, "little") + (len(body) & 0xFFFFFFFF).to_bytes(4, "little")
    head = b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff" + name + b"\x00"
    return head + squeeze.compress(body) + squeeze.flush() + tail
