"""As much of a Redis as is needed to be away, to hang and to say odd things. It knows no Lua."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


class FakeRedis:
    """A server on a port of its own. `way` says how it behaves from now on: "well", "silent" (takes
    everything, answers nothing), "rude" (hangs up at each command), or "odd" (answers rubbish)."""

    def __init__(self) -> None:
        self.way = "well"
        self.port = 0
        #: Commands that came, each as words.
        self.heard: list[list[bytes]] = []
        #: What these commands are answered with, by their first word, instead of what they do.
        self.answers: dict[bytes, bytes] = {}
        #: Before it answers a command it waits for so many seconds.
        self.slow: dict[bytes, float] = {}
        self.values: dict[bytes, bytes] = {}
        self.connections = 0
        self._listeners: dict[asyncio.StreamWriter, set[bytes]] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        """Listen, where it listened before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up, and listen no more."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def said(self, word: bytes) -> int:
        """How often a command came."""
        return sum(words[0] == word for words in self.heard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Not the task of the server, which would complain of being cancelled.
        task = asyncio.create_task(self._converse(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                number = int((await reader.readline())[1:])
                words = []
                for _ in range(number):
                    size = int((await reader.readline())[1:])
                    words.append((await reader.readexactly(size + 2))[:-2])
                self.heard.append(words)
                if self.way == "silent":
                    continue
                if self.way == "rude":
                    return
                await asyncio.sleep(self.slow.get(words[0], 0))
                writer.write(b"?rubbish\r\n" if self.way == "odd" else self._answer(words, writer))
                await writer.drain()
        except (ValueError, OSError, EOFError):
            pass
        finally:
            self._listeners.pop(writer, None)
            writer.close()

    def _answer(self, words: list[bytes], writer: asyncio.StreamWriter) -> bytes:
        if words[0] in self.answers:
            return self.answers[words[0]]
        match words:
            case [b"PING"] if writer in self._listeners:
                return _list([b"pong", b""])
            case [b"PING"]:
                return b"+PONG\r\n"
            case [b"MGET", *keys]:
                return _list([self.values.get(key) for key in keys])
            case [b"SET", key, value, *_]:
                self.values[key] = value
                return b"+OK\r\n"
            case [b"DEL", *keys]:
                return b":%d\r\n" % sum(self.values.pop(key, None) is not None for key in keys)
            case [b"PUBLISH", channel, message]:
                hearing = [one for one, channels in self._listeners.items() if channel in channels]
                for one in hearing:
                    one.write(_list([b"message", channel, message]))
                return b":%d\r\n" % len(hearing)
            case [b"SUBSCRIBE", *channels]:
                self._listeners.setdefault(writer, set()).update(channels)
                return b"".join(_list([b"subscribe", channel, 1]) for channel in channels)
            case [b"UNSUBSCRIBE", *channels]:
                self._listeners.setdefault(writer, set()).difference_update(channels)
                return b"".join(_list([b"unsubscribe", channel, 0]) for channel in channels)
            case [b"EVALSHA", *_]:
                return b"-NOSCRIPT No matching script.\r\n"
        return b"-ERR unknown command\r\n"


def _list(parts: list[Any]) -> bytes:
    words = [b"*%d\r\n" % len(parts)]
    for part in parts:
        if part is None:
            words.append(b"$-1\r\n")
        elif isinstance(part, int):
            words.append(b":%d\r\n" % part)
        else:
            words.append(b"$%d\r\n%s\r\n" % (len(part), part))
    return b"".join(words)


@asynccontextmanager
async def fake_redis() -> AsyncIterator[FakeRedis]:
    """One that is there, for now."""
    fake = FakeRedis()
    await fake.start()
    try:
        yield fake
    finally:
        await fake.stop()
