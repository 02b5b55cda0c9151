"""Figures as files."""

import pytest

from samovar.contracts.analytics import Export, ExportsUnderWay
from samovar.contracts.common import ItemRef, Scope
from samovar.kernel.errors import Forbidden, Invalid, NotFound, Unauthenticated
from samovar.kernel.facts import date_of
from tests.world import Person, World


async def content(world: World, export: Export) -> list[str]:
    chunks = [chunk async for chunk in world.house.backends.blobs.get(export.key)]
    text = b"".join(chunks)
    assert len(text) == export.bytes
    return text.decode().splitlines()


async def community(world: World) -> tuple[Person, Person, int]:
    olga, anna = await world.person("olga"), await world.person("anna")
    post = (await anna.posts.create(text="tea", visibility=Scope.PUBLIC, language="en")).id
    await olga.reactions.react(item=ItemRef(kind="post", id=post), type="like")
    await world.drain()
    return world.as_(olga.id, "admin"), anna, post


async def test_figures_are_written_day_by_day(world: World) -> None:
    admin, anna, post = await community(world)
    begun = await admin.analytics.begin_export(what="content", days=3)
    assert (begun.state, begun.done, begun.key) == ("waiting", 0, "")
    await world.drain()
    ready = await admin.analytics.get_export(id=begun.id)
    assert (ready.state, ready.done, ready.rows) == ("ready", 3, 1)
    today = date_of(world.clock.now() // 86_400_000_000).isoformat()
    assert await content(world, ready) == [
        "day,kind,id,owner_id,views,clicks,reactions,replies,shares,score",
        f"{today},post,{post},{anna.id},0,0,1,0,0,4",
    ]
    people = await admin.analytics.begin_export(what="people", days=1)
    days = await admin.analytics.begin_export(what="days", days=1)
    await world.drain()
    lines = await content(world, await admin.analytics.get_export(id=people.id))
    assert sorted(lines[1:]) == sorted([f"{today},{admin.id},1,1", f"{today},{anna.id},1,1"])
    lines = await content(world, await admin.analytics.get_export(id=days.id))
    assert f"{today},registered,,2" in lines and f"{today},created,post,1" in lines
    assert [one.id for one in (await admin.analytics.exports()).items] == [days.id, people.id, begun.id]


async def test_ones_own_figures_are_ones_own_file(world: World) -> None:
    admin, anna, _ = await community(world)
    mine = await anna.analytics.begin_export(what="mine", days=2)
    await world.drain()
    mine = await anna.analytics.get_export(id=mine.id)
    lines = await content(world, mine)
    assert lines[0] == "day,viewed,visited,clicked,reacted,replied,shared,followed,created"
    assert [line.partition(",")[2] for line in lines[1:]] == ["0,0,0,0,0,0,0,0", "0,0,0,1,0,0,0,1"]
    for other in (admin, world.as_(12345)):
        with pytest.raises(NotFound):
            await other.analytics.get_export(id=mine.id)
        assert mine.id not in {one.id for one in (await other.analytics.exports()).items}
    with pytest.raises(Forbidden):
        await anna.analytics.begin_export(what="days", days=2)
    with pytest.raises(Unauthenticated):
        await world.stranger.analytics.begin_export(what="mine", days=2)
    with pytest.raises(Invalid):
        await anna.analytics.begin_export(what="teapots", days=2)


async def test_two_at_once_and_not_for_ever(world: World) -> None:
    admin, _, _ = await community(world)
    first = await admin.analytics.begin_export(what="days", days=2)
    await admin.analytics.begin_export(what="people", days=2)
    with pytest.raises(ExportsUnderWay):
        await admin.analytics.begin_export(what="days", days=2)
    await world.drain()
    await admin.analytics.begin_export(what="days", days=2)
    await world.drain()
    assert len(await world.house.backends.blobs.list("analytics", 10)) == 3
    world.clock.advance(49 * 3600)
    with pytest.raises(NotFound):
        await admin.analytics.get_export(id=first.id)
    await world.drain()
    assert (await admin.analytics.exports()).items == ()
    assert not await world.house.backends.blobs.list("analytics", 10)


@pytest.mark.settings(SAMOVAR_ANALYTICS__EXPORT_LINES="100")
async def test_a_file_that_would_be_too_long_is_none(world: World) -> None:
    _, anna, _ = await community(world)
    long = await anna.analytics.begin_export(what="mine", days=101)
    short = await anna.analytics.begin_export(what="mine", days=100)
    await world.drain()
    states = {one.id: (one.state, one.key != "") for one in (await anna.analytics.exports()).items}
    assert states == {long.id: ("failed", False), short.id: ("ready", True)}
    assert len(await world.house.backends.blobs.list("analytics", 10)) == 1, "nothing is left of it"
