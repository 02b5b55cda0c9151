"""The way to one Redis: bounded in time, and left alone for a moment after it failed."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog

from samovar.adapters.redis.wire import Line, Refusal, Wire, Word

log = structlog.get_logger(__name__)

#: Seconds between two lines about commands that Redis refuses.
QUIET: Final = 60.0
#: Refusals that concern all commands: it is there, and can't be used.
NOT_READY: Final = ("LOADING", "NOAUTH", "MASTERDOWN", "BUSY ", "NOPERM")


class Away(Exception):
    """No answer from Redis: it is not there, is slow, refuses, or is given a rest after that."""


class Script:
    """A Lua script, which Redis runs as one step."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class Link:
    """What the ports of this package share: a connection, the beginning of all keys, and what is known of how
    Redis does. A command is answered within `patience` seconds or is given up with `Away`. When there is no
    connection, or nothing at all was answered for so long, nobody asks for `rest` seconds; then one does, and
    the others only when that one was answered."""

    def __init__(
        self,
        dial: Callable[[], Awaitable[Wire]],
        *,
        prefix: str = "samovar:",
        patience: float = 1.0,
        rest: float = 1.0,
    ) -> None:
        """`dial` makes a connection."""
        self._dial = dial
        self._prefix = prefix
        self._patience = patience
        self._rest = rest
        self._line: Line | None = None
        self._dialling = asyncio.Lock()
        self._not_until = 0.0
        self._answered = 0.0
        self._complain_after = 0.0
        #: Whether Redis answered lately, as far as it was asked.
        self.up = True

    def key(self, name: str) -> str:
        """A name as Redis knows it."""
        return f"{self._prefix}{name}"

    async def ask(self, *words: Word) -> Any:
        """The answer to a command. Raises Away."""
        return (await self.ask_all([words]))[0]

    async def ask_all(self, commands: Sequence[Sequence[Word]]) -> list[Any]:
        """The answers to commands, sent together, which are not one step. Raises Away, also when only one of
        them is refused."""
        answers = await self._answers(commands)
        for answer in answers:
            if isinstance(answer, Refusal):
                raise self._refused(answer) from answer
        return answers

    async def run(self, script: Script, key: str, *arguments: Word) -> Any:
        """Run a script on one key. Redis is told it again when it has forgotten. Raises Away."""
        words = (1, key, *arguments)
        (answer,) = await self._answers([("EVALSHA", script.digest, *words)])
        if isinstance(answer, Refusal) and str(answer).startswith("NOSCRIPT"):
            return await self.ask("EVAL", script.text, *words)
        if isinstance(answer, Refusal):
            raise self._refused(answer) from answer
        return answer

    @asynccontextmanager
    async def wire(self) -> AsyncIterator[Wire]:
        """A connection for one who listens. Raises what connecting does."""
        async with asyncio.timeout(self._patience):
            wire = await self._dial()
        try:
            yield wire
        finally:
            await wire.close()

    async def trouble(self) -> str:
        """Why Redis can't be used, in a few words; empty when it can."""
        try:
            await self.ask("PING")
        except Away as error:
            return str(error.__cause__ or "") or "no answer"
        return ""

    async def close(self) -> None:
        if self._line is not None:
            await self._line.close()

    async def _answers(self, commands: Sequence[Sequence[Word]]) -> list[Any]:
        clock = asyncio.get_running_loop().time
        if clock() < self._not_until:
            raise Away
        if not self.up:
            self._not_until = clock() + self._patience + self._rest
        try:
            async with asyncio.timeout(self._patience):
                answers = await self._exchange(commands)
        except (OSError, EOFError) as error:
            # It may be there, and this process or the network too busy for all that it asks.
            if not isinstance(error, TimeoutError) or clock() - self._answered >= self._patience:
                self._failed(error)
            raise Away from error
        for answer in answers:
            if isinstance(answer, Refusal) and str(answer).startswith(NOT_READY):
                self._failed(answer)
                raise Away from answer
        self._answered = clock()
        self._not_until = 0.0
        if not self.up:
            self.up = True
            log.info("redis is back")
        return answers

    async def _exchange(self, commands: Sequence[Sequence[Word]]) -> list[Any]:
        line = await self._open_line()
        try:
            return await line.ask(commands)
        except ConnectionError:
            if not self.up:
                raise
        # It was closed while nobody looked, by a restart for instance.
        return await (await self._open_line()).ask(commands)

    async def _open_line(self) -> Line:
        if self._line is None or self._line.broken:
            async with self._dialling:
                if self._line is None or self._line.broken:
                    self._line = Line(await self._dial())
        return self._line

    def _failed(self, error: Exception) -> None:
        self._not_until = asyncio.get_running_loop().time() + self._rest
        if self.up:
            self.up = False
            log.warning("redis is away", error=repr(error))
        if self._line is not None:
            self._line.cut("Redis is away")

    def _refused(self, refusal: Refusal) -> Away:
        now = asyncio.get_running_loop().time()
        if now > self._complain_after:
            self._complain_after = now + QUIET
            log.warning("redis refuses a command", error=str(refusal))
        return Away()


def connect(url: str, *, prefix: str = "samovar:", patience: float = 1.0, rest: float = 1.0) -> Link:
    """The way to the Redis at `redis://`, `rediss://` (TLS) or `unix://`; nothing is sent yet. Raises
    ValueError for an address that is none."""
    from redis.asyncio import ConnectionPool
    from redis.exceptions import RedisError

    pool: Any = ConnectionPool.from_url(
        url, socket_connect_timeout=patience, socket_timeout=None, protocol=2, driver_info=None
    )
    try:
        pool.make_connection()
    except TypeError as error:
        raise ValueError(f"Redis has no such option: {error}") from error

    async def dial() -> Wire:
        connection = pool.make_connection()
        try:
            await connection.connect()
        except BaseException as error:
            await connection.disconnect(nowait=True)
            if isinstance(error, RedisError):
                raise ConnectionError(str(error)) from error
            raise
        return Wire(connection)

    return Link(dial, prefix=prefix, patience=patience, rest=rest)
