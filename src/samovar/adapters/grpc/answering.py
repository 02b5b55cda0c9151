"""The other end of a line: calls are taken off the stream, carried out side by side, answered when done."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from samovar.adapters.grpc.gathering import Gathering
from samovar.adapters.grpc.messages import Answer, Ask, Outcome, read_asks

Carry = Callable[[Ask], Awaitable[Answer]]


class ServedLine:
    """One stream of calls from another process."""

    def __init__(self, context: Any, carry: Carry) -> None:
        """`carry` carries a call out; it raises nothing but being cancelled."""
        self._context = context
        self._carry = carry
        self._gathering: Gathering[Answer] = Gathering(context.write, lambda: self._running > 0)
        self._tasks: set[asyncio.Task[None]] = set()
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
                self._running += 1
                task = asyncio.create_task(self._one(ask), name=ask.path)
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._gathering.sent()

    def close(self) -> None:
        """Tell the caller to send no more calls this way."""
        self._gathering.put(Answer(0, Outcome.CLOSING))

    async def _one(self, ask: Ask) -> None:
        task = asyncio.current_task()
        assert task is not None
        # A timer is a tenth of what asyncio.timeout costs. Nobody else cancels this task.
        late = asyncio.get_running_loop().call_later(max(0.0, ask.seconds), task.cancel)
        try:
            answer = await self._carry(ask)
        except asyncio.CancelledError:
            answer = Answer(ask.id, Outcome.LATE)
        finally:
            late.cancel()
            self._running -= 1
        self._gathering.put(answer)
