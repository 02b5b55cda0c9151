"""A world's edge on a port of this machine, and clients with live connections to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from samovar.app.facing import edge_of
from samovar.app.listen import http_server
from samovar.edge.application import application
from samovar.edge.gateway.gateway import Gateway
from samovar.edge.settings import EdgeSettings
from samovar.kernel.settings import Secret, Source
from tests.serving import free_port
from tests.world import PASSWORD, World

#: Seconds that a message may take.
SOON = 5.0


class Edge:
    """One edge process's worth, in this process."""

    def __init__(self, gateway: Gateway, port: int) -> None:
        self.gateway = gateway
        self.hub = gateway.sockets.hub
        self.port = port

    def client(self, token: str, after: int | None = None, **more: Any) -> "Client":
        """A client that shows a token as apps do."""
        protocols = ["samovar", f"bearer.{token}"] if token else ["samovar"]
        return Client(self.address(after), subprotocols=protocols, **more)

    def address(self, after: int | None = None) -> str:
        query = "" if after is None else f"?after={after}"
        return f"ws://127.0.0.1:{self.port}/ws{query}"


class Client:
    """A WebSocket client that remembers what it was told."""

    def __init__(self, address: str, **options: Any) -> None:
        self._connecting = connect(address, open_timeout=SOON, close_timeout=1, ping_interval=None, **options)
        self.socket: ClientConnection
        self.number: int | None = None

    async def __aenter__(self) -> "Client":
        self.socket = await self._connecting
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def next(self, limit: float = SOON) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(limit):
            message: dict[str, Any] = json.loads(await self.socket.recv())
        if "n" in message:
            self.number = message["n"]
        return message

    async def until(self, t: str, **fields: Any) -> dict[str, Any]:
        """The next message that has these fields; others are passed over."""
        while True:
            message = await self.next()
            if message["t"] == t and all(message.get(key) == value for key, value in fields.items()):
                return message

    async def hello(self) -> int:
        """The number to go on from."""
        return int((await self.until("hello"))["n"])

    async def ask(self, do: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"do": do, **fields}))

    async def hear(self, *channels: str, now: bool = False) -> dict[str, Any]:
        await self.ask("hear", channels=channels, now=now)
        return await self.until("heard")

    async def closed(self) -> int:
        """The code with which the server ends it; what comes before is passed over."""
        try:
            while True:
                await self.next()
        except ConnectionClosed as error:
            assert error.rcvd is not None, "cut without a word"
            return error.rcvd.code


@asynccontextmanager
async def serving(world: World, **instead: Any) -> AsyncIterator[Edge]:
    """An edge over a world, served on a free port."""
    settings = Source(None, world.settings).section("edge", EdgeSettings)
    shared = edge_of(world.house, settings, Secret("test secret"))
    for name, value in instead.items():
        setattr(shared, name, value)
    gateway, sessions = application(shared)
    port = free_port()
    server = http_server(gateway, "127.0.0.1", port, 5, 2)
    running = asyncio.create_task(server._serve())
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn has but a flag
            await asyncio.sleep(0.01)
        yield Edge(gateway, port)
    finally:
        gateway.sockets.hub.drain()
        server.should_exit = True
        await running
        await gateway.sockets.hub.stop()
        await sessions.stop()


async def token_of(world: World, username: str) -> str:
    """An access token of a member."""
    grant = await world.stranger.identity.login(name=username, password=PASSWORD, device="", browser=False)
    return grant.access_token
