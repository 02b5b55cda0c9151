"""The inbox: effects once, order per key, failures set aside. Over every database there is."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import MetaData, update

from samovar.adapters.sqlite import SqliteEngine
from samovar.kernel import telemetry
from samovar.kernel.bus import UNREADABLE, LocalBus, Unreadable
from samovar.kernel.clock import VirtualClock
from samovar.kernel.db import Query, QueryCounter, counting
from samovar.kernel.ids import Ids
from samovar.kernel.inbox import retries_table
from samovar.kernel.inbox.parked import IN_LINE, KEYS
from samovar.kernel.outbox import Envelope
from tests.kernel.ears import Ears, Noted, Notes, envelope, make_tables
from tests.servers import database


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    if request.param == "sqlite":
        sqlite = SqliteEngine(tmp_path / "t.db", durable=False)
        await sqlite.start()
        await make_tables(sqlite)
        yield sqlite
        await sqlite.close()
        return
    from samovar.adapters.postgres import PostgresEngine

    async with database() as url:
        postgres = PostgresEngine(url, durable=False)
        await postgres.start()
        await make_tables(postgres)
        yield postgres
        await postgres.close()


@pytest.fixture
def ears(engine: Any, clock: VirtualClock) -> Ears:
    return Ears(engine, clock)


class Maker:
    """Makes events under way, numbered."""

    def __init__(self, clock: VirtualClock) -> None:
        self._ids = Ids(clock)
        self._number = 0

    def __call__(self, about: str = "", bad: bool = False) -> Envelope:
        self._number += 1
        return envelope(self._ids, Noted(id=self._number, about=about or f"k{self._number}", bad=bad))


@pytest.fixture
def make(clock: VirtualClock) -> Maker:
    return Maker(clock)


def counted(counter: Any) -> float:
    return float(counter._value.get())


async def test_a_batch_has_its_effects_once(ears: Ears, make: Maker) -> None:
    batch = [make() for _ in range(20)]
    duplicates = telemetry.duplicates.labels("ears")
    handled = telemetry.events_handled.labels("ears", "Noted")
    before = counted(duplicates), counted(handled)
    await ears.inbox.take([*batch[:10], *batch[:5]])
    await ears.inbox.take(batch)
    await ears.inbox.take(batch)
    assert await ears.seen() == dict.fromkeys(range(1, 21), 1)
    assert (counted(duplicates) - before[0], counted(handled) - before[1]) == (5 + 10 + 20, 20)


async def test_a_batch_costs_few_statements(ears: Ears, make: Maker) -> None:
    counter = QueryCounter()
    token = counting.set(counter)
    await ears.inbox.take([make() for _ in range(100)])
    counting.reset(token)
    assert counter.count <= 100 + 3, "one for each effect, and hardly any beside"


async def test_only_what_fails_is_set_aside(ears: Ears, make: Maker) -> None:
    batch = [make("a"), make("b", bad=True), make("a"), make("b"), make("c")]
    await ears.inbox.take(batch)
    assert await ears.seen() == {1: 1, 3: 1, 5: 1}
    await ears.inbox.take([make("b"), make("c")])
    assert await ears.seen() == {1: 1, 3: 1, 5: 1, 7: 1}, "what comes later of a key waits"
    ears.strict = False
    ears.order.clear()
    ears.db.clock.advance(2)
    assert await ears.inbox.retry() == 3
    assert ears.order == [2, 4, 6]
    assert await ears.seen() == dict.fromkeys(range(1, 8), 1)
    assert await ears.inbox.retry() == 0


async def test_many_keys_that_are_stuck_starve_nobody(ears: Ears, make: Maker) -> None:
    # A key with a very long line, and more keys that are not due than one round looks at.
    await ears.inbox.take([make("long", bad=True), *(make("long") for _ in range(2 * KEYS))])
    await ears.inbox.take([make(bad=True) for _ in range(KEYS + 10)])
    ears.db.clock.advance(2)
    while await ears.inbox.retry():
        pass
    last = make("last", bad=True)
    await ears.inbox.take([last])
    ears.strict = False
    ears.db.clock.advance(2)
    assert await ears.inbox.retry() == 1, "the others are not due"
    assert len(await ears.seen()) == 1
    ears.db.clock.advance(1000)
    tried = [await ears.inbox.retry() for _ in range(30)]
    assert tried[0] == IN_LINE + KEYS - 1 and tried[-1] == 0
    assert set((await ears.seen()).values()) == {1}
    assert len(await ears.seen()) == 1 + 2 * KEYS + 1 + KEYS + 10
    ordered = [number for number in ears.order if number <= 2 * KEYS + 1]
    assert ordered[-2 * KEYS :] == list(range(2, 2 * KEYS + 2)), "the long line stayed in order"


async def test_two_processes_that_retry_do_it_once(engine: Any, clock: VirtualClock, make: Maker) -> None:
    import asyncio

    one, other = Ears(engine, clock), Ears(engine, clock)
    await one.inbox.take([make(f"k{number}", bad=True) for number in range(20)])
    one.strict = other.strict = False
    clock.advance(2)
    await asyncio.gather(one.inbox.retry(), other.inbox.retry())
    assert await one.seen() == dict.fromkeys(range(1, 21), 1)


async def test_what_nobody_can_read_is_a_dead_letter(ears: Ears, make: Maker) -> None:
    what = Unreadable(reason="the header ce_id is missing", place="t/0/7", headers={"a": "b"}, value="?")
    strange = Envelope(
        id=-5, type=UNREADABLE, source="t", key="t/0/7", version=0, time=0,
        payload=msgspec.json.encode(what).decode(),
    )  # fmt: skip
    dead = telemetry.dead_letters.labels("ears")
    before = counted(dead)
    for _ in range(2):
        await ears.inbox.take([make(), strange, make()])
    assert len(await ears.seen()) == 4
    (letter,) = await ears.inbox.dead_letters()
    assert letter.id == -5 and letter.error == what.reason and "ce_id" in letter.payload
    assert counted(dead) - before == 1
    assert await ears.inbox.replay([-5]) == 1
    for _ in range(10):
        await ears.inbox.retry()
        ears.db.clock.advance(1000)
    (letter,) = await ears.inbox.dead_letters()
    assert "nobody here listens" in letter.error


async def test_a_letter_mended_badly_harms_nobody_else(ears: Ears, make: Maker) -> None:
    await ears.inbox.take([make("a", bad=True), make("b", bad=True)])
    table = retries_table("ears", MetaData())
    spoil = Query(update(table).where(table.c.key == "a").values(envelope="{oops"))
    await ears.db.write(lambda tx: tx.run(spoil))
    ears.strict = False
    for _ in range(8):
        ears.db.clock.advance(1000)
        await ears.inbox.retry()
    assert await ears.seen() == {2: 1}
    (letter,) = await ears.inbox.dead_letters()
    assert (letter.key, letter.attempts, letter.payload) == ("a", 5, "{oops")


async def test_poison_harms_nobody_else(engine: Any, ears: Ears, clock: VirtualClock) -> None:
    """Ten bad among a thousand: ten dead letters, all else done, and a replay that works."""
    bus, notes = LocalBus(), Notes(engine, clock)
    ears.listen(bus)
    events = [Noted(id=number, about=f"k{number % 400}", bad=number % 100 == 50) for number in range(1000)]
    for start in range(0, 1000, 100):
        await notes.publish(events[start : start + 100])
    await notes.relay(bus)
    # Some keys hold three bad ones, each of which is tried five times.
    for _ in range(20):
        await ears.inbox.retry()
        clock.advance(1000)
    bad = [event.id for event in events if event.bad]
    assert await ears.seen() == {event.id: 1 for event in events if not event.bad}
    letters = await ears.inbox.dead_letters()
    assert [msgspec.json.decode(letter.payload)["id"] for letter in letters] == bad
    assert {letter.attempts for letter in letters} == {5}
    assert all("a bad note" in letter.error for letter in letters)
    ears.strict = False
    assert await ears.inbox.replay([letter.id for letter in letters]) == 10
    assert await ears.inbox.retry() == 10
    assert await ears.seen() == {event.id: 1 for event in events}
    assert await ears.inbox.count_dead() == 0
