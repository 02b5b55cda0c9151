"""A hundred bad events among ten thousand, by outbox, Kafka and inbox: they become dead letters, nobody
else notices, and put right they are done too."""

import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import MetaData, bindparam, update

from samovar.adapters.sqlite import SqliteEngine
from samovar.kernel.clock import VirtualClock
from samovar.kernel.contract import encode
from samovar.kernel.db import Query
from samovar.kernel.inbox import retries_table
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Tx
from tests.adapters.test_bus import Kafka
from tests.kernel.ears import Ears, Noted, Notes, envelope, make_tables
from tests.servers import database, given

EVENTS, BATCH = 10_000, 500
#: How many fail in the handler, are no JSON, have fields of the wrong type, are 5 MB of nothing, and are
#: no event at all. A hundred together.
FAIL, NO_JSON, WRONG, LARGE, STRANGE = 60, 10, 9, 1, 20
SEED = 20261125

RETRIES = retries_table("ears", MetaData())
PUT_RIGHT = Query(
    update(RETRIES).where(RETRIES.c.event_id == bindparam("id")).values(envelope=bindparam("envelope"))
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    given("kafka")
    if request.param == "sqlite":
        sqlite = SqliteEngine(tmp_path / "t.db")
        await sqlite.start()
        yield sqlite
        await sqlite.close()
        return
    from samovar.adapters.postgres import PostgresEngine

    async with database() as url:
        postgres = PostgresEngine(url)
        await postgres.start()
        yield postgres
        await postgres.close()


@pytest.mark.timeout(300)
async def test_a_hundred_bad_ones_among_ten_thousand(engine: Any) -> None:
    await make_tables(engine)
    clock, dice = VirtualClock(), random.Random(SEED)
    notes, ears = Notes(engine, clock), Ears(engine, clock)
    kafka = Kafka(given("kafka"))
    bus = kafka.bus(partitions=4)
    ears.listen(bus)
    await bus.start()

    numbers = list(range(EVENTS))
    bad = dice.sample(numbers, FAIL + NO_JSON + WRONG + LARGE + STRANGE)
    fails, by_hand, strange = set(bad[:FAIL]), bad[FAIL:-STRANGE], bad[-STRANGE:]
    payloads = [*["so much for JSON"] * NO_JSON, *['{"id":"seven","about":{}}'] * WRONG, "x" * 5_000_000]
    spoiled = dict(zip(by_hand, payloads, strict=True))

    for start in range(0, EVENTS, BATCH):
        some = [number for number in numbers[start : start + BATCH] if number not in spoiled]
        events = [Noted(id=number, about=f"k{number % 777}", bad=number in fails) for number in some]
        await notes.publish([event for event in events if event.id not in strange])
        await notes.relay(bus)
        for number in set(spoiled) & set(numbers[start : start + BATCH]):
            good = envelope(notes.db.ids, Noted(id=number, about=f"own{number}"))
            await bus.publish([msgspec.structs.replace(good, payload=spoiled[number])])
        for number in set(strange) & set(numbers[start : start + BATCH]):
            await kafka.put(b"\xffwhat is this", topic="notes", ce_id=str(number).encode())
    begun = time.monotonic()
    await bus.settle()
    assert time.monotonic() - begun < 30, "nobody waits for long behind them"
    waiting = EVENTS - len(bad) - len(await ears.seen())
    assert waiting < FAIL * (EVENTS // 777 + 1), "none but those of the same keys wait"
    # Keys may hold several bad ones, each of which is tried five times.
    for _ in range(30):
        await ears.inbox.retry()
        clock.advance(1000)
    assert await ears.seen() == {number: 1 for number in numbers if number not in bad}

    letters = await ears.inbox.dead_letters(limit=1000)
    assert len(letters) == len(bad) == 100

    # They are mended, some in the program and some by hand, and given another chance.
    ears.strict = False
    missing = iter(strange)

    async def put_right(tx: Tx) -> None:
        for letter in letters:
            if letter.id < 0:
                event = Noted(id=next(missing), about=letter.key)
            elif letter.key.startswith("own"):
                event = Noted(id=int(letter.key.removeprefix("own")), about=letter.key)
            else:
                continue
            mended = Envelope(
                id=letter.id, type=Noted.TYPE, source="notes", key=letter.key, version=1, time=0,
                payload=encode(event).decode(),
            )  # fmt: skip
            await tx.run(PUT_RIGHT, id=letter.id, envelope=msgspec.json.encode(mended).decode())

    await ears.db.write(put_right)
    assert await ears.inbox.replay([letter.id for letter in letters]) == 100
    while await ears.inbox.retry():
        pass
    assert await ears.seen() == dict.fromkeys(numbers, 1)
    assert await ears.inbox.count_dead() == 0
    await kafka.close()
