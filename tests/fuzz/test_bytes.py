"""Raw bytes at the server's door: whatever comes, it answers below 500 or hangs up, and lives on."""

import asyncio
import json
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.fuzz.test_schema import PATIENT, Cast, cast
from tests.serving import Server

SEED = int(os.environ.get("FUZZ_SEED", "20261121"))
REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "20000"))
CLIENTS = 25
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n")
BIG = ("9223372036854775807", "9223372036854775808", "18446744073709551616", "-1", "0", "1" * 400, "1e9", "٣")
NASTY = (
    b"\x00", b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\r\n", b"\n", b"\t", b"\x7f",
    b"\xe2\x80\xae", b"'", b'"', b"<script>", b"{{7*7}}", b"%", b"..", b"\\", b"\xf0\x9f\xab\x96" * 50,
    b" " * 300,
)  # fmt: skip
ROUTES = (
    "GET /", "GET /login", "POST /login", "GET /signup", "POST /signup", "GET /explore", "POST /posts",
    "GET /settings/profile", "POST /settings/profile", "GET /static/main.css", "GET /livez", "GET /readyz",
    "GET /metrics", "GET /api/site", "GET /api/feed", "GET /api/timelines/public",
    "GET /api/timelines/tags/tea",
    "GET /api/users/member", "PUT /api/users/member", "GET /api/users/member/posts",
    "POST /api/users/other/follow",
    "POST /api/posts", "POST /api/posts", "POST /api/posts", "GET /api/posts/{post}", "PUT /api/posts/{post}",
    "GET /api/posts/{post}/thread", "POST /api/posts/{post}/like", "POST /api/posts/{post}/votes",
    "PUT /api/posts/{post}/reactions/wow", "GET /api/posts/{post}/reactions", "GET /api/me/suggestions",
    "POST /api/auth/login", "POST /api/auth/register", "POST /api/auth/refresh", "POST /api/auth/forgot",
    "POST /api/auth/verify", "GET /api/auth/validate", "GET /api/bookmarks", "GET /@member",
    "GET /@member/{post}",
    "GET /api/openapi.json", "GET /api/docs", "GET /api/nowhere", "GET /tags/tea", "GET /api/users/{big}",
    "GET /api/posts/{big}", "GET /@{big}", "DELETE /api/posts/{big}", "POST /api/posts/{big}/votes",
    "POST /api/media/upload", "POST /api/media/upload", "GET /api/media/{big}", "PUT /api/media/{post}",
    "DELETE /api/media/{big}", "GET /api/media/user/member", "GET /api/media/gallery", "GET /gallery",
    "GET /media/{big}/large.webp", "GET /media/{post}/original", "GET /@member/media", "GET /media-at/{big}",
)  # fmt: skip
ODD_PATHS = (
    b"//", b"/%00", b"/%", b"/%zz", b"/%c0%af", b"/%ff%fe", b"/api/%2e%2e/%2e%2e/etc/passwd",
    b"/static/../../secret.key",
    b"/static/%2e%2e%2fmanifest.json", b"/static/%00.css", b"/static/" + b"a" * 5000, b"/static/fonts",
    b"/static/",
    b"/@%F0%28%8C%BC", b"/tags/%ED%A0%80", b"/api/timelines/tags/%00", b"/api/users/%0d%0aset-cookie:x=1",
    b"*",
    b"http://elsewhere.example/api/site", b"/api/site?" + b"a=1&" * 800, b"/api/site?%ff=%fe&cursor=%00",
    b"/api/feed?limit=1e3", b"/api/feed?limit=" + b"9" * 500, b"/api/feed?cursor=%00%ff",
    b"/api/feed?cursor=AAAA",
    b"/api/timelines/public?limit=1&limit=2&cursor=&cursor=x", b"/" + b"x" * 9000, b"/api" + b"/x" * 900,
    b"/api/./site",
    b"/api;/site", b"/api/site#there", b"/search?q=%ff", b"/login?next=//evil.example",
    b"/login?next=%0d%0ax:y",
    b"/\xff\xfe", b"/api/users/\xd0\xb0", b"/api/posts/%EF%BC%91", b"/explore?cursor=%22%27", b"/?after=%ff",
)  # fmt: skip
METHODS = (
    b"GET",
    b"POST",
    b"PUT",
    b"DELETE",
    b"HEAD",
    b"OPTIONS",
    b"PATCH",
    b"TRACE",
    b"CONNECT",
    b"get",
    b"X\xffY",
    b"",
)
TYPES = (
    b"application/json", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=b",
    b"multipart/form-data", b"text/plain", b"application/json; charset=utf-16", b"application/msgpack",
    b"\xff", b"",
    b"application/problem+json", b"multipart/form-data; boundary=" + b"b" * 300,
    b"application/json; charset=no-such",
)  # fmt: skip

