"""What people look at, gathered for analytics: noted in memory while requests are answered, told in batches
afterwards. Nothing waits for it, and some of it may be lost when a process dies.

Who asks not to be tracked (DNT, Sec-GPC) is not; nor are programs that say that they are. Of strangers only
that somebody looked is known.
"""

import asyncio
import contextvars
from collections.abc import Mapping
from typing import Any, Final

import structlog

from samovar.contracts.analytics import Seen as SeenFact
from samovar.edge.edge import Edge
from samovar.kernel.clock import DAY, MINUTE
from samovar.kernel.context import Call, calling
from samovar.kernel.errors import AppError
from samovar.kernel.ids import Ids

log = structlog.get_logger(__name__)

#: Where a page leaves what it shows, for the gateway: kind and id.
SAW: Final = "samovar.saw"
#: Seconds until what was noted is told, and how much is told at once.
SECONDS, BATCH = 2.0, 500
#: How much may wait; more is forgotten.
WAITING: Final = 5000
#: Somebody who looks again within that time has not looked twice.
AGAIN: Final = 30 * MINUTE
#: Looks and people that are remembered for that.
REMEMBERED: Final = 50_000
_PROGRAMS: Final = (b"bot", b"crawl", b"spider", b"slurp", b"preview", b"fetch", b"monitor")


def saw(request: Any, kind: str, id: int) -> None:
    """Say what a page shows: an item, or a person ("person")."""
    request.scope[SAW] = (kind, id)


def may_be_noted(headers: Mapping[bytes, bytes]) -> bool:
    """Whether somebody who sends these headers lets us note what they look at, and is a person."""
    if headers.get(b"dnt") == b"1" or headers.get(b"sec-gpc") == b"1":
        return False
    if headers.get(b"sec-purpose", headers.get(b"purpose", b"")).startswith(b"prefetch"):
        return False
    agent = headers.get(b"user-agent", b"").lower()
    return not any(word in agent for word in _PROGRAMS)


class Seen:
    """One edge process's notes."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._ids = Ids(edge.clock)
        self._waiting: list[SeenFact] = []
        #: When who looked at what last; people of a day.
        self._looks: dict[tuple[int, str, str, int], int] = {}
        self._here: set[int] = set()
        self._day = 0
        self._task: asyncio.Task[None] | None = None

    def answered(self, headers: Mapping[bytes, bytes], actor: int | None, shown: Any) -> None:
        """A request was answered: somebody was here, and perhaps saw something."""
        if shown is None and (actor is None or self._was_here(actor)):
            return
        if not may_be_noted(headers):
            return
        if actor is not None:
            self._is_here(actor)
        if shown is not None:
            kind, id = shown
            self.note("viewed", kind, id, actor)

    def note(self, name: str, kind: str, id: int, actor: int | None) -> bool:
        """Somebody looked at something; False when that counts no more, or there is too much to note."""
        now = self._edge.clock.now()
        if actor is not None:
            look = (actor, name, kind, id)
            if now - self._looks.get(look, -AGAIN) < AGAIN:
                return False
            if len(self._looks) >= REMEMBERED:
                self._looks.clear()
            self._looks[look] = now
        return self._add(name, now, actor or 0, kind, id)

    def _was_here(self, actor: int) -> bool:
        return actor in self._here and self._edge.clock.now() // DAY == self._day

    def _is_here(self, actor: int) -> None:
        """Once a day for each."""
        now = self._edge.clock.now()
        if self._was_here(actor):
            return
        if now // DAY != self._day or len(self._here) >= REMEMBERED:
            self._here.clear()
            self._day = now // DAY
        self._here.add(actor)
        self._add("active", now, actor, "", 0)

    def _add(self, name: str, at: int, actor: int, kind: str, id: int) -> bool:
        if len(self._waiting) >= WAITING:
            return False
        self._waiting.append(
            SeenFact(id=self._ids(), name=name, at=at, actor_id=actor, kind=kind, item_id=id)
        )
        if self._task is None or self._task.done():
            # Of no request: it has nobody's call, deadline or trace.
            self._task = asyncio.create_task(self._later(), name="seen", context=contextvars.Context())
        return True

    async def _later(self) -> None:
        while self._waiting:
            await self._edge.clock.sleep(SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Tell what is noted. What could not be told is kept for the next time."""
        while batch := self._waiting[:BATCH]:
            deadline = asyncio.get_running_loop().time() + 10
            try:
                with calling(Call(caller="edge", system=True, deadline=deadline)):
                    await self._edge.analytics.record(seen=tuple(batch))
            except AppError as error:
                log.info("what people looked at waits", error=error.code)
                return
            del self._waiting[: len(batch)]

    async def stop(self) -> None:
        """Tell what is left."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.flush()
