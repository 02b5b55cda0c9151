"""The HTTP server in front of the edge."""

from typing import Final

import uvicorn

from samovar.edge.gateway.gateway import Gateway
from samovar.edge.gateway.protocol import protocol_with_deadlines
from samovar.edge.sockets.server import SocketProtocol

#: Longest message that a live connection's client may send, in bytes.
LONGEST: Final = 4096


def http_server(
    app: Gateway, host: str, port: int, head_seconds: float, drain_seconds: float
) -> uvicorn.Server:
    """uvicorn, with requests' heads under a deadline and WebSockets without compression or timers."""
    server = uvicorn.Server(
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