PART = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n'
#: Framing that a proxy in front and the server could read differently.
AMBIGUOUS = (
    b"Content-Length: 5\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nContent-Length: 5",
    b"Transfer-Encoding: chunked\r\nContent-Length: 0",
    b"Content-Length: 5\r\nTransfer-Encoding : chunked",
    b"Content-Length: 5\r\nTransfer-Encoding:\tchunked",
    b"Content-Length: 5\r\nTransfer-Encoding: xchunked",
    b"Content-Length: 5\r\nTransfer-Encoding:\r\n chunked",
    b"Content-Length: 5\r\nX: y\nTransfer-Encoding: chunked",
    b"Content-Length: 5\r\nX: y\rTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked, identity\r\nContent-Length: 5",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\nContent-Length: 5",
    b"Content-Length: 5\r\nContent-Length: 0",
    b"Content-Length: 0\r\nContent-Length: 5",
    b"Content-Length: 5, 5",
    b"Content-Length: 05_0",
    b"Content-Length : 5",
)


@dataclass
class Tally:
    """What the fuzzer saw."""

    sent: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    failures: list[str] = field(default_factory=list)


class Maker:
    """Makes requests: a decent one, spoilt in one to three ways."""

    def __init__(self, chance: random.Random, there: Cast) -> None:
        self.chance = chance
        self.there = there

    def request(self) -> bytes:
        """The bytes of one request, most of them wrong somewhere."""
        chance = self.chance
        if chance.random() < 0.06:
            return self._smuggling()
        if chance.random() < 0.02:
            return bytes(chance.randrange(256) for _ in range(chance.randrange(1, 400)))
        method, path = self._line()
        body = self._body() if method not in (b"GET", b"HEAD") or chance.random() < 0.05 else b""
        headers = [(b"Host", b"localhost"), *self._identity()]
        if body:
            kind = TYPES[0] if chance.random() < 0.7 else chance.choice(TYPES)
            headers.append((b"Content-Type", kind))
        if chance.random() < 0.4:
            headers += self._odd_headers()
        framing, payload = self._framing(body)
        headers += framing
        chance.shuffle(headers)
        head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        version = (
            b"HTTP/1.1"
            if chance.random() < 0.97
            else chance.choice((b"HTTP/1.0", b"HTTP/9.9", b"HTTP/2", b""))
        )
        raw = method + b" " + path + b" " + version + b"\r\n" + head + b"\r\n" + payload
        if chance.random() < 0.1:
            raw = self._spoilt(raw)
        return raw

    def _line(self) -> tuple[bytes, bytes]:
        chance = self.chance
        if chance.random() < 0.25:
            methods = METHODS[:4] if chance.random() < 0.8 else METHODS
            return chance.choice(methods), chance.choice(ODD_PATHS)
        method, path = chance.choice(ROUTES).split()
        if chance.random() < 0.1:
            method = chance.choice(METHODS).decode("latin-1")
            # Nobody asks plainly for a post to be deleted: whether one was tells of smuggled requests.
            method = "GET" if (method, path) == ("DELETE", "/api/posts/{post}") else method
        raw = path.format(post=chance.choice(self.there.posts), big=chance.choice(BIG)).encode()
        if chance.random() < 0.3:
            raw += b"?" + chance.choice((b"limit=", b"cursor=", b"type=", b"replies=", b"next=", b"q="))
            raw += "".join(f"%{byte:02x}" for byte in chance.choice(NASTY)).encode()
        return method.encode("latin-1"), raw

    def _identity(self) -> list[tuple[bytes, bytes]]:
        chance = self.chance
        token = self.there.tokens["member"].encode()
        signed = (b"Authorization", b"Bearer " + token)
        odd = (
            (b"Authorization", b"Bearer " + token[:-3] + b"AAA"), (b"Authorization", b"Bearer \xff\x00"),
            (b"Authorization", b"Basic YTpi"), (b"Authorization", b"Bearer " + b"x" * 5000),
            (b"Authorization", b""),
            (b"Cookie", b"samovar=" + b"\xff" * 20), (b"Cookie", b'samovar="\\777"; ; =;;a'), (b"Cookie",
            b"samovar="),
            (b"Cookie", b"samovar=" + b"x" * 3000), (b"Cookie", b"samovar=a; samovar=b; theme=\x01"),
        )  # fmt: skip
        choice = chance.random()
        return [signed] if choice < 0.6 else [chance.choice(odd)] if choice < 0.8 else []

    def _odd_headers(self) -> list[tuple[bytes, bytes]]:
        chance = self.chance
        odd = (
            (b"Accept", b"\xff/\xff"), (b"Accept", b"text/html,*/*;q=x"), (b"Accept", b"application/msgpack"),
            (b"Accept-Language", b"\xd0\xb0" * 40), (b"Accept-Language", b"ru;q=\x01"), (b"If-None-Match",
            b"*"),
            (b"If-None-Match", b'W/"' + b"0" * 500 + b'"'), (b"Idempotency-Key", b"\xff" * 300), (b"Range",
            b"bytes=9-1,-"),
            (b"Idempotency-Key", b"fuzz%d" % chance.randrange(50)), (b"Origin", b"null"), (b"Origin",
            b"http://[::1"),
            (b"Origin", b"\xff"), (b"Origin", b"https://evil.example"), (b"Sec-Fetch-Site", b"cross-site"),
            (b"Sec-Fetch-Site", b"\xff"), (b"X-Forwarded-For", b"1.1.1.1, \xff"), (b"X-Request-ID",
            b"\x01'\""),
            (b"Expect", b"100-continue"), (b"Upgrade", b"h2c"), (b"Upgrade", b"websocket"), (b"TE",
            b"trailers"),
            (b"Connection", b"close"), (b"Connection", b"upgrade, keep-alive"), (b"Content-Encoding",
            b"gzip"),
            (b"HX-Request", b"\xff"), (b"HX-Request", b"true"), (b"X" * 400, b"y" * 4000), (b"Host",
            b"evil.example"),
            (b"Host", b"a@b:99999"), (b"User-Agent", b"\xff" * 1000), (b"User-Agent", b"\xe2\x80\xae" * 100),
            (b"Referer", b"http://[bad"), (b"Accept-Encoding", b"gzip;q=9,\xff"), (b"If-Modified-Since",
            b"\xff"),
            (b"Access-Control-Request-Method", b"\xff"), (b"Bad Name", b"x"), (b"", b"empty"), (b"X-Null",
            b"a\x00b"),
            (b"X-Fold", b"a\r\n b"), (b"Content-Type", b"application/json"), (b"Transfer-Encoding",
            b"identity"),
        )  # fmt: skip
        return [chance.choice(odd) for _ in range(chance.randrange(1, 4))]

    def _body(self) -> bytes:
        chance = self.chance
        big = chance.choice(BIG)
        bodies: Sequence[Callable[[], bytes]] = (
            lambda: json.dumps({"text": "fuzz " + chance.choice(NASTY).decode("utf-8", "replace")}).encode(),
            lambda: b'{"text": "' + chance.choice(NASTY) + b'"}',
            lambda: b'{"text": "\\ud800\\u0000\\uffff"}',
            lambda: b'{"text": "one", "text": "two", "text": 3}',
            lambda: b"[" * chance.choice((50, 2000, 100_000)),
            lambda: b'{"a":' * chance.choice((50, 5000)) + b"1" + b"}" * 50,
            lambda: b'{"text": "x", "in_reply_to_id": "' + big.encode() + b'"}',
            lambda: b'{"text": "x", "poll": {"options": ["a", "b"], "expires_in": ' + big.encode() + b"}}",
            lambda: b'{"choices": [' + big.encode() + b", 0, 0]}",
            lambda: b'{"choices": ' + json.dumps(list(range(chance.randrange(2000)))).encode() + b"}",
            lambda: json.dumps({"text": "x", "media_ids": [big] * chance.randrange(300)}).encode(),
            lambda: json.dumps({"username": chance.choice(("member", "\x00", "a" * 5000)),
            "password": big}).encode(),
            lambda: json.dumps({"username": "\u202e", "email": "a@\u0000b",
            "password": "\ud83e" * 90}).encode(),
            lambda: b'{"text": NaN}',
            lambda: b'{"text": "x", "language": ' + chance.choice((b"-0", b"1e999", b"Infinity",
            b"true")) + b"}",
            lambda: b"\xef\xbb\xbf{}",
            lambda: b"null" + chance.choice(NASTY),
            lambda: b"text=" + chance.choice(NASTY) + b"&text=%ff%00&=&&name=%zz",
            lambda: b"name=member&password=%ff&next=//evil.example",
            lambda: PART + chance.choice(NASTY) + b"\r\n--b--",
            lambda: b'--b\r\nContent-Disposition: form-data; name="\xff"; filename="../../x"\r\n\r\nx\r\n--b',
            lambda: b"--b\r\n" + b"X-H: " + b"y" * 20_000 + b"\r\n\r\nx\r\n--b--",
            lambda: bytes(chance.randrange(256) for _ in range(chance.randrange(2000))),
            lambda: b"",
        )  # fmt: skip
        return chance.choice(bodies)()

    def _framing(self, body: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
        """How long the body says it is, and its bytes."""
        chance = self.chance
        if chance.random() < 0.85:
            return ([(b"Content-Length", str(len(body)).encode())] if body else []), body
        ways = (
            ([(b"Transfer-Encoding", b"chunked")], b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)),
            ([(b"Transfer-Encoding", b"chunked")],
            b"%X;ext=\xff\r\n%b\r\n0\r\nX-Trailer: \xff\r\n\r\n" % (len(body), body)),
            ([(b"Transfer-Encoding", b"chunked")], b"zz\r\n" + body + b"\r\n0\r\n\r\n"),
            ([(b"Transfer-Encoding", b"chunked")], b"-1\r\n\r\n"),
            ([(b"Transfer-Encoding", b"chunked")], b"ffffffffffffffffff\r\n" + body),
            ([(b"Transfer-Encoding", b"chunked")], b"1\r\n" * 3 + body),
            ([(b"Transfer-Encoding", b"gzip, chunked")], b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)),
            ([(b"Content-Length", str(len(body) + 7).encode())], body),
            ([(b"Content-Length", str(max(0, len(body) - 3)).encode())], body),
            ([(b"Content-Length", b"-5")], body),
            ([(b"Content-Length", b"9" * 40)], body),
            ([(b"Content-Length", b"0x10")], body),
            ([(b"Content-Length", b"2000000")], body),
            ([(b"Content-Length", b"5"), (b"Content-Length", b"6")], body),
            ([(b"Content-Length", b"+%d" % len(body))], body),
        )  # fmt: skip
        return chance.choice(ways)

    def _smuggling(self) -> bytes:
        return smuggling(self.chance.choice(AMBIGUOUS), self.there)

    def _spoilt(self, raw: bytes) -> bytes:
        chance = self.chance
        at = chance.randrange(max(1, len(raw)))
        ways: Sequence[Callable[[], bytes]] = (
            lambda: raw[:at] + chance.choice(NASTY) + raw[at:],
            lambda: raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :],
            lambda: raw[:at] + raw[at + chance.randrange(1, 20) :],
            lambda: raw.replace(b"\r\n", b"\n", chance.randrange(1, 5)),
            lambda: raw.replace(b": ", b":", 2).replace(b"HTTP", b"HTTP ", 1),
            lambda: raw[:at] + raw[:at],
        )  # fmt: skip
        return chance.choice(ways)()


