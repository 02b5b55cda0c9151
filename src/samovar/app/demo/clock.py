"""A clock set back: the sample community is lived through in order, from two months ago until now."""

import asyncio
import time
from bisect import bisect_right
from contextvars import ContextVar
from itertools import accumulate
from typing import Final

from samovar.kernel.clock import DAY, HOUR, MINUTE

#: Days that the sample community has lived.
DAYS: Final = 60
#: How lively each hour of a day is, midnight first.
_HOURS: Final = (8, 6, 5, 5, 6, 8, 12, 18, 22, 20, 18, 17, 20, 18, 15, 15, 17, 22, 28, 34, 36, 32, 22, 13)
_SLOT: Final = 5 * MINUTE

_at: ContextVar[int] = ContextVar("demo_time", default=0)


class DemoClock:
    """Stands where it is set. A task may have a time of its own, so that several act at once."""

    def __init__(self, now: int | None = None) -> None:
        self.end = SystemTime.now() if now is None else now
        self.start = self.end - DAYS * DAY
        self._now = self.start
        self._rhythm = _Rhythm(self.start)

    def now(self) -> int:
        return _at.get() or self._now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def set(self, time: int) -> None:
        """Move on. Earlier times are ignored: it never goes back."""
        self._now = max(self._now, min(time, self.end))

    def here(self, time: int) -> None:
        """From now on it is this time for the present task alone."""
        _at.set(time)

    def at(self, day: float) -> int:
        """The moment of a day counted from the start in lively time, in which nights hardly pass."""
        whole = int(day)
        return min(self.start + whole * DAY + self._rhythm.moment(day - whole), self.end)


class SystemTime:
    """Where the story ends."""

    @staticmethod
    def now() -> int:
        return time.time_ns() // 1000


class _Rhythm:
    """A day's share to a moment of the day. Keeps the order, whatever the hour is now."""

    def __init__(self, start: int) -> None:
        offset = time.localtime(start / 1e6).tm_gmtoff * 1_000_000
        slots = range((start + offset) % DAY, (start + offset) % DAY + DAY, _SLOT)
        weights = [_HOURS[slot // HOUR % 24] for slot in slots]
        total = sum(weights)
        self._bounds = [0.0, *(value / total for value in accumulate(weights))]

    def moment(self, share: float) -> int:
        slot = min(bisect_right(self._bounds, share) - 1, len(self._bounds) - 2)
        low, high = self._bounds[slot], self._bounds[slot + 1]
        return min(int((slot + (share - low) / (high - low)) * _SLOT), DAY - 1)
