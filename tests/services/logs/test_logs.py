"""Logs that are kept within bounds and found again."""

from typing import Any

import pytest

from samovar.contracts.logs import Entry
from samovar.kernel.clock import DAY, SECOND
from samovar.kernel.errors import Forbidden, Invalid, NotFound, Unauthenticated
from tests.world import World


def entry(world: World, number: int, **more: Any) -> Entry:
    told = {"event": f"thing {number}", "level": "info", "process": "all", "fields": "{}", **more}
    return Entry(id=number, at=world.clock.now() + number * SECOND, **told)


async def append(world: World, *entries: Entry) -> None:
    await world.system.logs.append(entries=entries)


async def found(world: World, **what: Any) -> list[int]:
    return [one.id for one in (await world.as_(1, "admin").logs.find(**what)).items]


async def test_what_was_logged_is_found_newest_first(world: World) -> None:
    lines = [
        entry(world, 1, event="Чай готов", fields='{"cups":"ДВЕ чашки"}'),
        entry(world, 2, level="warning", process="edge", service="posts", request_id="abc123"),
        entry(world, 3, level="error", service="media", trace_id="t1", fields='{"exception":"100% _wrong_"}'),
    ]
    await append(world, *lines)
    await append(world, lines[1])
    assert await found(world) == [3, 2, 1]
    assert await found(world, level="warning") == [3, 2]
    assert await found(world, level="error") == [3]
    assert await found(world, text="чай") == await found(world, text="две ЧАШКИ") == [1]
    assert await found(world, text="100% _WRONG_") == [3]
    assert await found(world, text="1_0") == await found(world, text="wrong!") == []
    assert await found(world, request_id="abc123") == [2]
    assert await found(world, trace_id="t1") == [3]
    assert await found(world, source="edge") == await found(world, source="posts") == [2]
    now = world.clock.now()
    assert await found(world, since=now + 2 * SECOND) == [3, 2]
    assert await found(world, until=now + 2 * SECOND) == [1]
    assert await found(world, level="warning", source="media", text="thing") == [3]
    page = await world.as_(1, "admin").logs.find(level="error")
    assert page.items == (lines[2],) and not page.next


async def test_pages(world: World) -> None:
    await append(world, *(entry(world, number) for number in range(1, 8)))
    seen: list[int] = []
    cursor = ""
    for _ in range(3):
        page = await world.as_(1, "admin").logs.find(limit=3, cursor=cursor)
        seen += [one.id for one in page.items]
        cursor = page.next
    assert seen == [7, 6, 5, 4, 3, 2, 1] and not cursor
    with pytest.raises(Invalid):
        await found(world, cursor="nonsense")


@pytest.mark.settings(SAMOVAR_LOGS__ENTRIES="600", SAMOVAR_LOGS__DAYS="2")
async def test_they_are_bounded_in_number_and_age(world: World) -> None:
    for start in range(1, 1800, 450):
        await append(world, *(entry(world, start + number) for number in range(450)))
    world.clock.advance(3600)
    await world.drain()
    kept = await world.system.logs.find(cursor="1201", limit=100)
    assert kept.items == (), "only the newest 600 of 1,800 are there"
    assert await found(world, cursor="1202") == [1201]
    world.clock.advance(2 * DAY / SECOND)
    await world.drain()
    assert await found(world) == []


async def test_what_is_too_long_is_cut_and_what_is_odd_is_kept(world: World) -> None:
    await append(
        world, entry(world, 1, event="x" * 5000, fields="y" * 50_000, level="loud", process="p" * 500)
    )
    (one,) = (await world.as_(1, "admin").logs.find()).items
    assert (len(one.event), len(one.fields), one.level, len(one.process)) == (500, 16_000, "info", 80)
    with pytest.raises(Invalid):
        await append(world, *(entry(world, number) for number in range(1, 502)))


async def test_who_may(world: World) -> None:
    anna = await world.person("anna")
    for caller, refusal in ((world.stranger, Unauthenticated), (anna, Forbidden),
                            (world.as_(anna.id, "moderator"), Forbidden)):  # fmt: skip
        with pytest.raises(refusal):
            await caller.logs.find()
    for caller in (world.stranger, anna, world.as_(anna.id, "admin")):
        with pytest.raises(NotFound):
            await caller.logs.append(entries=(entry(world, 1),))
    for wrong in ({"level": "loud"}, {"text": "x" * 201}):
        with pytest.raises(Invalid):
            await world.as_(anna.id, "admin").logs.find(**wrong)
