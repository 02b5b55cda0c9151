"""The HTTP server in front of the edge."""

import asyncio
import os
import socket
from typing import Any, Final

import uvicorn

from samovar.edge.gateway.gateway import Gateway
from samovar.edge.gateway.protocol import protocol_with_deadlines
from samovar.edge.sockets.server import SocketProtocol

#: Longest message that a live connection's client may send, in bytes.
LONGEST: Final = 4096
#: Connections taken at once at most.
TOGETHER: Final = 500


class Server(uvicorn.Server):
    """uvicorn's server, but it takes all connections that wait in one turn of the loop. libuv takes one: when
    there is much to do in each turn, the others would wait in the kernel, where nobody can tell them so."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._listeners: list[socket.socket] = []
        self._tasks: set[asyncio.Task[Any]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, twice on each socket: libuv and we."""
        await super().startup(sockets)
        loop = asyncio.get_running_loop()
        for server in self.servers:
            for known in server.sockets:
                listener = socket.socket(fileno=os.dup(known.fileno()))
                listener.setblocking(False)
                self._listeners.append(listener)
                loop.add_reader(listener, self._accept, listener)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nobody any more, and wait for those who are here."""
        for listener in self._listeners:
            asyncio.get_running_loop().remove_reader(listener)
            listener.close()
        await super().shutdown(sockets)

    def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(TOGETHER):
            try:
                connection, _ = listener.accept()
            except OSError:  # nobody else waits, or there are no more files: libuv deals with that
                return
            connection.setblocking(False)
            task = loop.create_task(self._take(connection))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _take(self, connection: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
        except OSError:  # it has gone already
            connection.close()

    def _protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        protocol: asyncio.Protocol = make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol


def http_server(
    app: Gateway, host: str, port: int, head_seconds: float, drain_seconds: float
) -> uvicorn.Server:
    """uvicorn, with requests' heads under a deadline and WebSockets without compression or timers."""
    server = Server(
        uvicorn.Config(
            app, host=host, port=port, http=protocol_with_deadlines(head_seconds, app.door),
            ws=SocketProtocol, ws_max_size=LONGEST, ws_ping_interval=None, ws_per_message_deflate=False,
            lifespan="off", log_config=None, log_level="error", access_log=False, server_header=False,
            date_header=True, proxy_headers=False, timeout_keep_alive=15,
            timeout_graceful_shutdown=int(drain_seconds), loop="none", backlog=2048,
        )
    )  # fmt: skip
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    return server
