"""What travels together: a message on a stream costs as much as several calls do, whatever is in it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, Generic, TypeVar

import structlog

from samovar.adapters.grpc.messages import Answer, Ask, encode

log = structlog.get_logger(__name__)

#: Bytes that are put together at most; what is larger travels alone.
TOGETHER: Final = 1 << 20

T = TypeVar("T", Ask, Answer)


class Gathering(Generic[T]):
    """Sends what is put in as one message: all of a turn of the event loop, and what comes while it was
    worth waiting."""

    def __init__(
        self,
        write: Callable[[bytes], Awaitable[Any]],
        expects: Callable[[], bool],
        patience: float,
    ) -> None:
        """`expects` says whether more will come soon in any case, so that waiting for it pays."""
        self._patience = patience
        self._write = write
        self._expects = expects
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._waiting: list[T] = []
        self._task: asyncio.Task[None] | None = None
        self._held = False

    @property
    def waiting(self) -> list[T]:
        """What was not yet sent."""
        return self._waiting

    def hold(self) -> None:
        """Send nothing for now."""
        self._held = True

    def release(self) -> None:
        """Send, beginning with what was held."""
        self._held = False
        self.begin()

    def put(self, item: T) -> None:
        """Send this with the next message."""
        self._waiting.append(item)
        if self._task is not None or self._held:
            return
        if not self._expects():
            self.begin()
        elif self._timer is None:
            self._timer = self._loop.call_later(self._patience, self.begin)

    async def sent(self) -> None:
        """Return when nothing waits."""
        self.begin()
        while self._task is not None:
            await asyncio.wait({self._task})

    def begin(self) -> None:
        """Wait no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting and self._task is None and not self._held:
            self._task = asyncio.create_task(self._send(), name="grpc-line-write")

    async def _send(self) -> None:
        try:
            while self._waiting:
                together = self._take()
                try:
                    await self._write(encode(together))
                except asyncio.InvalidStateError:
                    # The stream had ended before: these are still to be sent, by another one.
                    self._waiting[:0] = together
                    return
                except Exception as error:
                    # Whoever reads from the stream hears that it broke, and knows what to do.
                    log.debug("line broken", error=repr(error))
                    return
        finally:
            self._task = None

    def _take(self) -> list[T]:
        size = 0
        for count, item in enumerate(self._waiting):
            size += len(item.data)
            if size > TOGETHER and count:
                taken, self._waiting = self._waiting[:count], self._waiting[count:]
                return taken
        taken, self._waiting = self._waiting, []
        return taken