def smuggling(framing: bytes, there: Cast) -> bytes:
    """A request of unclear length, and behind it one that deletes a post."""
    inner = f"DELETE /api/posts/{there.posts[0]} HTTP/1.1\r\nHost: localhost\r\n"
    inner += f"Authorization: Bearer {there.tokens['member']}\r\n\r\n"
    return (
        b"POST /api/posts HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n\r\n0\r\n\r\n" + inner.encode()
    )


class Client:
    """A connection kept alive as long as the server lets it."""

    def __init__(self, port: int, tally: Tally) -> None:
        self.port = port
        self.tally = tally
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def send(self, raw: bytes) -> None:
        """Send, and note what comes back; a request that never ends is given up."""
        used = self.writer is not None
        self.tally.sent += 1
        answer = await self._exchange(raw)
        if used and not answer and self.writer is None:
            answer = await self._exchange(raw)  # the server had ended the connection before
        statuses = [status.decode() for status in STATUS.findall(answer)]
        self.tally.statuses.update(statuses)
        self.tally.unanswered += not statuses
        if any(status >= "500" for status in statuses):
            self.tally.failures.append(f"{statuses} for {raw[:600]!r}")

    async def _exchange(self, raw: bytes) -> bytes:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        assert self.reader is not None
        answer, wait = b"", 0.5
        try:
            self.writer.write(raw)
            await self.writer.drain()
            while piece := await asyncio.wait_for(self.reader.read(65_536), wait):
                answer += piece
                if whole(answer, raw.startswith(b"HEAD ")):
                    return answer
                wait = 2
        except (TimeoutError, OSError):
            pass
        await self.close()
        return answer

    async def close(self) -> None:
        """Hang up."""
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


