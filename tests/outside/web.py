"""An HTTP server that keeps what it was given and answers as a test says; and a browser that subscribes to
web push at it and reads what comes."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Request(NamedTuple):
    """What came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Reply(NamedTuple):
    """What is answered."""

    status: int = 201
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class WebServer:
    """One server. `answer` says what it answers to a request; None: nothing at all, until the end."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[Request] = []
        self.answer: Callable[[Request], Reply | None] = lambda request: Reply()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lines = head.split("\r\n")
                method, path, _ = lines[0].split(" ")
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in lines[1:] if line)
                }
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                request = Request(method, path, headers, body)
                self.requests.append(request)
                reply = self.answer(request)
                if reply is None:
                    await asyncio.Event().wait()
                assert reply is not None
                extra = "".join(f"{name}: {value}\r\n" for name, value in reply.headers)
                writer.write(
                    f"HTTP/1.1 {reply.status} X\r\ncontent-length: {len(reply.body)}\r\n{extra}\r\n".encode()
                    + reply.body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def web_server() -> AsyncIterator[WebServer]:
    """One on a port of its own."""
    server = WebServer()
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(server.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Browser:
    """Holds a subscription at a push service, and its private key."""

    def __init__(self, service: WebServer, path: str = "/push/1") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = os.urandom(16)
        self._service = service
        self.path = path
        self.endpoint = service.url + path

    @property
    def subscription(self) -> str:
        """As the browser gives it to the page."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return json.dumps(
            {"endpoint": self.endpoint, "keys": {"p256dh": _text(point), "auth": _text(self._auth)}}
        )

    def read(self, request: Request) -> dict[str, Any]:
        """What the page's worker gets (RFC 8291). Raises when it is not for this browser."""
        data = http_ece.decrypt(
            request.body, private_key=self._key, auth_secret=self._auth, version="aes128gcm"
        )
        found: dict[str, Any] = json.loads(data)
        return found

    @property
    def got(self) -> list[dict[str, Any]]:
        """All messages to it, read."""
        return [self.read(request) for request in self._service.requests if request.path == self.path]


def signed_by(request: Request, public: str) -> dict[str, Any]:
    """What a push message's signature claims (RFC 8292). Raises unless it is by that key."""
    scheme, _, rest = request.headers["authorization"].partition(" ")
    parts = dict(part.split("=", 1) for part in rest.replace(" ", "").split(","))
    assert scheme == "vapid" and parts["k"] == public
    point = base64.urlsafe_b64decode(public + "=" * (-len(public) % 4))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    claims: dict[str, Any] = jwt.decode(
        parts["t"], key, algorithms=["ES256"], options={"verify_aud": False, "verify_exp": False}
    )
    return claims


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
