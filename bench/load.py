"""A small HTTP/1.1 load generator: keep-alive connections, one request under way on each.

It does next to nothing per request, so that the server is what is measured.
"""

import asyncio
import time
from collections.abc import Callable
from typing import cast

import msgspec

HOST = "127.0.0.1"


class Outcome(msgspec.Struct):
    """What one run of requests came to. Seconds."""

    seconds: float
    times: list[float]
    #: Answers of another status than expected, by status line.
    wrong: dict[str, int]
    #: Largest body.
    size: int = 0

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    def percentile(self, percent: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


class Connection(asyncio.Protocol):
    """One connection: sends a request, gathers its answer, wakes who waits."""

    def __init__(self) -> None:
        self._buffer = b""
        self._length = -1
        self._waiter: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes) -> asyncio.Future[bytes]:
        """The whole answer, head and body."""
        assert self._transport is not None
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiter

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if self._length < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._length = end + 4 + _content_length(self._buffer[:end])
        if len(self._buffer) >= self._length and self._waiter is not None:
            answer, self._buffer, self._length = self._buffer, b"", -1
            waiter, self._waiter = self._waiter, None
            if not waiter.done():
                waiter.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error or ConnectionError("the server closed the connection"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _content_length(head: bytes) -> int:
    at = head.lower().find(b"\r\ncontent-length:")
    if at < 0:
        return 0
    return int(head[at + 17 :].split(b"\r\n", 1)[0])


async def connect(port: int) -> Connection:
    _, connection = await asyncio.get_running_loop().create_connection(Connection, HOST, port)
    return connection


def get(path: str, token: str = "", **headers: str) -> bytes:
    return _request("GET", path, token, headers, b"")


def post(path: str, body: bytes, token: str = "", **headers: str) -> bytes:
    return _request("POST", path, token, {"content_type": "application/json", **headers}, body)


def _request(method: str, path: str, token: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"host: {HOST}"]
    if token:
        lines.append(f"authorization: Bearer {token}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


async def closed(
    port: int, requests: Callable[[], bytes], *, connections: int, seconds: float, expect: bytes = b" 200 "
) -> Outcome:
    """Each connection asks again as soon as it is answered, for a while."""
    outcome = Outcome(0, [], {})
    begun = time.perf_counter()
    until = begun + seconds

    async def ask() -> None:
        connection = await connect(port)
        try:
            while (sent := time.perf_counter()) < until:
                _note(outcome, await connection.send(requests()), sent, expect)
        finally:
            connection.close()

    await asyncio.gather(*(ask() for _ in range(connections)))
    outcome.seconds = time.perf_counter() - begun
    return outcome


async def paced(
    port: int, requests: Callable[[], bytes], *, rate: float, stop: asyncio.Event, expect: bytes
) -> Outcome:
    """So many requests a second whether or not they are answered in time, until told to stop."""
    outcome = Outcome(0, [], {})
    idle: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(16):
        idle.put_nowait(await connect(port))
    tasks: set[asyncio.Task[None]] = set()

    async def ask() -> None:
        sent = time.perf_counter()
        connection = await idle.get()
        try:
            _note(outcome, await connection.send(requests()), sent, expect)
        finally:
            idle.put_nowait(connection)

    begun = due = time.perf_counter()
    while not stop.is_set():
        task = asyncio.create_task(ask())
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        due += 1 / rate
        await asyncio.sleep(max(0, due - time.perf_counter()))
    await asyncio.gather(*tasks)
    outcome.seconds = time.perf_counter() - begun
    while not idle.empty():
        idle.get_nowait().close()
    return outcome


def _note(outcome: Outcome, answer: bytes, sent: float, expect: bytes) -> None:
    outcome.times.append(time.perf_counter() - sent)
    if len(answer) > outcome.size:
        outcome.size = len(answer)
    if answer[8:13] != expect:
        line = answer.split(b"\r\n", 1)[0].decode()
        outcome.wrong[line] = outcome.wrong.get(line, 0) + 1


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]
