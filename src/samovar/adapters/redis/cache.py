"""The cache, shared by all processes."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from samovar.adapters.redis.link import Away, Link
from samovar.adapters.redis.wire import Word
from samovar.kernel.clock import SECOND, Clock

#: How many keys to drop are remembered while Redis is away.
OWED: Final = 10_000
#: Each entry begins with the time by the clock at which it ends.
_STAMP: Final = 8

_encode = msgspec.msgpack.Encoder().encode


class RedisCache:
    """Values in Redis. While it is away nothing is found and nothing is kept.

    What was to be dropped meanwhile is remembered here and dropped before anything else is asked for. Should
    this process end before that, or another one read first, a value is stale for no longer than the seconds
    it was set for: each entry carries its end, and Redis itself forgets it by then.
    """

    def __init__(self, link: Link, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._owed: dict[str, None] = {}

    async def get(self, key: str, kind: Any) -> Any:
        return (await self.get_many((key,), kind)).get(key)

    async def get_many(self, keys: Sequence[str], kind: Any) -> Mapping[str, Any]:
        if not keys:
            return {}
        try:
            await self._drop_owed()
            entries = await self._link.ask("MGET", *map(self._link.key, keys))
        except Away:
            return {}
        now, decode, found = self._clock.now(), _decoder(kind).decode, {}
        for key, entry in zip(keys, entries, strict=True):
            if entry is None or int.from_bytes(entry[:_STAMP]) <= now:
                continue
            try:
                found[key] = decode(memoryview(entry)[_STAMP:])
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # of another release, which has another idea of this value
        return found

    async def set(self, key: str, value: Any, seconds: float) -> None:
        await self.set_many({key: value}, seconds)

    async def set_many(self, values: Mapping[str, Any], seconds: float) -> None:
        if seconds <= 0:
            await self.drop(*values)
            return
        end = (self._clock.now() + int(seconds * SECOND)).to_bytes(_STAMP)
        milliseconds = math.ceil(seconds * 1000)
        commands: list[tuple[Word, ...]] = [
            ("SET", self._link.key(key), end + _encode(value), "PX", milliseconds)
            for key, value in values.items()
        ]
        try:
            await self._drop_owed()
            if commands:
                await self._link.ask_all(commands)
        except Away:
            return

    async def drop(self, *keys: str) -> None:
        for key in keys:
            self._owed[key] = None
        while len(self._owed) > OWED:
            del self._owed[next(iter(self._owed))]
        try:
            await self._drop_owed()
        except Away:
            return

    async def _drop_owed(self) -> None:
        keys = tuple(self._owed)
        if keys:
            await self._link.ask("DEL", *map(self._link.key, keys))
            for key in keys:
                self._owed.pop(key, None)


@lru_cache(256)
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)
