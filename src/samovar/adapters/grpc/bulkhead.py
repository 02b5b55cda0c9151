"""A bulkhead: so many calls under way to one peer, so many waiting, none beyond its deadline."""

import asyncio
from typing import Final

from samovar.kernel import telemetry
from samovar.kernel.errors import Unavailable

IN_FLIGHT: Final = 64
WAITING: Final = 4096


class Bulkhead:
    """One slow peer may hold up its own callers, never the whole process."""

    def __init__(self, peer: str, places: int = IN_FLIGHT, waiting: int = WAITING) -> None:
        self._free = asyncio.Semaphore(places)
        self._most = waiting
        self._waiting = 0
        self._in_flight = 0
        self._peer = peer
        # Looked at when somebody asks: counting them at each call would cost more than the bulkhead does.
        telemetry.peer_in_flight.labels(peer).set_function(lambda: self._in_flight)
        telemetry.peer_waiting.labels(peer).set_function(lambda: self._waiting)

    async def enter(self, deadline: float) -> None:
        """Take a place; the event loop's time says until when to wait for one. Raises Unavailable."""
        if not self._free.locked():
            await self._free.acquire()  # without waiting
        elif self._waiting >= self._most:
            telemetry.peer_refused.labels(self._peer, "full").inc()
            raise Unavailable(retry_after=1)
        else:
            await self._wait(deadline)
        self._in_flight += 1

    async def _wait(self, deadline: float) -> None:
        self._waiting += 1
        try:
            async with asyncio.timeout_at(deadline):
                await self._free.acquire()
        except TimeoutError:
            telemetry.peer_refused.labels(self._peer, "deadline").inc()
            raise Unavailable(retry_after=1) from None
        finally:
            self._waiting -= 1

    def leave(self) -> None:
        """Give the place back."""
        self._in_flight -= 1
        self._free.release()
