"""The other end of a line: calls are taken off the stream, carried out side by side, answered when done."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import grpc

from samovar.adapters.grpc.gathering import Gathering
from samovar.adapters.grpc.messages import Answer, Ask, Outcome, read_asks

#: Seconds that an answer waits for those of other calls under way.
PATIENCE: Final = 0.001
Carry = Callable[[Ask], Awaitable[Answer]]


class ServedLine:
    """One stream of calls from another process."""

    def __init__(self, context: Any, carry: Carry) -> None:
        """`carry` carries a call out; it raises nothing but being cancelled."""
        self._context = context
        self._carry = carry
        self._gathering: Gathering[Answer] = Gathering(context.write, lambda: self._running > 0, PATIENCE)
        self._loop = asyncio.get_running_loop()
        self._tasks: dict[asyncio.Task[None], asyncio.TimerHandle] = {}
        self._running = 0

    async def run(self) -> None:
        """Answer until the caller says that no more calls come.

        When it vanishes instead, what it asked for is carried out all the same, until its deadline.
        """
        await self._context.send_initial_metadata(())
        while (data := await self._context.read()) is not grpc.aio.EOF:
            for ask in read_asks(data):
                if not ask.path:
                    self._gathering.put(Answer(ask.id, Outcome.OK))
                    self._gathering.begin()
                    continue
                self._begin(ask)
        while self._tasks:
            await asyncio.wait(list(self._tasks))
        await self._gathering.sent()

    def close(self) -> None:
        """Tell the caller to send no more calls this way."""
        self._gathering.put(Answer(0, Outcome.CLOSING))

    def _begin(self, ask: Ask) -> None:
        self._running += 1
        task = self._loop.create_task(self._one(ask))
        # A timer is a tenth of what asyncio.timeout costs. Nobody else cancels this task.
        late = self._loop.call_later(max(0.0, ask.seconds), task.cancel)
        self._tasks[task] = late
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task).cancel()
        if task.cancelled():  # before it began: nobody waits for its answer any more
            self._running -= 1

    async def _one(self, ask: Ask) -> None:
        try:
            answer = await self._carry(ask)
        except asyncio.CancelledError:
            answer = Answer(ask.id, Outcome.LATE)
        self._running -= 1
        self._gathering.put(answer)
