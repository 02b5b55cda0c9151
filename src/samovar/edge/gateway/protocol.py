"""uvicorn's HTTP protocol with a deadline for the head of each request, so that a client that drips its
headers is cut off (uvicorn has none; the body's deadline and the answer's are the gateway's), and with
an answer's head and the beginning of its body sent together; and with a door in front that turns away what
comes when there is too much (see `door`)."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from samovar.edge.gateway.door import PLAIN, TICKET, Door


class Joined:
    """A transport that sends an answer's head together with what follows it in the same turn of the loop.

    uvicorn writes them one after the other: two system calls, two packets, and the reader woken twice.
    """

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes) -> None:
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(b"HTTP/1.1 "):
            self._head = data
            self._loop.call_soon(self._send_head)
            return
        self._transport.write(data)

    def _send_head(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def close(self) -> None:
        """Close once all is sent."""
        self._send_head()
        self._transport.close()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand the connection over."""
        self._send_head()
        self._transport.set_protocol(protocol)

    @property
    def bare(self) -> Any:
        """The transport itself, for what has no heads: a WebSocket."""
        self._send_head()
        return self._transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def protocol_with_deadlines(head_seconds: float, door: Door) -> type[HttpToolsProtocol]:
    """The protocol class to hand to uvicorn."""

    class DeadlineProtocol(HttpToolsProtocol):
        _timer: asyncio.TimerHandle | None = None
        #: Whether the head of a request has begun and is not over.
        _in_head = False
        #: Why the request that is being read is turned away; empty when it is not.
        _turned = ""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(Joined(transport, self.loop))  # type: ignore[arg-type]
            self._begin()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._in_head and self._timer is None:  # most heads come whole
                self._begin()

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._in_head = True

        def on_headers_complete(self) -> None:
            self._in_head = False
            cycle: Any = self.cycle  # none before the first request
            first = cycle is None or cycle.response_complete
            if first and not self.parser.should_upgrade() and self.url not in PLAIN:
                self._turned = door.refuses(self.parser.get_method())
                if self._turned:  # told once all of it is here, which may take no longer than a head
                    self._in_head = True
                    return
            self._end()
            super().on_headers_complete()
            if first and self.cycle is not cycle:
                # Its task begins in a later turn of the loop.
                self.scope[TICKET] = door.ticket(self.loop.time())  # type: ignore[typeddict-unknown-key]

        def on_body(self, body: bytes) -> None:
            if not self._turned:
                super().on_body(body)

        def on_message_complete(self) -> None:
            if not self._turned:
                super().on_message_complete()
                return
            self._in_head = False
            self._end()
            reason, self._turned = self._turned, ""
            last = not self.parser.should_keep_alive()
            head = self.parser.get_method() == b"HEAD"
            self.transport.bare.write(  # type: ignore[attr-defined]
                door.answer(reason, self.headers, head=head, last=last)
            )
            if last:
                self.transport.close()
            else:
                self._unset_keepalive_if_required()
                self.timeout_keep_alive_task = self.loop.call_later(
                    self.timeout_keep_alive, self.timeout_keep_alive_handler
                )

        def handle_websocket_upgrade(self) -> None:
            self.transport = self.transport.bare  # type: ignore[attr-defined]
            super().handle_websocket_upgrade()

        def connection_lost(self, exc: Exception | None) -> None:
            self._end()
            super().connection_lost(exc)

        def _begin(self) -> None:
            self._timer = self.loop.call_later(head_seconds, self._give_up)

        def _end(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

        def _give_up(self) -> None:
            self._timer = None
            if not self.transport.is_closing():
                self.transport.write(
                    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
                )
                self.transport.close()

    return DeadlineProtocol