def whole(answer: bytes, head_only: bool) -> bool:
    """Whether one answer has come in full."""
    head, found, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    if not found:
        return False
    if head_only or head[9:12] in (b"204", b"304"):
        return True
    return length is not None and len(body) >= int(length[1])


async def attack(port: int, there: Cast, number: int, requests: int, tally: Tally) -> None:
    """One client's share."""
    maker = Maker(random.Random(f"{SEED} {number}"), there)
    client = Client(port, tally)
    for _ in range(requests):
        await client.send(maker.request())
    await client.close()


@pytest.mark.timeout(400)
async def test_no_bytes_bring_the_server_down(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = Server(tmp_path / "data", {**PATIENT, "SAMOVAR_EDGE__BODY_SECONDS": "2"})
    tally = Tally()
    try:
        await server.start()
        there, pid = await cast(server.url), server.pid
        await asyncio.gather(
            *(attack(server.port, there, number, REQUESTS // CLIENTS, tally) for number in range(CLIENTS))
        )
        with capsys.disabled():
            print(f"\nraw bytes: {tally.sent} requests, seed {SEED}: {dict(sorted(tally.statuses.items()))}, "
                  f"{tally.unanswered} left hanging")  # fmt: skip
        log = (server.data / "server.log").read_text(errors="replace")
        assert not tally.failures, "\n".join(tally.failures[:10])
        assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:3000]
        assert server.pid == pid
        async with httpx.AsyncClient(base_url=server.url) as http:
            assert (await http.get("/readyz")).status_code == 200
            for post in there.posts[:2]:
                assert (await http.get(f"/api/posts/{post}")).status_code == 200, "a smuggled request was run"
    finally:
        server.end()


async def test_a_request_that_could_end_in_two_places_is_refused(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", PATIENT)
    try:
        await server.start()
        there = await cast(server.url)
        for framing in AMBIGUOUS:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(smuggling(framing, there))
            answer = await asyncio.wait_for(reader.read(), 10)  # to the end: the server hangs up
            writer.close()
            assert STATUS.findall(answer) == [b"400"], (framing, answer)
        async with httpx.AsyncClient(base_url=server.url) as http:
            assert (await http.get(f"/api/posts/{there.posts[0]}")).status_code == 200
    finally:
        server.end()
