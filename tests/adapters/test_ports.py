"""Ports of the kernel: letters, and rows in SQLite. The others have files of their own."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, bindparam, insert, select

from samovar.adapters.sqlite import SqliteEngine
from samovar.kernel.clock import VirtualClock
from samovar.kernel.db import Count, Engine, Flag, Id, Json, Query, RawTx, Text, one_of
from samovar.kernel.mail import FolderMail, Letter
from samovar.kernel.migrate import create_table
from samovar.kernel.upsert import excluded, upsert


async def test_a_letter_sent_twice_is_one_file(tmp_path: Path, clock: VirtualClock) -> None:
    mail = FolderMail(tmp_path, "samovar@localhost", clock)
    letter = Letter(id="x-1", to="anna@example.org", subject="Привет", text="Чай готов\n")
    await mail.send(letter)
    await mail.send(letter)
    (file,) = tmp_path.glob("*.eml")
    assert b"anna@example.org" in file.read_bytes() and b"x-1@localhost" in file.read_bytes()


META = MetaData()
CUP = Table(
    "cups_cup", META, Column("id", Id, primary_key=True, autoincrement=False), Column("text", Text),
    Column("full", Flag), Column("more", Json), Column("times", Count),
)  # fmt: skip
ADD = Query(insert(CUP))
PUT = Query(
    upsert(CUP, [CUP.c.id], update={"times": CUP.c.times + 1, "text": excluded("text")}).returning(
        CUP.c.times
    )
)
BY_IDS = Query(select(CUP).where(one_of(CUP.c.id, "ids")).order_by(CUP.c.id))
BY_TEXT = Query(select(CUP.c.id).where(CUP.c.text == bindparam("text"), CUP.c.full))


@pytest.fixture(params=["sqlite"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
    engine = SqliteEngine(tmp_path / "t.db", durable=False)
    await engine.start()
    statements: list[str] = []

    class Op:
        def execute(self, statement: Any) -> None:
            statements.append(str(statement.compile()).replace("BIGINT", "INTEGER"))

    create_table(Op(), CUP)

    async def make(raw: RawTx) -> None:
        await raw.script(";".join(statements))

    await engine.write("cups", make)
    yield engine
    await engine.close()


async def run(raw: RawTx, query: Query, **params: Any) -> list[Any]:
    compiled = query.compiled("sqlite", "cups")
    return compiled.rows(await raw.execute(compiled, compiled.bind(params)))


async def read(engine: Engine, query: Query, **params: Any) -> list[Any]:
    compiled = query.compiled(engine.dialect, "cups")
    return compiled.rows(await engine.read("cups", compiled, compiled.bind(params)))


def cup(id_: int, **more: Any) -> dict[str, Any]:
    return {"id": id_, "text": "чай", "full": True, "more": {"a": [1]}, "times": 1, **more}


async def test_values_come_back_as_they_went_in(engine: Engine) -> None:
    nasty = "' OR 1=1; -- \x00 \u202e 🫖"

    async def work(raw: RawTx) -> None:
        await run(raw, ADD, **cup(2**62, text=nasty, full=False, more=None))
        await run(raw, ADD, **cup(1))

    await engine.write("cups", work)
    assert await read(engine, BY_IDS, ids=[1, 2**62, 5]) == [
        (1, "чай", True, {"a": [1]}, 1), (2**62, nasty, False, None, 1),
    ]  # fmt: skip
    assert await read(engine, BY_TEXT, text="чай") == [(1,)]
    assert await read(engine, BY_IDS, ids=[]) == []


async def test_a_write_is_all_or_nothing_and_others_go_on(engine: Engine) -> None:
    async def bad(raw: RawTx) -> None:
        await run(raw, ADD, **cup(1))
        raise ValueError("no")

    async def good(raw: RawTx) -> int:
        await run(raw, ADD, **cup(2))
        return 5

    import asyncio

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

    await engine.write("cups", work)
    assert [row[0] for row in await read(engine, BY_IDS, ids=[1, 2, 3])] == [1, 3]


async def test_an_upsert_adds_or_changes(engine: Engine) -> None:
    async def work(raw: RawTx) -> list[Any]:
        return [await run(raw, PUT, **cup(1, text=text)) for text in ("a", "b")]

    assert await engine.write("cups", work) == [[(1,)], [(2,)]]
    assert (await read(engine, BY_IDS, ids=[1]))[0][1] == "b"


async def test_a_write_that_waits_for_something_else_is_refused(engine: Engine) -> None:
    import asyncio

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


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_statements_compile_for_every_dialect(dialect: str) -> None:
    for query in (ADD, PUT, BY_IDS, BY_TEXT):
        assert query.compiled(dialect, "cups").sql
        query._compiled.clear()
