"""Time as a parameter. Points in time are integers: microseconds since 1970-01-01 UTC."""

import asyncio
import heapq
import itertools
import time as _time
from typing import Final, Protocol

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


class Clock(Protocol):
    """What the product asks of time. Timeouts of I/O use the event loop's own clock instead."""

    def now(self) -> int:
        """Microseconds since 1970 UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that much of this clock's time."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        return _time.time_ns() // 1000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class VirtualClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start: int = 1_767_225_600 * SECOND) -> None:
        self._now = start
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> int:
        return self._now

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        wake = self._now + int(seconds * SECOND)
        heapq.heappush(self._sleepers, (wake, next(self._order), future))
        await future

    def advance(self, seconds: float) -> None:
        """Move time forward and wake who is due."""
        self._now += int(seconds * SECOND)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)
