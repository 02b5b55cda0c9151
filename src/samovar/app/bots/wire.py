"""An HTTP/1.1 client that does little per request, so that the server is what is measured."""

import asyncio
import contextlib
from collections import deque
from typing import Any, Final, cast
from urllib.parse import urlsplit

import httptools
import msgspec

#: Seconds until an answer is given up.
PATIENCE: Final = 30.0
#: Status of what was not answered at all.
NO_ANSWER: Final = 0
#: Troubles of a connection that the other side has let go.
GONE: Final = ("closed", "ConnectionResetError", "BrokenPipeError")


class Answer(msgspec.Struct, frozen=True):
    """What a server said."""

    status: int
    body: bytes = b""
    #: Seconds that it asks to wait; None when it does not say.
    retry_after: float | None = None
    #: What went wrong when it said nothing.
    trouble: str = ""

    def json(self) -> Any:
        """The body's JSON; None when it is none."""
        try:
            return msgspec.json.decode(self.body)
        except ValueError:
            return None


class Connection(asyncio.Protocol):
    """One connection, one request under way at a time."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self._body: list[bytes] = []
        self._retry_after: float | None = None
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The line is open."""
        self._transport = cast(asyncio.Transport, transport)
        self.open = True

    def connection_lost(self, error: Exception | None) -> None:
        """The line is cut."""
        self.open = False
        self._settle(Answer(NO_ANSWER, trouble=type(error).__name__ if error else "closed"))

    def ask(self, request: bytes) -> "asyncio.Future[Answer]":
        """Send a request."""
        self._waiter = asyncio.get_running_loop().create_future()
        if self.open and self._transport is not None:
            self._transport.write(request)
        else:
            self._settle(Answer(NO_ANSWER, trouble="closed"))
        return self._waiter

    def data_received(self, data: bytes) -> None:
        """A piece of an answer."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._settle(Answer(NO_ANSWER, trouble=f"not HTTP: {error}"))
            self.close()

    # What the parser calls.

    def on_message_begin(self) -> None:
        """An answer begins."""
        self._body, self._retry_after = [], None

    def on_header(self, name: bytes, value: bytes) -> None:
        """One of its headers."""
        if name.lower() == b"retry-after" and value.isdigit():
            self._retry_after = float(value)

    def on_body(self, body: bytes) -> None:
        """A piece of its body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """All of it is here."""
        status = self._parser.get_status_code()
        if not self._parser.should_keep_alive():
            self.close()
        self._settle(Answer(status, b"".join(self._body), self._retry_after))

    def _settle(self, answer: Answer) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(answer)

    def close(self) -> None:
        """Hang up."""
        self.open = False
        if self._transport is not None:
            self._transport.close()


class Client:
    """Keep-alive connections to one server, no more than `most`."""

    def __init__(self, url: str, most: int) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or "127.0.0.1"
        self.secure = parts.scheme == "https"
        self.port = parts.port or (443 if self.secure else 80)
        self._named = f"host: {parts.netloc}\r\n".encode()
        self._idle: deque[Connection] = deque()
        self._room = asyncio.Semaphore(most)

    def request(
        self, method: str, path: str, *, token: str = "", body: bytes = b"", kind: str = "application/json"
    ) -> bytes:
        """A request as it goes over the line."""
        head = [f"{method} {path} HTTP/1.1\r\n".encode(), self._named]
        if token:
            head.append(b"authorization: Bearer " + token.encode() + b"\r\n")
        if body or method in ("POST", "PUT"):
            head.append(f"content-type: {kind}\r\ncontent-length: {len(body)}\r\n".encode())
        return b"".join([*head, b"\r\n", body])

    async def send(self, request: bytes) -> Answer:
        """The answer; one without status when there was none in time."""
        async with self._room:
            return await self._send(request, fresh=False)

    async def _send(self, request: bytes, *, fresh: bool) -> Answer:
        connection = None
        while self._idle and not fresh and connection is None:
            kept = self._idle.pop()
            connection = kept if kept.open else None
        reused = connection is not None
        try:
            async with asyncio.timeout(PATIENCE):
                if connection is None:
                    connection = await self._connect()
                answer = await connection.ask(request)
        except TimeoutError:
            if connection is not None:
                connection.close()
            return Answer(NO_ANSWER, trouble="no answer in time")
        except OSError as error:
            return Answer(NO_ANSWER, trouble=type(error).__name__)
        if answer.status == NO_ANSWER and answer.trouble in GONE and reused:
            # The server let go of an idle connection just as it was used again.
            return await self._send(request, fresh=True)
        if connection.open:
            self._idle.append(connection)
        return answer

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            Connection, self.host, self.port, ssl=True if self.secure else None
        )
        return connection

    async def close(self) -> None:
        """Hang up all."""
        while self._idle:
            self._idle.pop().close()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0)
