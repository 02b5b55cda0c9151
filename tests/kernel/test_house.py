"""The kernel end to end, by a sample service: write, publish, hear, fail, replay, schedule."""

from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select

from samovar.adapters.sqlite import SqliteEngine
from samovar.app.backends import embedded
from samovar.app.house import House
from samovar.kernel import migrate as migrations
from samovar.kernel.clock import VirtualClock
from samovar.kernel.contract import Event, register_event
from samovar.kernel.db import Count, Flag, Id, Json, Query, Text, one_of
from samovar.kernel.inbox import Heard
from samovar.kernel.jobs import Jobs
from samovar.kernel.kit import Kit, Site
from samovar.kernel.service import Built, Service
from samovar.kernel.settings import Secret, Source

META = MetaData()
NOTE = Table(
    "notes_note",
    META,
    Column("id", Id, primary_key=True),
    Column("text", Text),
    Column("done", Flag),
    Column("extra", Json),
)
SEEN = Table("ears_seen", META, Column("id", Id, primary_key=True), Column("times", Count))


@register_event
class Noted(Event, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "test.notes.v1.Noted"
    KEY: ClassVar[str] = "note_id"
    note_id: int = 0
    bad: bool = False


ADD = Query(insert(NOTE))
GET = Query(select(NOTE.c.id, NOTE.c.text, NOTE.c.done, NOTE.c.extra).where(one_of(NOTE.c.id, "ids")))
SEE = Query(insert(SEEN))
ALL_SEEN = Query(select(SEEN.c.id))


class Broken:
    now = True


async def on_noted(event: Noted, tx: Any, envelope: Any) -> None:
    await tx.run(SEE, id=event.note_id, times=envelope.version)
    if event.bad and Broken.now:
        raise ValueError("bad note")


ran: list[tuple[str, Any]] = []


async def job(key: str, payload: Any) -> None:
    ran.append((key, payload))


def build_notes(kit: Kit) -> Built:
    return Built(rpc={}, jobs=Jobs({"remind": job}))


def build_ears(kit: Kit) -> Built:
    return Built(rpc={}, listeners=(Heard(Noted, on_noted),))


NOTES = Service(name="notes", serves=(), emits=(Noted,), build=build_notes)
EARS = Service(name="ears", serves=(), hears=(Noted,), build=build_ears)


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(migrations, "migrations_of", lambda package: [])
    monkeypatch.setattr(
        migrations,
        "KERNEL",
        (
            *migrations.KERNEL,
            (
                "k9999_test",
                lambda op, service: migrations.create_table(op, NOTE if service == "notes" else SEEN),
            ),
        ),
    )
    clock = VirtualClock()
    engine = SqliteEngine(tmp_path / "t.db")
    await engine.start()
    back = embedded(clock, engine, tmp_path)
    house = House((NOTES, EARS), back, Source(None, {}), site=Site(), secret=Secret("x"))
    await house.migrate()
    yield house
    await engine.close()


async def add(house: House, note_id: int, bad: bool = False) -> None:
    async def work(tx: Any) -> None:
        await tx.run(ADD, id=note_id, text="tea", done=True, extra={"a": [1]})
        await tx.publish(Noted(note_id=note_id, bad=bad))

    await house.kits["notes"].db.write(work)


async def seen(house: House) -> list[int]:
    return [row[0] for row in await house.kits["ears"].db.all(ALL_SEEN)]


async def test_an_event_has_its_effect_once(house: House) -> None:
    await add(house, 1)
    assert await house.kits["notes"].db.all(GET, ids=[1, 2]) == [(1, "tea", True, {"a": [1]})]
    envelopes = await house.workers["notes"].db.outbox.due(house.workers["notes"].db)
    await house.workers["ears"].inbox.take(envelopes)
    await house.drain()
    assert await seen(house) == [1]


async def test_a_failed_write_leaves_nothing(house: House) -> None:
    await add(house, 1)
    with pytest.raises(Exception, match="UNIQUE"):
        await add(house, 1)
    await house.drain()
    assert await seen(house) == [1]


async def test_a_poison_event_dies_and_is_replayed(house: House) -> None:
    Broken.now = True
    await add(house, 7, bad=True)
    await add(house, 8)
    for _ in range(8):
        await house.drain()
        house.backends.clock.advance(1000)
    assert await seen(house) == [8]
    inbox = house.workers["ears"].inbox
    letters = await inbox.dead_letters()
    assert [letter.key for letter in letters] == ["7"] and letters[0].attempts == 5
    Broken.now = False
    assert await inbox.replay([letters[0].id]) == 1
    await house.drain()
    assert await seen(house) == [7, 8]
    assert await inbox.count_dead() == 0


async def test_a_foreign_table_is_refused(house: House) -> None:
    with pytest.raises(Exception, match="prohibited"):
        await house.kits["ears"].db.all(Query(select(NOTE.c.id)))


async def test_a_job_is_moved_and_cancelled(house: House) -> None:
    ran.clear()
    db, clock = house.kits["notes"].db, house.backends.clock

    async def plan(tx: Any) -> None:
        await tx.schedule("remind", "a", clock.now() + 10_000_000, {"n": 1})
        await tx.schedule("remind", "b", clock.now() + 10_000_000)

    async def move(tx: Any) -> None:
        await tx.schedule("remind", "a", clock.now() + 60_000_000, {"n": 2})
        assert await tx.cancel("remind", "b")

    await db.write(plan)
    await db.write(move)
    clock.advance(11)
    await house.drain()
    assert ran == []
    clock.advance(60)
    await house.drain()
    assert ran == [("a", {"n": 2})]
