"""What a process logs, on its way to where it is kept: a bounded queue for each place, filled by the logger
and emptied by a loop. Logging never waits for it and never fails by it."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping, Sequence
from contextvars import ContextVar
from typing import Any, Final, Protocol

import msgspec

from samovar.kernel import telemetry
from samovar.kernel.clock import Clock
from samovar.kernel.errors import AppError
from samovar.kernel.ids import Ids

LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50, "exception": 40}
#: Entries brought at once, and seconds between two looks whether there are any.
BATCH: Final = 500
EVERY: Final = 1.0
#: Seconds between tries while a place is away, longer each time.
BACKOFF: Final = (1, 2, 5, 15, 30, 60)
#: Longest text of one field.
LONGEST: Final = 8000
_OWN: Final = frozenset({"event", "level", "ts", "process", "version", "service", "request_id", "trace_id"})

_quiet: ContextVar[bool] = ContextVar("log_quiet", default=False)


class Logged(msgspec.Struct, frozen=True):
    """One entry on its way."""

    id: int
    at: int
    level: str
    event: str
    process: str
    service: str
    request_id: str
    trace_id: str
    #: All else as JSON.
    fields: str


class Away(Exception):
    """A place does not take entries now."""


class Place(Protocol):
    """Where entries are brought."""

    name: str

    async def bring(self, entries: Sequence[Logged]) -> None:
        """Keep these; raises Away or AppError when they should come again."""
        ...


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """What is logged meanwhile is not collected."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


class Collector:
    """Takes what is logged in this process, for each place apart."""

    def __init__(self, clock: Clock, ids: Ids, process: str, level: str, size: int) -> None:
        self._clock = clock
        self._ids = ids
        self._process = process
        self._least = LEVELS[level]
        self._size = size
        self._queues: list[tuple[str, deque[Logged]]] = []

    def queue(self, place: str) -> deque[Logged]:
        """The queue for a place."""
        made: deque[Logged] = deque()
        self._queues.append((place, made))
        return made

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Take one entry. Half of a queue is for warnings and what is worse."""
        weight = LEVELS.get(str(event.get("level", "info")), 20)
        if weight < self._least or _quiet.get():
            return
        entry: Logged | None = None
        for place, queue in self._queues:
            if len(queue) >= (self._size if weight >= LEVELS["warning"] else self._size // 2):
                telemetry.logs_dropped.labels(place).inc()
                continue
            entry = entry or self._entry(event)
            queue.append(entry)

    def _entry(self, event: Mapping[str, Any]) -> Logged:
        fields = {name: _plain(value) for name, value in event.items() if name not in _OWN and name[0] != "_"}
        text = {name: str(event.get(name, ""))[:LONGEST] for name in _OWN}
        return Logged(
            self._ids(), self._clock.now(), text["level"] or "info", text["event"], self._process,
            text["service"], text["request_id"], text["trace_id"], msgspec.json.encode(fields).decode(),
        )  # fmt: skip


def _plain(value: Any) -> Any:
    """A value that JSON can hold, not too long."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else repr(value)
    return text[:LONGEST].encode("utf-8", "replace").decode()


class Carrier:
    """Brings the entries of one queue to its place."""

    def __init__(self, queue: deque[Logged], place: Place) -> None:
        self._queue = queue
        self._place = place
        self._failed = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"logs-{self._place.name}")

    async def stop(self, seconds: float = 2) -> None:
        """Bring what is left, if that goes quickly."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._queue and await self.step():
                    pass

    async def step(self) -> int:
        """Bring one batch; answers how many entries there were, 0 when they have to come again."""
        batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
        if not batch:
            return 0
        try:
            with quietly():
                await self._place.bring(batch)
        except (Away, AppError):
            self._failed += 1
            self._queue.extendleft(reversed(batch))
            return 0
        except asyncio.CancelledError:
            self._queue.extendleft(reversed(batch))
            raise
        except Exception:
            # What a place can't take at all would stand in the way for ever.
            telemetry.logs_dropped.labels(self._place.name).inc(len(batch))
            return len(batch)
        self._failed = 0
        telemetry.logs_kept.labels(self._place.name).inc(len(batch))
        return len(batch)

    async def _run(self) -> None:
        while True:
            while self._queue and await self.step():
                pass
            wait = BACKOFF[min(self._failed, len(BACKOFF)) - 1] if self._failed else EVERY
            await asyncio.sleep(wait)


#: Told of all that is logged; set while a process serves.
collector: list[Callable[[Mapping[str, Any]], None]] = []


def collect(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The logger's step that hands on what it logs."""
    for take in collector:
        with contextlib.suppress(Exception):  # the log must not fail by it
            take(event)
    return event


class ToLogs:
    """The place that is our own service."""

    name = "logs"

    def __init__(self, append: Callable[[Sequence[Logged]], Awaitable[Any]]) -> None:
        self._append = append

    async def bring(self, entries: Sequence[Logged]) -> None:
        await self._append(entries)
