"""`/ws`: one WebSocket per client."""

import asyncio
from typing import Any, Final

import msgspec

from samovar.edge.edge import Edge
from samovar.edge.gateway.asgi import Receive, Scope, Send
from samovar.edge.gateway.asked import Asked
from samovar.edge.gateway.caller import LONGEST_TOKEN, by_cookie, caller_of
from samovar.edge.gateway.origins import is_from
from samovar.edge.gateway.sessions import Sessions, Who
from samovar.edge.sockets.commands import Commands, Refused
from samovar.edge.sockets.entrance import Closed, Entrance, after_of
from samovar.edge.sockets.frames import (
    FOREIGN,
    MALFORMED,
    NOTHING_HERE,
    PING,
    SIGNED_OUT,
    SLOW,
    TOO_MANY,
    Frames,
)
from samovar.edge.sockets.hub import Hub
from samovar.edge.sockets.line import Line
from samovar.edge.sockets.person import Person
from samovar.kernel import telemetry
from samovar.kernel.context import Call
from samovar.kernel.errors import AppError, Unauthenticated

PROTOCOL: Final = "samovar"
BEARER: Final = "bearer."


class SocketLine(Line):
    """A WebSocket."""

    __slots__ = ("_socket",)

    kind = "socket"

    def __init__(self, who: Who, person: Person, socket: Any) -> None:
        super().__init__(who, person, socket.loop.time())
        self._socket = socket

    def push(self, message: Frames) -> None:
        if not self.closed and not self._socket.write(message.socket):
            self.close(SLOW, "too slow")

    def ping(self) -> None:
        """Note when something came last, and ask for more."""
        self.heard_at = self._socket.heard_at
        if not self._socket.write(PING):
            self.close(SLOW, "too slow")

    async def room(self) -> bool:
        answer: bool = await self._socket.room()
        return answer

    def close(self, code: int, reason: str) -> None:
        if not self.closed:
            self.closed = True
            telemetry.sockets_closed.labels(str(code)).inc()
            self._socket.end(code, reason)


class WebSockets:
    """Takes WebSockets up and does what their clients ask."""

    def __init__(self, edge: Edge, sessions: Sessions, hub: Hub, entrance: Entrance, host: str) -> None:
        self._edge = edge
        self._sessions = sessions
        self._hub = hub
        self._entrance = entrance
        self._host = host
        self._commands = Commands(hub)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One socket, until it ends."""
        await receive()
        socket = scope["extensions"].get("samovar.socket")
        if scope["path"] != "/ws" or socket is None:
            await send({"type": "websocket.close", "code": NOTHING_HERE, "reason": "nothing here"})
            return
        offered = scope.get("subprotocols") or ()
        subprotocol = PROTOCOL if PROTOCOL in offered else None
        # Accepted first: only then can a browser be told by a code what is wrong.
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        try:
            line = await self._open(scope, socket)
        except Closed as closed:
            telemetry.sockets_closed.labels(str(closed.code)).inc()
            await send({"type": "websocket.close", "code": closed.code, "reason": closed.reason})
            return
        try:
            await self._listen(line, receive)
        finally:
            self._hub.drop(line)

    async def _open(self, scope: Scope, socket: Any) -> SocketLine:
        asked = Asked(self._edge, scope)
        who = await self._who(asked, scope.get("subprotocols") or ())
        await self._entrance.admit(who, asked)
        line = SocketLine(who, self._hub.person_of(who), socket)
        try:
            await self._hub.open(line, after_of(asked))
        except AppError as error:
            self._hub.drop(line)
            raise Closed.of(error) from error
        except BaseException:
            self._hub.drop(line)
            raise
        return line

    async def _who(self, asked: Asked, offered: Any) -> Who:
        """The person behind a token that was offered as a protocol or header, or behind a cookie, which
        counts only for our own pages. Raises Closed."""
        call = Call(address=asked.address, deadline=asyncio.get_running_loop().time() + 10)
        tokens = [name.removeprefix(BEARER) for name in offered if name.startswith(BEARER)]
        try:
            if tokens and len(tokens[0]) <= LONGEST_TOKEN:
                return await self._sessions.by_token(tokens[0], call)
            if b"authorization" in asked.headers:
                who = await caller_of(asked, self._sessions, call)
            else:
                if not is_from(asked.text(b"origin"), (self._host, asked.text(b"host"))):
                    raise Closed(FOREIGN, "another site")
                who = await by_cookie(asked, self._sessions, call)
        except Unauthenticated:
            who = None
        except AppError as error:
            raise Closed.of(error) from error
        if who is None:
            raise Closed(SIGNED_OUT, "not signed in")
        return who

    async def _listen(self, line: SocketLine, receive: Receive) -> None:
        """Do what the client asks, one after the other."""
        pace = self._commands.pace()
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            if not pace.take():
                line.close(TOO_MANY, "too many messages")
                continue
            try:
                await self._commands.do(line, message.get("text") or "")
            except (msgspec.DecodeError, RecursionError, Refused):
                line.close(MALFORMED, "not understood")
            except AppError as error:
                closed = Closed.of(error)
                line.close(closed.code, closed.reason)
