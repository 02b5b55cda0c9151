"""The open loop: acts begin at their time, whether or not earlier ones are over."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final

from samovar.app.bots.tally import Tally
from samovar.app.bots.wire import Answer

#: The longest pause of the arrivals' own clock, so that they can be stopped.
NAP: Final = 0.25

#: Does one act; answers its kind and the answer, or None when nobody is free to act.
Act = Callable[[], Awaitable[tuple[str, Answer] | None]]


async def drive(
    act: Act,
    *,
    rate: float,
    seconds: float,
    stop: asyncio.Event,
    tally: Tally,
    most: int,
    seed: int = 7,
    shown: Callable[[float], None] = lambda _: None,
) -> float:
    """Begin `rate` acts a second for a while, at random moments, as many people by themselves would. Answers
    how many seconds it was. Times are measured from the moment when an act was due, so that a server (or we)
    being late is seen. No more than `most` are under way: others are held back, and counted."""
    loop = asyncio.get_running_loop()
    dice = random.Random(seed)
    begun = due = loop.time()
    tasks: set[asyncio.Task[None]] = set()

    async def one(due: float) -> None:
        found = await act()
        if found is None:
            tally.held_back += 1
            return
        kind, answer = found
        now = loop.time()
        tally.note(kind, answer.status, answer.trouble, now - begun, now - due)

    while not stop.is_set() and due - begun < seconds:
        due += dice.expovariate(rate)
        while (wait := due - loop.time()) > 0 and not stop.is_set():
            shown(loop.time() - begun)
            await asyncio.sleep(min(wait, NAP))
        if stop.is_set() or due - begun >= seconds:
            break
        if len(tasks) >= most:
            tally.held_back += 1
            await asyncio.sleep(0)
            continue
        task = asyncio.create_task(one(due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    took = loop.time() - begun
    await _end(tasks, stop)
    return took


async def _end(tasks: "set[asyncio.Task[None]]", stop: asyncio.Event) -> None:
    """Wait for what is under way; not for long once we were told to stop."""
    if not tasks:
        return
    stopping: asyncio.Task[Any] = asyncio.create_task(stop.wait())
    everything: asyncio.Task[Any] = asyncio.create_task(asyncio.wait(set(tasks)))
    await asyncio.wait({stopping, everything}, return_when=asyncio.FIRST_COMPLETED)
    if not everything.done():
        await asyncio.wait({everything}, timeout=2)
        for task in list(tasks):
            task.cancel()
    stopping.cancel()
    await asyncio.gather(stopping, everything, return_exceptions=True)
