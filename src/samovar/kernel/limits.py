"""Token buckets: a port, and the version in memory. Time is the clock's, never the store's."""

from collections import OrderedDict
from typing import Protocol

import msgspec

from samovar.kernel.clock import SECOND, Clock


class Rule(msgspec.Struct, frozen=True):
    """`burst` at once, refilled at `per_minute`."""

    burst: int
    per_minute: float


class Decision(msgspec.Struct, frozen=True):
    """Whether to go on; what is left; seconds until one more is there (or until full)."""

    allowed: bool
    remaining: int
    retry_after: float
    reset_after: float


class Limits(Protocol):
    """Token buckets by key."""

    async def take(self, key: str, rule: Rule, cost: int = 1) -> Decision:
        """Take tokens from the bucket of a key; a cost of 0 only looks."""
        ...

    async def clear(self, key: str) -> None:
        """Fill the bucket of a key."""
        ...


class MemoryLimits:
    """Buckets in this process. The least recently used are forgotten first, as if full."""

    def __init__(self, clock: Clock, size: int = 100_000) -> None:
        self._clock = clock
        self._size = size
        self._buckets: OrderedDict[str, tuple[float, int]] = OrderedDict()

    async def take(self, key: str, rule: Rule, cost: int = 1) -> Decision:
        now = self._clock.now()
        rate = rule.per_minute / 60
        tokens, at = self._buckets.get(key, (float(rule.burst), now))
        tokens = min(float(rule.burst), tokens + max(0, now - at) / SECOND * rate)
        allowed = tokens >= cost
        if allowed:
            tokens -= cost
        # A clock that was put back fills nothing until it has caught up.
        self._buckets[key] = (tokens, max(now, at))
        self._buckets.move_to_end(key)
        while len(self._buckets) > self._size:
            self._buckets.popitem(last=False)
        return decision(tokens, allowed, rule, cost)

    async def clear(self, key: str) -> None:
        self._buckets.pop(key, None)


def decision(tokens: float, allowed: bool, rule: Rule, cost: int) -> Decision:
    """The answer for a bucket that now holds `tokens`."""
    rate = rule.per_minute / 60
    wait = 0.0 if allowed else (max(1, cost) - tokens) / rate
    return Decision(allowed, int(tokens), wait, (rule.burst - tokens) / rate)
