"""`/livez`, `/readyz` and `/metrics` of a process without the edge: a small HTTP server with deadlines."""

import asyncio
import contextlib
from typing import Final

from samovar.kernel import vitals
from samovar.kernel.process import Health
from samovar.kernel.settings import SettingsError

#: Seconds in which a request has to be here and answered.
DEADLINE: Final = 5.0
#: Largest head of a request, in bytes.
LARGEST: Final = 8192
#: Connections at a time.
AT_ONCE: Final = 50
_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    503: "Service Unavailable",
}


class HealthServer:
    """Answers GET at three paths, one request on each connection."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._health = Health()
        self._places = asyncio.Semaphore(AT_ONCE)

    async def start(self, address: str, health: Health) -> int:
        """Listen at `host:port`; answers the port. Raises SettingsError."""
        host, _, port = address.rpartition(":")
        if not port.isdigit():
            raise SettingsError(f"[process] health: {address!r} is not host:port.")
        self._health = health
        try:
            self._server = await asyncio.start_server(
                self._handle, host or "127.0.0.1", int(port), limit=LARGEST
            )
        except OSError as error:
            raise SettingsError(f"[process] health: can't listen at {address}: {error}") from error
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
        ):
            async with asyncio.timeout(DEADLINE), self._places:
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(head))
                await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    def _answer(self, head: bytes) -> bytes:
        words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        if len(words) != 3:
            return _http(400)
        method, path, _ = words
        if method not in ("GET", "HEAD"):
            return _http(405)
        answer = vitals.answer(path.partition("?")[0], self._health)
        if answer is None:
            return _http(404)
        return _http(answer.status, answer.media_type, answer.body, head_only=method == "HEAD")


def _http(
    status: int, media_type: str = "text/plain", body: bytes = b"", *, head_only: bool = False
) -> bytes:
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\ncontent-type: {media_type}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + (b"" if head_only else body)
