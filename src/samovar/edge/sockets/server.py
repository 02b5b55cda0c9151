"""uvicorn's WebSocket protocol (sans-I/O) with what live connections need beyond ASGI: frames that were
encoded once are written past the framing, a slow reader is seen at once, and no timer runs per socket."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import ProtocolError

#: Bytes that wait for a reader at most.
BEHIND: Final = 65_536
#: Seconds in which a client may answer that it was told to go.
GRACE: Final = 5.0


class SocketProtocol(WebSocketsSansIOProtocol):
    """One socket; the application finds it in the scope's extensions as `samovar.socket`."""

    heard_at = 0.0

    def data_received(self, data: bytes) -> None:
        """Something came from the client."""
        self.heard_at = self.loop.time()
        if self.close_sent and self.close_timer is not None and self.conn.state.name == "CLOSED":
            return
        super().data_received(data)

    def handle_connect(self, event: Any) -> None:
        """A handshake: the application is given this socket too."""
        super().handle_connect(event)
        if self.handshake_initiated and hasattr(self, "scope"):
            extensions: Any = self.scope["extensions"]
            extensions["samovar.socket"] = self

    def send_receive_event_to_app(self) -> None:
        """A whole message: what is no text ends the socket, without a traceback in the log."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.fail(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def write(self, frame: bytes) -> bool:
        """Write a frame as it is, unless the client is gone; False when it is too far behind."""
        if self.close_sent or not self.handshake_complete or self.transport.is_closing():
            return True
        self.transport.write(frame)
        return self.transport.get_write_buffer_size() <= BEHIND

    def end(self, code: int, reason: str) -> None:
        """Say good-bye, and go for good soon, whether or not that was read."""
        if self.close_sent or self.disconnected:
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        try:
            self.conn.send_close(code, reason)
        except (ProtocolError, RuntimeError):
            self.transport.abort()
            return
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(GRACE, self.transport.abort)

    async def room(self) -> bool:
        """Wait until little waits for the reader; False when that takes too long."""
        try:
            async with asyncio.timeout(GRACE):
                await self.writable.wait()
        except TimeoutError:
            return False
        return not self.close_sent and not self.disconnected
