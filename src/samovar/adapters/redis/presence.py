"""Who is here now, as all processes know it together."""

import math
from collections.abc import Sequence
from typing import Final

from samovar.adapters.redis.link import Away, Link, Script
from samovar.kernel.clock import SECOND, Clock

#: A channel is a sorted set: members by the time at which they will have left. Redis forgets it a minute
#: after the last one has, since the clocks of processes differ.
_TOUCH: Final = Script("""\
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[3])
local kept = tonumber(ARGV[4])
if redis.call('PTTL', KEYS[1]) < kept then redis.call('PEXPIRE', KEYS[1], kept) end
return 1
""")


class RedisPresence:
    """Those present, in Redis. While it is away nobody is; who left meanwhile stays until their time ends."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self._link = link
        self._clock = clock

    async def touch(self, channel: str, member: str, seconds: float) -> None:
        now = self._clock.now()
        kept = math.ceil(max(0.0, seconds) * 1000) + 60_000
        until = now + int(seconds * SECOND)
        try:
            await self._link.run(_TOUCH, self._key(channel), now, until, member, kept)
        except Away:
            return

    async def leave(self, channel: str, member: str) -> None:
        try:
            await self._link.ask("ZREM", self._key(channel), member)
        except Away:
            return

    async def members(self, channel: str, limit: int) -> Sequence[str]:
        if limit <= 0:
            return ()
        words = ("ZREVRANGEBYSCORE", self._key(channel), "+inf", f"({self._clock.now()}", "LIMIT", 0, limit)
        try:
            found: list[bytes] = await self._link.ask(*words)
        except Away:
            return ()
        return [member.decode() for member in found]

    async def count(self, channel: str) -> int:
        try:
            return int(await self._link.ask("ZCOUNT", self._key(channel), f"({self._clock.now()}", "+inf"))
        except Away:
            return 0

    def _key(self, channel: str) -> str:
        return self._link.key(f"here:{channel}")
