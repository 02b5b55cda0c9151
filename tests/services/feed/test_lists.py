"""Public, tag and one person's timelines, and trends."""

import pytest

from samovar.contracts.common import Scope
from samovar.contracts.personal import PERSONAL
from samovar.kernel.errors import NotFound
from tests.services.feed.helpers import hide, home, ids, post, walk
from tests.world import Person, World


async def of(viewer: Person, user: Person, with_replies: bool = False) -> list[int]:
    return ids(await walk(viewer.feed.person, user_id=user.id, with_replies=with_replies))


async def test_public_has_no_replies_shares_or_closed_items(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    one = await post(anna)
    await post(boris, in_reply_to_id=one)
    await boris.posts.repost(id=one)
    for scope in (Scope.UNLISTED, Scope.FOLLOWERS, Scope.MENTIONED):
        await post(anna, scope=scope)
    two = await post(boris)
    await world.drain()
    for viewer in (world.stranger, anna, boris):
        assert ids(await walk(viewer.feed.public, 1)) == [two, one]
    await hide(world, one)
    assert ids(await walk(world.stranger.feed.public)) == [two]


async def test_public_honours_blocks_mutes_and_privacy(world: World) -> None:
    anna, boris, clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    of_boris, of_clara = await post(boris), await post(clara)
    await world.drain()
    await anna.graph.mute(user_id=boris.id)
    assert ids(await walk(anna.feed.public)) == [of_clara]
    await anna.graph.unmute(user_id=boris.id)
    await clara.graph.block(user_id=anna.id)
    assert ids(await walk(anna.feed.public)) == [of_boris]
    await boris.graph.set_privacy(private=True)
    assert ids(await walk(anna.feed.public)) == []
    assert ids(await walk(world.stranger.feed.public)) == [of_clara]
    assert ids(await walk(boris.feed.public)) == [of_clara, of_boris]


async def test_a_short_page_has_a_cursor(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    wanted = await post(anna)
    for _ in range(100):
        await post(boris)
    await world.drain()
    await anna.graph.mute(user_id=boris.id)
    page = await anna.feed.public(cursor="", limit=5)
    assert page.items == () and page.next
    assert ids(await walk(anna.feed.public, 5)) == [wanted]


async def test_tags_are_found_however_they_are_written(world: World) -> None:
    anna = await world.person("anna")
    one = await post(anna, "Good #Tea")
    two = await post(anna, "#ЧАЙ and #tea", in_reply_to_id=one)
    await post(anna, "#tea for followers", Scope.FOLLOWERS)
    await world.drain()
    for tag in ("tea", "TEA", "#Tea", "ｔｅａ"):
        assert ids(await walk(world.stranger.feed.tag, 1, tag=tag)) == [two, one]
    assert ids(await walk(world.stranger.feed.tag, tag="чай")) == [two]
    assert ids(await walk(world.stranger.feed.tag, tag="")) == []
    assert ids(await walk(world.stranger.feed.tag, tag="x" * 100_000)) == []
    await anna.posts.edit(id=one, text="Good coffee")
    await world.drain()
    assert ids(await walk(world.stranger.feed.tag, tag="tea")) == [two]


async def test_a_persons_page(world: World) -> None:
    anna, boris, clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    topic = await post(clara)
    plain = await post(anna)
    thread = await post(anna, in_reply_to_id=plain)
    answer = await post(anna, in_reply_to_id=topic)
    quiet = await post(anna, scope=Scope.FOLLOWERS)
    secret = await post(anna, "@boris psst", Scope.MENTIONED)
    world.clock.advance(1)
    await anna.posts.repost(id=topic)
    await world.drain()
    assert await of(world.stranger, anna) == [topic, thread, plain]
    assert await of(world.stranger, anna, True) == [topic, answer, thread, plain]
    assert await of(boris, anna) == [topic, secret, thread, plain]
    assert await of(anna, anna, True) == [topic, secret, quiet, answer, thread, plain]
    await clara.graph.follow(user_id=anna.id)
    assert await of(clara, anna) == [topic, quiet, thread, plain]
    assert (await anna.feed.person(user_id=anna.id, with_replies=False, cursor="", limit=1)).items[
        0
    ].shared_by_id == anna.id
    # Muting hides people from lists, not from their own page.
    await clara.graph.mute(user_id=anna.id)
    assert await of(clara, anna) == [topic, quiet, thread, plain]
    await anna.graph.block(user_id=clara.id)
    assert await of(clara, anna) == await of(anna, clara) == []
    await anna.graph.set_privacy(private=True)
    assert await of(world.stranger, anna) == []


async def test_trends_count_people(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    for _ in range(3):
        await post(anna, "#coffee")
    await post(anna, "#tea")
    await post(boris, "#tea")
    await post(boris, "#secret", Scope.FOLLOWERS)
    await world.drain()
    trends = (await world.stranger.feed.trends(limit=10)).items
    assert [(trend.tag, trend.people, trend.items) for trend in trends] == [("tea", 2, 2), ("coffee", 1, 3)]
    assert len((await world.stranger.feed.trends(limit=1)).items) == 1
    world.clock.advance(8 * 86_400)
    assert (await world.stranger.feed.trends(limit=10)).items == ()


@pytest.mark.settings(SAMOVAR_FEED__BATCH="2")
async def test_erasing_leaves_nothing_and_nothing_comes_back(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.graph.follow(user_id=boris.id)
    await boris.graph.follow(user_id=anna.id)
    await world.drain()
    for _ in range(3):
        await post(boris, "#tea @anna")
    kept = await post(anna)
    await boris.posts.repost(id=kept)
    await world.drain()
    with pytest.raises(NotFound):
        await anna.of(PERSONAL, "feed").erase(user_id=boris.id)
    for _ in range(2):
        await world.system.of(PERSONAL, "feed").erase(user_id=boris.id)
    await post(boris, "late #tea")
    await world.drain()
    assert await home(anna) == [kept]
    assert await home(boris) == []
    assert ids(await walk(anna.feed.tag, tag="tea")) == []
    assert await of(anna, boris) == []
    kernel = ("person", "inbox", "outbox", "jobs", "retries", "migrations")
    left = [
        (table, row)
        for table, rows in (await world.stored()).items()
        if table.startswith("feed_") and table.removeprefix("feed_") not in kernel
        for row in rows
        if boris.id in [value for column, value in row.items() if column.endswith("_id")]
    ]
    assert left == []
