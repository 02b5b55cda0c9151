"""All live connections as the gateway sees them."""

from typing import Final

from samovar.edge.edge import Edge
from samovar.edge.gateway.answer import Common
from samovar.edge.gateway.asgi import Receive, Scope, Send
from samovar.edge.gateway.sessions import Sessions
from samovar.edge.sockets.entrance import Entrance
from samovar.edge.sockets.hub import Hub
from samovar.edge.sockets.stream import Streams
from samovar.edge.sockets.websocket import WebSockets

EVENTS: Final = "/events"


class Sockets:
    """WebSockets and event streams over one hub."""

    def __init__(self, edge: Edge, sessions: Sessions, common: Common, host: str) -> None:
        self.hub = Hub(edge, sessions)
        entrance = Entrance(edge, self.hub)
        self._sockets = WebSockets(edge, sessions, self.hub, entrance, host)
        self._streams = Streams(edge, sessions, self.hub, entrance, common)

    async def websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._sockets.serve(scope, receive, send)

    async def events(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._streams.serve(scope, receive, send)
