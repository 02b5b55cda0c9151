"""The way of an answer out: its head waits for its body, so that a whole one gets an ETag, is kept for other
strangers and compressed; every head gets the headers that all answers have."""

import zlib

from samovar.edge.gateway.asgi import Headers, Message, Send
from samovar.edge.gateway.asked import Asked
from samovar.edge.gateway.compression import gzipped, is_compressed
from samovar.edge.gateway.kept import Kept, Key
from samovar.edge.seen import SAW
from samovar.kernel.limits import Decision, Rule


class Common:
    """Headers of every answer of a process."""

    def __init__(self, security: Headers, cors_origins: str) -> None:
        self._security = security
        self._cors = frozenset(cors_origins.split())

    def headers(self, asked: Asked, trace: str, rule: Rule | None, limit: Decision | None) -> Headers:
        """What is added to an answer's own headers."""
        result = [*self._security, (b"x-request-id", asked.request_id.encode())]
        if trace:
            result.append((b"traceresponse", trace.encode()))
        if limit is not None and rule is not None:
            result.append((b"ratelimit-limit", str(rule.burst).encode()))
            result.append((b"ratelimit-remaining", str(limit.remaining).encode()))
            result.append((b"ratelimit-reset", str(max(0, round(limit.reset_after))).encode()))
        origin = asked.headers.get(b"origin")
        allowed = self._cors
        if origin and allowed and asked.path.startswith("/api/") and (
            "*" in allowed or origin.decode("latin-1") in allowed
        ):  # fmt: skip
            # Never with credentials: other sites use tokens, not our cookie.
            result.append((b"access-control-allow-origin", b"*" if "*" in allowed else origin))
            result.append((b"access-control-allow-methods", b"GET, POST, PUT, DELETE"))
            result.append((b"access-control-allow-headers", b"authorization, content-type, idempotency-key"))
            result.append((b"access-control-max-age", b"600"))
        return result


class Answer:
    """One answer on its way out."""

    def __init__(self, asked: Asked, common: Common, kept: Kept, send: Send) -> None:
        self._asked = asked
        self._common = common
        self._kept = kept
        self._send = send
        self._held: Message | None = None
        self.status = 500
        #: Something of it is out: nothing better can be said.
        self.started = False
        #: Whole answers get an ETag.
        self.etag = False
        #: Where to keep it for other strangers.
        self.key: Key | None = None
        self.trace = ""
        self.rule: Rule | None = None
        self.limit: Decision | None = None

    async def send(self, message: Message) -> None:
        """Hold the head until the first piece of body, so that a whole answer gets an ETag."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._held = message
        elif self._held is not None:
            await self._release([message])
        else:
            await self._send(message)

    async def flush(self) -> None:
        """Send a head that no body followed."""
        if self._held is not None:
            await self._release([])

    async def whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Say this instead of whatever is held; nothing when something is out already."""
        if self.started:
            return
        self.status, self._held, self.started = status, None, True
        await self._send({"type": "http.response.start", "status": status, "headers": self._all(headers)})
        await self._send({"type": "http.response.body", "body": body})

    async def _release(self, messages: list[Message]) -> None:
        start, self._held = self._held, None
        assert start is not None
        headers = list(start["headers"])
        whole = messages and not messages[0].get("more_body") and self.status == 200 and self.etag
        if whole and not any(name == b"etag" for name, _ in headers):
            headers, messages = self._finished(start, headers, messages)
        self.started = True
        await self._send(
            {"type": "http.response.start", "status": self.status, "headers": self._all(headers)}
        )
        for message in messages:
            await self._send(message)

    def _finished(
        self, start: Message, headers: Headers, messages: list[Message]
    ) -> tuple[Headers, list[Message]]:
        """A whole answer with its tag, said shorter where the reader has it or takes gzip."""
        asked = self._asked
        body = messages[0].get("body", b"")
        crc = zlib.crc32(body)
        tag = b'W/"%x-%x"' % (len(body), crc)
        headers.append((b"etag", tag))
        if not any(name == b"cache-control" for name, _ in headers):
            headers.append((b"cache-control", b"private, no-cache"))
            headers.append((b"vary", b"Accept, Accept-Language, Cookie, Authorization"))
        if self.key is not None:
            self._kept.keep(self.key, {**start, SAW: asked.scope.get(SAW)}, messages[0])
        if tag in asked.headers.get(b"if-none-match", b""):
            self.status = 304
            headers = [h for h in headers if h[0] not in (b"content-length", b"content-type")]
            return headers, [{"type": "http.response.body", "body": b""}]
        accepts = asked.headers.get(b"accept-encoding", b"")
        if asked.method == "GET" and is_compressed(accepts, headers, body):
            packed = gzipped(body, crc)
            headers = [h for h in headers if h[0] not in (b"content-length", b"vary")]
            headers.append((b"content-length", str(len(packed)).encode()))
            headers.append((b"content-encoding", b"gzip"))
            headers.append((b"vary", b"Accept, Accept-Encoding, Accept-Language, Cookie, Authorization"))
            return headers, [{"type": "http.response.body", "body": packed}]
        return headers, messages

    def _all(self, headers: Headers) -> Headers:
        common = self._common.headers(self._asked, self.trace, self.rule, self.limit)
        if any(name == b"content-security-policy" for name, _ in headers):  # bytes have a stricter one
            said = {name for name, _ in headers}
            common = [(name, value) for name, value in common if name not in said]
        return [*headers, *common]
