"""The live connections of this process, and what reaches them.

A signal says what was written. A numbered event goes straight to the lines that have all before it; the
others read the log. The log is the truth: numbers are compared every half a minute, so that a lost signal
delays an event and loses none. What is told of a channel is not numbered and may be lost with the line.
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, Final

import msgspec
import structlog

from samovar.contracts.realtime import Signal
from samovar.edge.edge import Edge
from samovar.edge.gateway.sessions import Sessions, Who
from samovar.edge.sockets.audience import Audience
from samovar.edge.sockets.frames import RESTARTING, SIGNED_OUT, SLOW, Frames, Numbered, frames
from samovar.edge.sockets.line import Line
from samovar.edge.sockets.news import News
from samovar.edge.sockets.person import Person, item_of
from samovar.kernel import telemetry
from samovar.kernel.context import Call, calling
from samovar.kernel.errors import AppError

log = structlog.get_logger(__name__)

SIGNALS: Final = "realtime"
EVENTS_GIVEN: Final = telemetry.socket_messages.labels("event")
TOLD: Final = telemetry.socket_messages.labels("told")
#: Seconds between two words to each client, and silence after which it is taken to be gone.
PING: Final = 25.0
SILENCE: Final = 80.0
#: Seconds between comparing numbers with the log, and between asking again what somebody may hear.
SWEEP: Final = 30.0
CHECK: Final = 60.0
#: People asked for at once.
BATCH: Final = 500
#: A message to more lines than these lets others have their turn in between.
TURN: Final = 1000
#: Events read at once.
PAGE: Final = 100


class Hub:
    """All live connections of a process."""

    def __init__(self, edge: Edge, sessions: Sessions) -> None:
        self.edge = edge
        self.audience = Audience(edge)
        self.people: dict[int, Person] = {}
        self.channels: dict[str, set[Line]] = {}
        self._lines: dict[Line, None] = {}
        self._sessions: dict[int, set[Line]] = {}
        self._news = News(self)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False
        self._tending: asyncio.Task[None] | None = None
        self._unsubscribe = edge.pubsub.subscribe(SIGNALS, self.on_signal)
        self._passed = Numbered("pass", "")
        sessions.watchers.append(self.on_session_ended)

    def __len__(self) -> int:
        return len(self._lines)

    # --- lines come and go -------------------------------------------------------------------

    def person_of(self, who: Who) -> Person:
        """Somebody who is about to have a line."""
        return self.people.get(who.user_id) or Person(who, _now())

    async def open(self, line: Line, after: int | None) -> None:
        """Take a line up, say hello, and give what came after a number. Raises AppError."""
        person = self.people.setdefault(line.person.user_id, line.person)
        first = not person.lines
        line.person = person
        person.lines.add(line)
        self._lines[line] = None
        self._sessions.setdefault(line.session_id, set()).add(line)
        telemetry.sockets_open.labels(line.kind).inc()
        if self._tending is None:
            self._tending = asyncio.create_task(self._tend(), name="sockets")
        with calling(person.call(_now())):
            latest = (await self.edge.realtime.listen()).number
        if first:
            person.aside = await self.audience.aside(person)
        line.position = latest if after is None else after
        line.push(frames("hello", n=line.position))
        await self.catch_up(line)

    def drop(self, line: Line) -> None:
        """A line is no more."""
        if line not in self._lines:
            return
        del self._lines[line]
        telemetry.sockets_open.labels(line.kind).dec()
        line.closed = True
        for channel in tuple(line.channels):
            self.leave(line, channel)
        _take(self._sessions, line.session_id, line)
        line.person.lines.discard(line)
        if not line.person.lines:
            self.people.pop(line.person.user_id, None)

    def hear(self, line: Line, channel: str) -> None:
        """Have a line told of a channel."""
        if not line.closed:
            line.channels.add(channel)
            self.channels.setdefault(channel, set()).add(line)

    def leave(self, line: Line, channel: str) -> None:
        """Have a line told of a channel no more."""
        line.channels.discard(channel)
        _take(self.channels, channel, line)

    # --- what reaches them -------------------------------------------------------------------

    def on_signal(self, message: bytes) -> None:
        """Something was written."""
        signal = msgspec.json.decode(message, type=Signal)
        for told in signal.told:
            event = Numbered(told.type, told.data)
            by = _by(told.data)
            for position in told.numbers:
                person = self.people.get(position.user_id)
                if person is not None:
                    self._give(person, position.number, self._passed if by in person.aside else event)
        for news in signal.items:
            self._news.take(news)
        for user_id in signal.check:
            if (person := self.people.get(user_id)) is not None:
                self.spawn(self.check(person))

    def _give(self, person: Person, number: int, event: Numbered) -> None:
        for line in tuple(person.lines):
            if line.give(number, event):
                EVENTS_GIVEN.inc()
            elif line.position is not None:
                self.spawn(self.catch_up(line))

    async def catch_up(self, line: Line) -> None:
        """Give what the log has and the line has not."""
        if line.closed:
            return
        if line.catching_up:
            # What is asked for now may have been written after that page was read.
            line.behind = True
            return
        line.catching_up = True
        try:
            line.behind = True
            while line.behind:
                line.behind = False
                while await self._next_page(line):
                    if not await line.room():
                        line.close(SLOW, "too slow")
        finally:
            line.catching_up = False

    async def _next_page(self, line: Line) -> bool:
        """Give some of what is missing; False when there is nothing more."""
        if line.closed:
            return False
        after = line.position or 0
        with calling(line.person.call(_now())):
            found = await self.edge.realtime.since(after=after, limit=PAGE)
        if found.gap:
            # Meanwhile events may have come directly: those before them are still missing.
            line.position = max(found.number, line.position or 0) if found.number > after else found.number
            line.push(frames("gap", n=line.position))
            return False
        for entry in found.items:
            passed = _by(entry.data) in line.person.aside
            line.give(entry.number, self._passed if passed else Numbered(entry.type, entry.data))
        EVENTS_GIVEN.inc(len(found.items))
        return bool(found.items) and (line.position or 0) < found.number

    async def tell(self, channel: str, type: str, data: Any) -> None:
        """Tell all who hear a channel."""
        await self.cast(tuple(self.channels.get(channel, ())), told(channel, type, data))

    async def tell_now(self, line: Line, channels: list[str]) -> None:
        """Say how the items of channels stand, to a client that was away."""
        by_kind: dict[str, set[int]] = {}
        for channel in channels:
            if (item := item_of(channel)) is not None:
                by_kind.setdefault(item[0], set()).add(item[1])
        await self._news.tell_now(line, by_kind)

    async def cast(self, lines: tuple[Line, ...], message: Frames) -> None:
        """Give one message to many lines: it is encoded once."""
        for index, line in enumerate(lines, 1):
            line.push(message)
            if not index % TURN:
                await asyncio.sleep(0)
        TOLD.inc(len(lines))

    # --- what ends or changes ----------------------------------------------------------------

    def on_session_ended(self, session_id: int) -> None:
        """Somebody signed out, or was."""
        for line in tuple(self._sessions.get(session_id, ())):
            line.close(SIGNED_OUT, "signed out")

    async def check(self, person: Person) -> None:
        """Ask anew what somebody may hear; what they may not they hear no more."""
        person.checked_at = _now()
        channels = person.channels
        person.aside = await self.audience.aside(person)
        if channels:
            await self.close_to(person, channels - await self.audience.allowed(person, channels))

    async def close_to(self, person: Person, channels: set[str]) -> None:
        """Somebody may not hear these any more."""
        for line in tuple(person.lines):
            lost = sorted(channels & line.channels)
            for channel in lost:
                self.leave(line, channel)
            if lost:
                line.push(frames("left", channels=lost))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside, unless all is over; a service that is away is met again at the next sweep."""
        if self._stopped:
            work.close()
            return

        async def run() -> None:
            try:
                await work
            except AppError as error:
                log.info("live connections wait", error=repr(error))
            except Exception as error:
                log.error("live connections failed", exc_info=error)

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # it may have been called off before it began

    # --- by and by ---------------------------------------------------------------------------

    async def _tend(self) -> None:
        """One task for all lines: a share of them each second."""
        swept = _now()
        while True:
            await asyncio.sleep(1)
            now = _now()
            self._ping_some(now)
            if now - swept > SWEEP:
                swept = now
                self.spawn(self.sweep())
            for person in [person for person in self.people.values() if now - person.checked_at > CHECK][:50]:
                person.checked_at = now
                self.spawn(self.check(person))

    def _ping_some(self, now: float) -> None:
        moment = self.edge.clock.now()
        share = -(-len(self._lines) // int(PING))
        for line in list(self._lines)[:share]:
            # To the end of the queue: the next share are those who have waited longest.
            del self._lines[line]
            self._lines[line] = None
            if line.expires_at <= moment:
                line.close(SIGNED_OUT, "the session is over")
            elif now - line.heard_at > SILENCE:
                line.close(SLOW, "nothing was heard of you")
            else:
                line.ping()

    async def sweep(self) -> None:
        """Compare numbers with the log: a signal may have been lost."""
        ids = list(self.people)
        for start in range(0, len(ids), BATCH):
            await self._sweep_some(tuple(ids[start : start + BATCH]))

    async def _sweep_some(self, user_ids: tuple[int, ...]) -> None:
        with calling(Call(caller="edge", system=True, deadline=_now() + 10)):
            found = await self.edge.realtime.listening(user_ids=user_ids)
        for position in found.items:
            person = self.people.get(position.user_id)
            for line in tuple(person.lines if person is not None else ()):
                if line.position is not None and line.position < position.number:
                    self.spawn(self.catch_up(line))

    def drain(self) -> None:
        """This process goes away: clients come back to another one."""
        for line in tuple(self._lines):
            line.close(RESTARTING, "restarting")

    async def stop(self) -> None:
        """Hear of nothing any more."""
        self._stopped = True
        self._unsubscribe()
        self.drain()
        tasks = [*self._tasks, *([self._tending] if self._tending else [])]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


def told(channel: str, type: str, data: Any) -> Frames:
    """Something about a channel."""
    return frames("told", channel=channel, type=type, data=data)


def _by(data: str) -> int:
    """Who brought what an event is about, 0 when it does not say."""
    found = msgspec.json.decode(data) if '"by"' in data else None
    by = found.get("by") if isinstance(found, dict) else None
    return int(by) if isinstance(by, str) and by.isdecimal() else 0


def _take(sets: dict[Any, set[Line]], key: Any, line: Line) -> None:
    lines = sets.get(key)
    if lines is not None:
        lines.discard(line)
        if not lines:
            del sets[key]


def _now() -> float:
    return asyncio.get_running_loop().time()
