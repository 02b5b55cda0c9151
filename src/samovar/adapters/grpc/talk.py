"""One stream of calls to one process, and of answers back.

A stream is opened before anything is put on it: so what waits for a stream that never opens was certainly
not carried out, and may be sent elsewhere, whatever it is. What was on a stream that broke may have been
carried out: only the contract says whether it may be sent again. (gRPC's own retries know neither, and
stay off.) A process that is about to end says so on its streams; then nothing new is put on them, and
what is under way is answered.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from typing import Any, Final

import grpc
import structlog

from samovar.adapters.grpc.gathering import Gathering
from samovar.adapters.grpc.messages import (
    LINE_PATH,
    PING,
    Answer,
    Ask,
    Outcome,
    Request,
    read_answers,
)

log = structlog.get_logger(__name__)

#: Seconds that a call waits for the answers of others, whose callers are likely to call again; and the age
#: up to which an answer says that more of them are near. Who is alone never waits.
PATIENCE, LIVELY = 0.003, 0.005
#: Seconds in which a stream opens, or not at all.
CONNECT: Final = 3.0
#: Seconds of silence while answers are due, after which other addresses are tried first and a sign of life is
#: asked for; and after which the process there is taken for dead.
SILENT, DEAD = 1.0, 3.0


class NotSent(Exception):
    """The call was not sent: it may go another way."""


class Lost(Exception):
    """The call was sent, and whether it was carried out is not known."""


class Talk:
    """One stream."""

    def __init__(self, channel: grpc.aio.Channel, ended: Callable[["Talk"], None]) -> None:
        """`ended` hears when it takes no more calls, and once more when it is over."""
        self._ended = ended
        self._stream: Any = channel.stream_stream(LINE_PATH)()
        self._loop = asyncio.get_running_loop()
        self._pending: dict[int, asyncio.Future[Answer]] = {}
        self._numbers = itertools.count(1)
        self._gathering: Gathering[Ask] = Gathering(self._write, self._expects, PATIENCE)
        self._gathering.hold()
        self._heard_at = 0.0
        self._watch: asyncio.TimerHandle | None = None
        #: When a call was last put on it, by its peer's count.
        self.turn = 0
        self.was_open = False
        #: Takes calls. Those put in before it is open are held.
        self.takes = True
        self.over = False
        self._hanging_up: asyncio.Task[None] | None = None
        self._task = asyncio.create_task(self._run(), name="grpc-line")

    @property
    def load(self) -> int:
        """Calls under way."""
        return len(self._pending)

    def is_silent(self) -> bool:
        """Whether answers are due and nothing is heard."""
        return bool(self._pending) and self._loop.time() - self._heard_at > SILENT

    async def ask(self, request: Request, deadline: float) -> Answer:
        """Send a call and wait for its answer. Raises NotSent, Lost, TimeoutError."""
        now = self._loop.time()
        ask = Ask(next(self._numbers), deadline - now, *request)
        future: asyncio.Future[Answer] = self._loop.create_future()
        if not self._pending:
            self._heard_at = now
        if self._watch is None:
            self._watch = self._loop.call_later(SILENT, self._look)
        self._pending[ask.id] = future
        self._gathering.put(ask)
        late = self._loop.call_at(deadline, _too_late, future)
        try:
            return await future
        finally:
            late.cancel()
            self._pending.pop(ask.id, None)

    def _expects(self) -> bool:
        """Whether calls are under way: their answers wake who is likely to call again."""
        busy = len(self._pending) > len(self._gathering.waiting)
        return busy and self._loop.time() - self._heard_at < LIVELY

    def _after_answers(self) -> None:
        if not self._expects():
            self._gathering.begin()

    async def _write(self, data: bytes) -> None:
        await self._stream.write(data)

    async def _run(self) -> None:
        try:
            if await self._open():
                self._gathering.release()
                while (data := await self._stream.read()) is not grpc.aio.EOF:
                    self._heard_at = self._loop.time()
                    for answer in read_answers(data):
                        self._take(answer)
                    # After those who were waiting have had their turn.
                    self._loop.call_soon(self._after_answers)
        except (grpc.RpcError, TimeoutError) as error:
            log.debug("line broken", error=repr(error))
        except asyncio.CancelledError:
            # Streams that the other side cancels end like this too.
            if asyncio.current_task().cancelling():  # type: ignore[union-attr]
                raise
        finally:
            self._end()

    async def _open(self) -> bool:
        async with asyncio.timeout(CONNECT):
            await self._stream.initial_metadata()
        self._heard_at = self._loop.time()
        self.was_open = not self._stream.done()
        return self.was_open

    def _take(self, answer: Answer) -> None:
        if answer.outcome is Outcome.CLOSING:
            self.takes = False
            self._ended(self)
            self._hanging_up = asyncio.create_task(self._hang_up(), name="grpc-line-close")
            return
        future = self._pending.get(answer.id)
        if future is not None and not future.done():
            future.set_result(answer)

    def _look(self) -> None:
        """See whether the other side still lives, as long as it owes answers."""
        self._watch = None
        if not self._pending:
            return
        silence = self._loop.time() - self._heard_at
        if silence > DEAD:
            log.warning("a peer is silent", seconds=round(silence, 1), calls=self.load)
            self._stream.cancel()
            return
        if silence > SILENT and self.was_open:
            self._gathering.put(PING)
            self._gathering.begin()
        self._watch = self._loop.call_later(SILENT, self._look)

    async def _hang_up(self) -> None:
        """Say that no more calls come; those under way are still answered."""
        await self._gathering.sent()
        with contextlib.suppress(asyncio.InvalidStateError, grpc.RpcError):
            await self._stream.done_writing()

    def _end(self) -> None:
        self.takes = False
        self.over = True
        if self._watch is not None:
            self._watch.cancel()
        self._stream.cancel()
        self._gathering.hold()
        unsent = {ask.id for ask in self._gathering.waiting}
        for number, future in self._pending.items():
            if not future.done():
                future.set_exception(NotSent() if number in unsent else Lost())
        self._ended(self)

    async def close(self) -> None:
        """End the stream; what is under way is lost."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def _too_late(future: "asyncio.Future[Answer]") -> None:
    # A timer is a tenth of what asyncio.timeout costs, and each call has one.
    if not future.done():
        future.set_exception(TimeoutError())
