"""What every database behind the kernel's Engine must do."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, bindparam, delete, insert, select, update
from sqlalchemy.schema import CreateIndex, CreateTable

from samovar.adapters.sqlite import SqliteEngine
from samovar.kernel.context import Call, calling, system_call
from samovar.kernel.db import DIALECTS, Count, Engine, Flag, Id, Json, Query, RawTx, Row, Text, one_of
from samovar.kernel.errors import Invalid, Unavailable
from samovar.kernel.upsert import excluded, upsert
from tests.servers import database

META = MetaData()
CUP = Table(
    "cups_cup", META, Column("id", Id, primary_key=True, autoincrement=False), Column("text", Text),
    Column("full", Flag), Column("more", Json), Column("times", Count),
)  # fmt: skip
SAUCER = Table("saucers_saucer", MetaData(), Column("id", Id, primary_key=True, autoincrement=False))
ADD = Query(insert(CUP))
PUT = Query(
    upsert(CUP, [CUP.c.id], update={"times": CUP.c.times + 1, "text": excluded("text")}).returning(
        CUP.c.times
    )
)
PUT_UNLESS = Query(upsert(CUP, [CUP.c.id]))
BY_IDS = Query(select(CUP).where(one_of(CUP.c.id, "ids")).order_by(CUP.c.id))
BY_TEXTS = Query(select(CUP.c.id).where(one_of(CUP.c.text, "texts")).order_by(CUP.c.id))
BY_TEXT = Query(select(CUP.c.id).where(CUP.c.text == bindparam("text"), CUP.c.full))
TIMES = Query(select(CUP.c.times).where(CUP.c.id == bindparam("id")))
SET_TIMES = Query(update(CUP).where(CUP.c.id == bindparam("cup")).values(times=bindparam("to")))
EMPTY = Query(delete(CUP).where(one_of(CUP.c.id, "ids")))
SAUCERS = Query(select(SAUCER.c.id))


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
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


async def make_tables(engine: Engine) -> None:
    for service, table in (("cups", CUP), ("saucers", SAUCER)):
        await engine.prepare(service)
        parts = [CreateTable(table), *map(CreateIndex, table.indexes)]
        sql = ";".join(str(part.compile(dialect=DIALECTS[engine.dialect])) for part in parts)

        async def make(raw: RawTx, sql: str = sql) -> None:
            await raw.script(sql)

        await engine.write(service, make)


def dialect_of(raw: RawTx) -> str:
    return "postgresql" if "Postgres" in type(raw).__name__ else "sqlite"


async def run(raw: RawTx, query: Query, **params: Any) -> list[Any]:
    compiled = query.compiled(dialect_of(raw), "cups")
    return compiled.rows(await raw.execute(compiled, compiled.bind(params)))


async def read(engine: Engine, query: Query, service: str = "cups", **params: Any) -> list[Any]:
    compiled = query.compiled(engine.dialect, service)
    return compiled.rows(await engine.read(service, compiled, compiled.bind(params)))


def cup(id_: int, **more: Any) -> dict[str, Any]:
    return {"id": id_, "text": "чай", "full": True, "more": {"a": [1]}, "times": 1, **more}


async def add(engine: Engine, *cups: dict[str, Any]) -> None:
    async def work(raw: RawTx) -> None:
        for one in cups:
            await run(raw, ADD, **one)

    await engine.write("cups", work)


async def test_values_come_back_as_they_went_in(engine: Engine) -> None:
    nasty = "' OR 1=1; -- \x01 \u202e 🫖"
    await add(
        engine, cup(2**62, text=nasty, full=False, more=None), cup(1, more=[1.5, "чай", None, {"b": {}}])
    )
    rows = await read(engine, BY_IDS, ids=[1, 2**62, 5])
    assert rows == [
        (1, "чай", True, [1.5, "чай", None, {"b": {}}], 1), (2**62, nasty, False, None, 1),
    ]  # fmt: skip
    assert all(type(row) is tuple for row in rows)
    assert await read(engine, BY_TEXT, text="чай") == [(1,)]
    assert await read(engine, BY_TEXTS, texts=["чай", nasty, "', 'x"]) == [(1,), (2**62,)]
    assert await read(engine, BY_IDS, ids=[]) == []
    compiled = BY_IDS.compiled(engine.dialect, "cups")
    scanned = await engine.scan("cups", compiled, compiled.bind({"ids": [1]}))
    assert compiled.rows(scanned) == rows[:1]


async def test_a_nul_is_kept_by_sqlite_and_refused_by_postgresql(engine: Engine) -> None:
    if engine.dialect == "sqlite":
        await add(engine, cup(1, text="a\x00b"))
        assert (await read(engine, BY_IDS, ids=[1]))[0][1] == "a\x00b"
        return
    with pytest.raises(Invalid):
        await add(engine, cup(1, text="a\x00b"))
    assert await read(engine, BY_IDS, ids=[1]) == []


async def test_a_write_is_all_or_nothing_and_others_go_on(engine: Engine) -> None:
    async def bad(raw: RawTx) -> None:
        await run(raw, ADD, **cup(1))
        raise ValueError("no")

    async def good(raw: RawTx) -> int:
        await run(raw, ADD, **cup(2))
        return 5

    results = await asyncio.gather(
        engine.write("cups", bad), engine.write("cups", good), return_exceptions=True
    )
    assert isinstance(results[0], ValueError) and results[1] == 5
    assert [row[0] for row in await read(engine, BY_IDS, ids=[1, 2])] == [2]


async def test_a_step_can_fail_alone(engine: Engine) -> None:
    async def work(raw: RawTx) -> None:
        await run(raw, ADD, **cup(1))

        async def step() -> None:
            await run(raw, ADD, **cup(2))
            raise ValueError

        with pytest.raises(ValueError):
            await raw.attempt(step)
        await run(raw, ADD, **cup(3))

        async def good() -> str:
            await run(raw, ADD, **cup(4))
            return "done"

        assert await raw.attempt(good) == "done"

    await engine.write("cups", work)
    assert [row[0] for row in await read(engine, BY_IDS, ids=[1, 2, 3, 4])] == [1, 3, 4]


async def test_a_step_that_breaks_a_rule_of_the_tables_fails_alone(engine: Engine) -> None:
    async def work(raw: RawTx) -> None:
        await run(raw, ADD, **cup(1))

        async def again() -> None:
            await run(raw, ADD, **cup(1))

        with pytest.raises(Exception, match=r"(?i)unique"):
            await raw.attempt(again)
        await run(raw, ADD, **cup(2))

    await engine.write("cups", work)
    assert len(await read(engine, BY_IDS, ids=[1, 2])) == 2


async def test_an_upsert_adds_or_changes_and_says_how_many(engine: Engine) -> None:
    async def work(raw: RawTx) -> list[Any]:
        found = [await run(raw, PUT, **cup(1, text=text)) for text in ("a", "b")]
        for one, changed in ((cup(2), 1), (cup(2), 0), (cup(1), 0)):
            await run(raw, PUT_UNLESS, **one)
            assert raw.changes() == changed
        await run(raw, SET_TIMES, cup=2, to=9)
        assert raw.changes() == 1
        await run(raw, EMPTY, ids=[2, 3])
        assert raw.changes() == 1
        return found

    assert await engine.write("cups", work) == [[(1,)], [(2,)]]
    assert (await read(engine, BY_IDS, ids=[1]))[0][1] == "b"


async def test_many_rows_at_once(engine: Engine) -> None:
    async def work(raw: RawTx) -> None:
        compiled = ADD.compiled(dialect_of(raw), "cups")
        await raw.execute_many(compiled, (compiled.bind(cup(number)) for number in range(1, 301)))
        await raw.execute_many(compiled, ())

    await engine.write("cups", work)
    assert len(await read(engine, BY_IDS, ids=list(range(400)))) == 300


async def test_writes_that_meet_lose_nothing(engine: Engine) -> None:
    """Read, then write what was read plus one: as if one after the other."""
    await add(engine, cup(1, times=0))

    async def count(raw: RawTx) -> None:
        ((times,),) = await run(raw, TIMES, id=1)
        await run(raw, SET_TIMES, cup=1, to=times + 1)

    for _ in range(5):
        await asyncio.gather(*(engine.write("cups", count) for _ in range(6)))
    assert await read(engine, TIMES, id=1) == [(30,)]


async def test_a_write_is_seen_by_whoever_asks_afterwards(engine: Engine) -> None:
    await add(engine, cup(1, times=0))

    async def one(number: int) -> None:
        async def work(raw: RawTx) -> None:
            await run(raw, ADD, **cup(number))

        await read(engine, TIMES, id=1)
        await engine.write("cups", work)
        assert await read(engine, BY_IDS, ids=[number]), "one's own write is there at once"

    await asyncio.gather(*(one(number) for number in range(2, 60)))


async def test_changes_are_told_to_who_watches_or_it_is_said_that_they_are_not(engine: Engine) -> None:
    told: list[tuple[Row | None, Row | None]] = []
    if not engine.watch("cups_cup", ["times", "id"], lambda before, after: told.append((before, after))):
        assert engine.dialect == "postgresql"  # others write there too
        return

    async def fill(raw: RawTx) -> None:
        for number in (1, 2):
            await run(raw, ADD, **cup(number, times=0))
        await run(raw, SET_TIMES, cup=1, to=5)
        assert not told  # not before it is so

    await engine.write("cups", fill)
    assert told == [(None, (0, 1)), (None, (0, 2)), ((0, 1), (5, 1))]
    told.clear()

    async def empty(raw: RawTx) -> None:
        await run(raw, EMPTY, ids=[1, 2])

    await engine.write("cups", empty)
    assert sorted(told) == [((0, 2), None), ((5, 1), None)]


async def test_what_is_kept_by_changes_is_never_older_than_what_is_read(engine: Engine) -> None:
    """Readers and writers at once: whoever was told that a write is done finds it in what is kept."""
    kept: dict[int, int] = {}

    def changed(before: Row | None, after: Row | None) -> None:
        kept.pop((after or before or (0,))[0], None)

    if not engine.watch("cups_cup", ["id"], changed):
        return
    times = TIMES.compiled(engine.dialect, "cups")

    async def read() -> int:
        if 1 not in kept:
            rows = await engine.read("cups", times, times.bind({"id": 1}))
            kept[1] = rows[0][0]
        return kept[1]

    async def write(number: int) -> None:
        async def work(raw: RawTx) -> None:
            await run(raw, SET_TIMES, cup=1, to=number)

        await engine.write("cups", work)
        assert await read() >= number

    async def reading() -> None:
        last = 0
        while last < 200:
            now = await read()
            assert now >= last
            last = now
            await asyncio.sleep(0)

    async def begin(raw: RawTx) -> None:
        await run(raw, ADD, **cup(1, times=0))

    await engine.write("cups", begin)
    readers = [asyncio.create_task(reading()) for _ in range(3)]
    for number in range(1, 201):
        await write(number)
    await asyncio.wait_for(asyncio.gather(*readers), 20)


async def test_a_write_that_waits_for_something_else_is_refused(engine: Engine) -> None:
    async def work(raw: RawTx) -> None:
        await run(raw, ADD, **cup(1))
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="await nothing but"):
        await engine.write("cups", work)
    assert await read(engine, BY_IDS, ids=[1]) == []


async def test_a_write_in_a_write_is_refused(engine: Engine) -> None:
    async def inner(raw: RawTx) -> None:
        return None

    async def work(raw: RawTx) -> None:
        await engine.write("cups", inner)

    with pytest.raises(RuntimeError, match="may not start another"):
        await engine.write("cups", work)


async def test_a_service_is_refused_the_tables_of_another(engine: Engine) -> None:
    assert await read(engine, SAUCERS, "saucers") == []
    # Compiled once for each service, as a service's own statements are.
    foreign = [Query(select(SAUCER.c.id))]
    if engine.dialect == "postgresql":
        foreign.append(Query(select(SAUCER.to_metadata(MetaData(), schema="saucers").c.id)))
    for query in foreign:
        with pytest.raises(
            Exception, match=r"(?i)prohibited|not authorized|does not exist|permission denied"
        ):
            await read(engine, query, "cups")


async def test_one_process_at_a_time_migrates_and_has_a_duty(engine: Engine) -> None:
    async with engine.migrating("cups"):
        pass
    assert await engine.holds("relay cups") and await engine.holds("relay cups")


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_statements_compile_for_every_dialect(dialect: str) -> None:
    for query in (ADD, PUT, BY_IDS, BY_TEXT):
        assert query.compiled(dialect, "cups").sql
        query._compiled.clear()


async def test_writes_for_which_there_is_no_room_are_refused_and_others_go_on(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path / "t.db", durable=False)
    await engine.start()
    try:
        await make_tables(engine)
        await add(engine, cup(1))
        engine._writer.execute("PRAGMA max_page_count=20")  # as a full disk, but at a known place
        large = {number: add(engine, cup(number, text="x" * 30_000)) for number in (2, 3, 4)}
        outcomes = await asyncio.gather(*large.values(), return_exceptions=True)
        kept = [number for number, outcome in zip(large, outcomes, strict=True) if outcome is None]
        assert len(kept) < 3
        # What was answered is there, and nothing of what was refused.
        assert [row[0] for row in await read(engine, BY_IDS, ids=[1, 2, 3, 4])] == [1, *kept]
        engine._writer.execute("PRAGMA max_page_count=100000")
        await add(engine, cup(5, text="x" * 30_000))
        assert len(await read(engine, BY_IDS, ids=[5])) == 1
    finally:
        await engine.close()


async def test_who_waits_for_an_answer_is_not_put_into_a_line_that_is_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = SqliteEngine(tmp_path / "t.db", durable=False)
    await engine.start()
    try:
        await make_tables(engine)
        monkeypatch.setattr("samovar.adapters.sqlite.LINE", -1.0)
        first = asyncio.create_task(add(engine, cup(1)))
        await asyncio.sleep(0)  # it stands in the line
        with calling(Call(actor=7)), pytest.raises(Unavailable) as refused:
            await add(engine, cup(2))
        assert refused.value.retry_after == 1
        with calling(system_call("cups")):
            await add(engine, cup(3))
        await first
        assert [row[0] for row in await read(engine, BY_IDS, ids=[1, 2, 3])] == [1, 3]
        with calling(Call(actor=7)):
            await add(engine, cup(2))
    finally:
        await engine.close()
