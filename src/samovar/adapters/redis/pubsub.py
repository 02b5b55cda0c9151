"""Signals between processes."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable
from typing import Final

import structlog

from samovar.adapters.redis.link import Away, Link
from samovar.adapters.redis.wire import Refusal, Wire
from samovar.kernel.pubsub import LocalPubSub

log = structlog.get_logger(__name__)

#: Seconds until the next try to connect: at first, and at most.
FIRST_REST: Final = 0.1
LONGEST_REST: Final = 5.0


class RedisPubSub:
    """Signals over Redis, heard on one connection, which is opened again when it breaks. What is sent
    meanwhile, by whomever, is lost."""

    def __init__(self, link: Link, *, silence: float = 5.0) -> None:
        """Every `silence` seconds Redis is asked for a word; without any until the next time it is away."""
        self._link = link
        self._silence = silence
        self._subscribers = LocalPubSub()
        #: Channels by their names in Redis, each with its number of subscribers.
        self._wanted: dict[bytes, tuple[str, int]] = {}
        #: Those that Redis was told of, and how often it has yet to confirm something of each.
        self._told: set[bytes] = set()
        self._unconfirmed: Counter[bytes] = Counter()
        self._changed = asyncio.Event()
        self._settled = asyncio.Event()
        self._last_word = 0.0
        self._rest = FIRST_REST
        self._missed = False
        self._task: asyncio.Task[None] | None = None
        self._look()

    async def publish(self, channel: str, message: bytes) -> None:
        try:
            await self._link.ask("PUBLISH", self._link.key(channel), message)
        except Away:
            return

    def subscribe(self, channel: str, receive: Callable[[bytes], None]) -> Callable[[], None]:
        """Call `receive` for each message, beginning some moments from now, and only between `start` and
        `stop`; answers how to end that."""
        name = self._link.key(channel).encode()
        stop = self._subscribers.subscribe(channel, receive)
        self._count(name, channel, 1)
        ended = False

        def end() -> None:
            nonlocal ended
            if not ended:
                ended = True
                stop()
                self._count(name, channel, -1)

        return end

    def _count(self, name: bytes, channel: str, more: int) -> None:
        number = self._wanted.get(name, (channel, 0))[1] + more
        if number:
            self._wanted[name] = (channel, number)
        else:
            del self._wanted[name]
        self._changed.set()
        self._look()

    def _look(self) -> None:
        """Note whether Redis does what is wanted."""
        if self._wanted.keys() <= self._told and not self._wanted.keys() & self._unconfirmed.keys():
            self._settled.set()
        else:
            self._settled.clear()

    async def start(self, patience: float = 1.0) -> None:
        """Begin to listen. Returns when all that was subscribed to is heard, or after `patience` seconds:
        listening begins later then, by itself."""
        self._task = asyncio.create_task(self._listen(), name="redis-signals")
        await self.settled(patience)

    async def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def settled(self, patience: float) -> bool:
        """Wait until all that is subscribed to is heard; False when it is not by then."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._settled.wait()
        return self._settled.is_set()

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear_until_it_breaks()
            except Exception as error:
                if not self._missed:
                    self._missed = True
                    log.warning("signals of other processes are not heard", error=_reason(error))
            # Not all processes come back at the same moment.
            await asyncio.sleep(self._rest * random.uniform(0.5, 1.0))
            self._rest = min(self._rest * 2, LONGEST_REST)

    async def _hear_until_it_breaks(self) -> None:
        try:
            async with self._link.wire() as wire, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._tell(wire))
                tasks.create_task(self._hear(wire))
        finally:
            self._told.clear()
            self._unconfirmed.clear()
            self._look()

    async def _tell(self, wire: Wire) -> None:
        """Say what is wanted when that changes, and ask for signs of life."""
        clock = asyncio.get_running_loop().time
        asked = 0.0
        while True:
            self._changed.clear()
            wanted = set(self._wanted)
            for command, names in (("SUBSCRIBE", wanted - self._told), ("UNSUBSCRIBE", self._told - wanted)):
                if names:
                    self._unconfirmed.update(names)
                    wire.send((command, *names))
            self._told = wanted
            if clock() - asked >= self._silence:
                if self._last_word < asked:
                    raise ConnectionError("Redis is silent")
                asked = clock()
                wire.send(("PING",))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._silence):
                    await self._changed.wait()

    async def _hear(self, wire: Wire) -> None:
        """Hand on what comes."""
        clock = asyncio.get_running_loop().time
        while True:
            said = await wire.read()
            if isinstance(said, Refusal):
                raise said
            self._last_word = clock()
            self._rest = FIRST_REST
            if self._missed:
                self._missed = False
                log.info("signals of other processes are heard again")
            match said:
                case [b"message", bytes(name), bytes(message)] if name in self._wanted:
                    await self._subscribers.publish(self._wanted[name][0], message)
                case [b"subscribe" | b"unsubscribe", bytes(name), _]:
                    self._unconfirmed[name] -= 1
                    self._unconfirmed += Counter()  # without those at nought
                    self._look()


def _reason(error: Exception) -> str:
    return repr(error.exceptions[0] if isinstance(error, ExceptionGroup) else error)
