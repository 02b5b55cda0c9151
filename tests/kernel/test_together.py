"""Listeners to batches, rows as one parameter, events published together. Over every database there is."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from samovar.kernel.clock import VirtualClock
from samovar.kernel.db import Id, Query, Text, rows_of
from samovar.kernel.inbox import Heard, Inbox, Occurred
from samovar.kernel.inbox.heard import Together
from samovar.kernel.store import Tx
from samovar.kernel.upsert import upsert_rows
from tests.kernel.ears import SEEN, Ears, Noted, Notes
from tests.kernel.test_inbox import Maker, clock, engine, make

__all__ = ["clock", "engine", "make"]

SEE_ALL = Query(
    upsert_rows(SEEN, ("id",), [SEEN.c.id], insert={"times": 1}, update={"times": lambda now, _: now + 1})
)


class Crowd(Ears):
    """Listens to batches, after having asked somebody who is sometimes away."""

    def __init__(self, engine: Any, clock: VirtualClock) -> None:
        super().__init__(engine, clock)
        self.away = False
        self.batches: list[int] = []
        self.inbox = Inbox(self.db, clock, [Heard(Noted, None, Together(self.prepare, self.handle))])

    async def prepare(self, occurred: Sequence[Occurred]) -> set[int]:
        if self.away:
            raise ConnectionError("nobody answers")
        return {one.event.id for one in occurred}

    async def handle(self, occurred: Sequence[Occurred], prepared: set[int], tx: Tx) -> None:
        self.batches.append(len(occurred))
        assert {one.event.id for one in occurred} <= prepared
        await tx.all(SEE_ALL, rows=[[one.event.id] for one in occurred])
        if self.strict and any(one.event.bad for one in occurred):
            raise ValueError("a bad note")


@pytest.fixture
def crowd(engine: Any, clock: VirtualClock) -> Crowd:
    return Crowd(engine, clock)


async def test_a_batch_is_handled_at_once(crowd: Crowd, make: Maker) -> None:
    batch = [make() for _ in range(20)]
    await crowd.inbox.take([*batch, *batch[:5]])
    await crowd.inbox.take(batch)
    assert await crowd.seen() == dict.fromkeys(range(1, 21), 1)
    assert crowd.batches == [20]


async def test_only_what_fails_of_it_is_set_aside(crowd: Crowd, make: Maker, clock: VirtualClock) -> None:
    await crowd.inbox.take([make("a"), make("b", bad=True), make("b"), make("c")])
    assert await crowd.seen() == {1: 1, 4: 1}
    crowd.strict = False
    clock.advance(5)
    await crowd.inbox.retry()
    assert await crowd.seen() == {1: 1, 2: 1, 3: 1, 4: 1}


async def test_nothing_is_lost_while_nobody_answers(crowd: Crowd, make: Maker, clock: VirtualClock) -> None:
    crowd.away = True
    await crowd.inbox.take([make() for _ in range(3)])
    assert await crowd.seen() == {}
    crowd.away = False
    clock.advance(5)
    await crowd.inbox.retry()
    assert await crowd.seen() == {1: 1, 2: 1, 3: 1}


async def test_rows_are_one_parameter(crowd: Crowd) -> None:
    pairs = rows_of("pairs", number=Id(), word=Text())
    query = Query(select(pairs.c.number, pairs.c.word).order_by(pairs.c.number))
    given = [[2**62, "чай"], [1, 'it\'s "quoted"\n'], [-5, ""]]
    assert await crowd.db.all(query, pairs=given) == [tuple(row) for row in reversed(given)]
    assert await crowd.db.all(query, pairs=[]) == []


async def test_events_published_together_are_as_those_one_by_one(engine: Any, clock: VirtualClock) -> None:
    notes = Notes(engine, clock)

    async def work(tx: Tx) -> None:
        await tx.publish(Noted(id=1, about="a"))
        await tx.publish_all([Noted(id=2, about="a"), Noted(id=3, about="b")])
        await tx.publish_all([])

    await notes.db.write(work)
    due = await notes.db.outbox.due(notes.db)
    assert [(one.key, one.version, one.type) for one in due] == [
        ("a", 1, Noted.TYPE), ("a", 2, Noted.TYPE), ("b", 1, Noted.TYPE),
    ]  # fmt: skip
