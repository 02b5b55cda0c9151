"""`/events`: the same as a stream of server-sent events, where sockets are blocked.

What to listen to stands in the address, `?channels=public,item:post:123`; a browser that comes back sends the
number of the last event by itself.
"""

import asyncio
import contextlib
from typing import Final
from urllib.parse import parse_qs

import msgspec

from samovar.edge.edge import Edge
from samovar.edge.gateway.answer import Common
from samovar.edge.gateway.asgi import Receive, Scope, Send
from samovar.edge.gateway.asked import Asked
from samovar.edge.gateway.caller import caller_of
from samovar.edge.gateway.problems import TITLES, Problem
from samovar.edge.gateway.sessions import Sessions, Who
from samovar.edge.sockets.commands import MOST, Commands
from samovar.edge.sockets.entrance import Closed, Entrance, after_of
from samovar.edge.sockets.frames import SIGNED_OUT, SLOW, TOO_MANY, Frames, frames
from samovar.edge.sockets.hub import Hub
from samovar.edge.sockets.line import Line
from samovar.edge.sockets.person import Person
from samovar.edge.web import i18n
from samovar.kernel import telemetry
from samovar.kernel.context import Call, calling
from samovar.kernel.errors import AppError, Unauthenticated

#: Messages that wait for a reader at most.
BEHIND: Final = 300
#: Seconds in which a piece must be taken.
GRACE: Final = 10.0
COMMENT: Final = b":\n\n"


class StreamLine(Line):
    """An event stream."""

    __slots__ = ("_ending", "_waiting", "_woken")

    kind = "stream"

    def __init__(self, who: Who, person: Person, now: float) -> None:
        super().__init__(who, person, now)
        self._waiting: list[bytes] = []
        self._woken = asyncio.Event()
        self._ending = False

    def push(self, message: Frames) -> None:
        self._put(message.stream)

    def ping(self) -> None:
        """Nothing comes back over a stream: that it takes what is sent is all there is to know."""
        self.heard_at = asyncio.get_running_loop().time()
        self._put(COMMENT)

    def _put(self, piece: bytes) -> None:
        if self.closed:
            return
        if len(self._waiting) >= BEHIND:
            self.close(SLOW, "too slow")
            return
        self._waiting.append(piece)
        self._woken.set()

    async def room(self) -> bool:
        for _ in range(int(GRACE * 20)):
            if len(self._waiting) < BEHIND // 2 or self.closed:
                break
            await asyncio.sleep(0.05)
        return not self.closed and len(self._waiting) < BEHIND // 2

    def close(self, code: int, reason: str) -> None:
        if not self.closed:
            self.closed = True
            telemetry.sockets_closed.labels(str(code)).inc()
            self._waiting.append(frames("close", code=code, reason=reason).stream)
            self._ending = True
            self._woken.set()

    async def take(self) -> bytes:
        """What waits, as soon as something does; nothing at the end."""
        while not self._waiting and not self._ending:
            self._woken.clear()
            await self._woken.wait()
        pieces, self._waiting = self._waiting, []
        return b"".join(pieces)


class Streams:
    """Takes event streams up."""

    def __init__(self, edge: Edge, sessions: Sessions, hub: Hub, entrance: Entrance, common: Common) -> None:
        self._edge = edge
        self._sessions = sessions
        self._hub = hub
        self._entrance = entrance
        self._common = common
        self._commands = Commands(hub)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One stream, until it ends."""
        asked = Asked(self._edge, scope)
        try:
            line = await self._open(asked)
        except Closed as closed:
            await self._refuse(asked, closed, send)
            return
        except Unauthenticated:
            await self._refuse(asked, Closed(SIGNED_OUT, "not signed in"), send)
            return
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"),
                   (b"x-accel-buffering", b"no"), *self._common.headers(asked, "", None, None)]  # fmt: skip
        gone = asyncio.create_task(_until_gone(receive, line))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await self._begin(line, asked)
            while piece := await line.take():
                async with asyncio.timeout(GRACE):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            telemetry.sockets_closed.labels(str(SLOW)).inc()
        finally:
            self._hub.drop(line)
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone

    async def _open(self, asked: Asked) -> StreamLine:
        now = asyncio.get_running_loop().time()
        if asked.method != "GET" or asked.text(b"sec-fetch-site") in ("cross-site", "same-site"):
            raise Closed(4403, "another site")
        call = Call(address=asked.address, deadline=now + 10)
        try:
            who = await caller_of(asked, self._sessions, call)
        except Unauthenticated:
            who = None
        except AppError as error:
            raise Closed.of(error) from error
        if who is None:
            raise Closed(SIGNED_OUT, "not signed in")
        await self._entrance.admit(who, asked)
        return StreamLine(who, self._hub.person_of(who), now)

    async def _begin(self, line: StreamLine, asked: Asked) -> None:
        """Say hello and listen to what the address names."""
        try:
            await self._hub.open(line, after_of(asked))
            query = parse_qs(asked.scope["query_string"].decode("latin-1"), max_num_fields=20)
            channels = tuple(query.get("channels", [""])[0].split(",")[:MOST])
            if channels != ("",):
                await self._commands.hear(line, channels, now=after_of(asked) is not None)
        except (AppError, ValueError) as error:
            closed = Closed.of(error) if isinstance(error, AppError) else Closed(4400, "not understood")
            line.close(closed.code, closed.reason)

    async def _refuse(self, asked: Asked, closed: Closed, send: Send) -> None:
        telemetry.sockets_closed.labels(str(closed.code)).inc()
        status = {SIGNED_OUT: 401, TOO_MANY: 429, 4403: 403}.get(closed.code, 503)
        with calling(Call(locale=asked.language)):
            title = i18n.translate(TITLES[status])
        problem = Problem(title=title, status=status, code="live", request_id=asked.request_id)
        body = msgspec.json.encode(problem)
        headers = [(b"content-type", b"application/problem+json"),
                   (b"content-length", str(len(body)).encode()),
                   *self._common.headers(asked, "", None, None)]  # fmt: skip
        if status in (429, 503):
            headers.append((b"retry-after", b"5"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _until_gone(receive: Receive, line: StreamLine) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    line.close(1000, "gone")
