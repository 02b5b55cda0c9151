"""Many WebSocket clients in a process of their own: `python -m bench.socket_clients PORT COUNT CHANNEL`.

Reads tokens from the first line of its standard input, sits on its sockets and says "ready"; then, for each
message that all of them get, the monotonic time at which the last one had it. Ends with its standard input.
"""

import asyncio
import base64
import os
import sys
import time

#: Handshakes under way at once.
AT_ONCE = 50


class Reader:
    """Counts messages of all sockets."""

    def __init__(self, sockets: int) -> None:
        self.sockets = sockets
        self.got = 0
        self.counting = False

    def count(self, data: bytes) -> None:
        """One socket got something; told frames all arrive whole, since they are short."""
        if self.counting and b'"told"' in data:
            self.got += 1
            if self.got == self.sockets:
                self.got = 0
                print(time.monotonic_ns(), flush=True)


class Client(asyncio.Protocol):
    """One socket: as little as can be, so that the measure is the server's."""

    def __init__(self, port: int, token: str, reader: Reader, channel: str) -> None:
        self._reader = reader
        self._channel = channel
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        key = base64.b64encode(os.urandom(16)).decode()
        self._hello = (
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: samovar, bearer.{token}\r\n\r\n"
        ).encode()
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Shake hands."""
        self._transport = transport
        transport.write(self._hello)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """A frame, or the hand shaken."""
        if self.ready.done():
            self._reader.count(data)
            return
        self._seen += data
        wanted = b'"heard"' if self._channel else b'"hello"'
        if wanted in self._seen:
            self._seen = b""
            self.ready.set_result(None)
        elif self._channel and b'"hello"' in self._seen:
            self._ask()

    def _ask(self) -> None:
        text = f'{{"do":"hear","channels":["{self._channel}"]}}'.encode()
        self._transport.write(bytes((0x81, 0x80 | len(text))) + b"\0\0\0\0" + text)  # type: ignore[attr-defined]

    def connection_lost(self, exc: Exception | None) -> None:
        """The server ended it: the measure is void."""
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(self._seen[-200:].decode("latin-1")))


async def main(port: int, count: int, channel: str, tokens: list[str]) -> None:
    """Open all, then read until told to end."""
    loop = asyncio.get_running_loop()
    reader = Reader(count)
    gate = asyncio.Semaphore(AT_ONCE)
    kept = []

    async def one(index: int) -> None:
        async with gate:
            made = await loop.create_connection(
                lambda: Client(port, tokens[index % len(tokens)], reader, channel), "127.0.0.1", port
            )
            kept.append(made)
            await made[1].ready

    await asyncio.gather(*(one(index) for index in range(count)))
    reader.counting = True
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.stdin.readline().split()))
