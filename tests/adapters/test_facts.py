"""The kernel's roll-ups do what Facts promises, in both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import MetaData
from sqlalchemy.schema import CreateIndex, CreateTable

from samovar.adapters.sqlite import SqliteEngine
from samovar.kernel.clock import DAY, VirtualClock
from samovar.kernel.db import DIALECTS, Engine, RawTx
from samovar.kernel.facts import Fact, date_of, month_of, next_month, pieces, week_of
from samovar.kernel.facts.rollups import RollUps
from samovar.kernel.facts.tables import fact_tables
from samovar.kernel.ids import Ids, first_id_at
from samovar.kernel.store import Db
from tests.adapters.facts_suite import START, answers_like_a_list, keeps_its_answers
from tests.servers import database


@pytest.fixture(params=["sqlite", "postgresql"])
async def facts(
    request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock
) -> AsyncIterator[RollUps]:
    if request.param == "sqlite":
        sqlite = SqliteEngine(tmp_path / "facts.db", durable=False)
        await sqlite.start()
        yield await over(sqlite, clock)
        await sqlite.close()
        return
    from samovar.adapters.postgres import PostgresEngine

    async with database() as url:
        postgres = PostgresEngine(url, durable=False)
        await postgres.start()
        yield await over(postgres, clock)
        await postgres.close()


async def over(engine: Engine, clock: VirtualClock) -> RollUps:
    tables = fact_tables("cups", MetaData())
    await engine.prepare("cups")
    parts = [part for table in tables for part in (CreateTable(table), *map(CreateIndex, table.indexes))]
    sql = ";".join(str(part.compile(dialect=DIALECTS[engine.dialect])) for part in parts)

    async def make(raw: RawTx) -> None:
        await raw.script(sql)

    await engine.write("cups", make)
    return RollUps(Db("cups", engine, clock, Ids(clock)), tables)


@pytest.mark.parametrize("seed", range(4))
async def test_answers_are_those_of_a_plain_list(facts: RollUps, seed: int) -> None:
    await answers_like_a_list(facts, seed)


async def test_what_comes_again_counts_once(facts: RollUps) -> None:
    await keeps_its_answers(facts)


async def test_numbers_stay_when_old_facts_go(facts: RollUps) -> None:
    old, new = START * DAY, (START + 40) * DAY
    every = [
        Fact(first_id_at(at) + n, name, at, 1 + n, kind, 5, 1)
        for at in (old, new)
        for n, (name, kind) in enumerate([("registered", ""), ("viewed", "post"), ("reacted", "post")])
    ]
    await facts.take(every)
    before = await facts.popular("", START, START + 50, 5), await facts.active(START, START + 50)
    await facts.prune(START + 40)
    assert await stored(facts) == {(fact.id, fact.name) for fact in every if fact.at == new} | {
        (every[0].id, "registered")
    }
    assert (await facts.popular("", START, START + 50, 5), await facts.active(START, START + 50)) == before


async def stored(facts: RollUps) -> set[tuple[int, str]]:
    """The raw facts that are kept."""
    from sqlalchemy import select

    from samovar.kernel.db import Query

    table = fact_tables("cups", MetaData()).fact
    return set(await facts._db.all(Query(select(table.c.id, table.c.name))))


async def test_whose_an_item_is_is_known_from_what_was_told_of_it(facts: RollUps) -> None:
    at = START * DAY
    await facts.take(
        [
            Fact(first_id_at(at) + 1, "created", at, 7, "post", 5, 7),
            Fact(first_id_at(at) + 2, "unreacted", at, 8, "post", 5),
            Fact(first_id_at(at) + 3, "viewed", at, 8, "post", 5),
        ]
    )
    assert await facts.own(7, START, START) == {
        "created": {START: 1},
        "reacted": {START: -1},
        "viewed": {START: 1},
    }


def test_days_weeks_and_months_are_the_calendars() -> None:
    for day in range(START - 800, START + 800):
        on = date_of(day)
        assert date_of(week_of(day)).weekday() == 0 and 0 <= day - week_of(day) < 7
        assert date_of(month_of(day)) == on.replace(day=1)
        following = date_of(next_month(month_of(day)))
        assert (following.year, following.month) == (
            (on.year, on.month + 1) if on.month < 12 else (on.year + 1, 1)
        )


def test_a_period_is_cut_into_days_and_whole_months() -> None:
    for first in range(START, START + 70):
        for last in range(first, START + 130):
            (a, b), (c, d), (e, f) = pieces(first, last)
            days = [*range(a, b + 1), *range(c, d + 1), *range(e, f + 1)]
            assert days == list(range(first, last + 1))
            assert c > d or (month_of(c) == c and month_of(d + 1) == d + 1)
