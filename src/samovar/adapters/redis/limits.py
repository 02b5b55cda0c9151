"""Token buckets, shared by all processes."""

from typing import Final

from samovar.adapters.redis.link import Away, Link, Script
from samovar.kernel.clock import Clock
from samovar.kernel.limits import Decision, MemoryLimits, Rule, decision

#: Arithmetic as in MemoryLimits. A bucket is a text, "tokens time": Lua's numbers would lose digits on their
#: way, so they are written out. Of processes whose clocks differ the one ahead counts: going back and forth
#: between them would fill the bucket each time. For their sake too it is forgotten only a minute after it
#: would be full.
_TAKE: Final = Script("""\
local now, burst, rate, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local tokens, at = string.match(redis.call('GET', KEYS[1]) or '', '^(%S+) (%S+)$')
tokens, at = tonumber(tokens) or burst, tonumber(at) or now
tokens = math.min(burst, tokens + math.max(0, now - at) / 1000000 * rate)
local allowed = tokens >= cost
if allowed then tokens = tokens - cost end
local left = string.format('%.17g', tokens)
if cost > 0 then
  local kept = math.ceil((burst - tokens) / rate * 1000) + 60000
  local bucket = left .. ' ' .. string.format('%.0f', math.max(now, at))
  redis.call('SET', KEYS[1], bucket, 'PX', string.format('%.0f', kept))
end
return {allowed and 1 or 0, left}
""")


class RedisLimits:
    """Buckets in Redis, each change one script.

    While it is away every process counts by itself, in buckets that begin full: so nobody is refused for
    that, and guesses of passwords stay limited, to one burst more for each process and outage.
    """

    def __init__(self, link: Link, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._meanwhile = MemoryLimits(clock)

    async def take(self, key: str, rule: Rule, cost: int = 1) -> Decision:
        now, rate = self._clock.now(), rule.per_minute / 60
        try:
            answer = await self._link.run(_TAKE, self._key(key), now, rule.burst, rate, cost)
        except Away:
            return await self._meanwhile.take(key, rule, cost)
        allowed, tokens = answer
        return decision(float(tokens), bool(allowed), rule, cost)

    async def clear(self, key: str) -> None:
        await self._meanwhile.clear(key)
        try:
            await self._link.ask("DEL", self._key(key))
        except Away:
            return

    def _key(self, key: str) -> str:
        return self._link.key(f"limit:{key}")
