"""Home: what comes there, what doesn't, and when it goes."""

import pytest

from samovar.contracts.common import Scope
from samovar.kernel.errors import Invalid, Unauthenticated
from tests.services.feed.helpers import hide, home, ids, post, walk
from tests.world import World


async def test_home_shows_followed_people_and_oneself_newest_first(world: World) -> None:
    anna, boris, clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    await anna.graph.follow(user_id=boris.id)
    await world.drain()
    first = await post(boris)
    own = await post(anna)
    await post(clara)
    last = await post(boris, scope=Scope.UNLISTED)
    quiet = await post(boris, scope=Scope.FOLLOWERS)
    await world.drain()
    assert await home(anna) == [quiet, last, own, first]
    assert await home(clara) != []
    entries = await walk(anna.feed.home, limit=1)
    assert ids(entries) == [quiet, last, own, first]
    assert {entry.shared_by_id for entry in entries} == {0} and entries[0].kind == "post"


async def test_home_is_for_members_and_cursors_are_ours(world: World) -> None:
    anna = await world.person("anna")
    with pytest.raises(Unauthenticated):
        await world.stranger.feed.home(cursor="", limit=20)
    for cursor in ("x", "-1", "٣", "0", "9" * 30):
        with pytest.raises(Invalid) as caught:
            await anna.feed.home(cursor=cursor, limit=20)
        assert caught.value.fields.keys() == {"cursor"}
    assert (await anna.feed.home(cursor="", limit=-5)).items == ()
    assert (await anna.feed.home(cursor="", limit=10_000)).next == ""


async def test_following_brings_what_they_wrote_before(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    posts = [await post(boris) for _ in range(5)]
    await world.drain()
    assert await home(anna) == []
    await anna.graph.follow(user_id=boris.id)
    await world.drain()
    assert await home(anna) == posts[::-1]


async def test_unfollowing_takes_it_out_at_once_and_following_brings_it_back(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.graph.follow(user_id=boris.id)
    await world.drain()
    one = await post(boris)
    await world.drain()
    assert await home(anna) == [one]
    await anna.graph.unfollow(user_id=boris.id)
    assert await home(anna) == []
    await world.drain()
    two = await post(boris)
    await world.drain()
    assert await home(anna) == []
    await anna.graph.follow(user_id=boris.id)
    await world.drain()
    assert await home(anna) == [two, one]


async def test_mutes_and_blocks_hide_at_read(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.graph.follow(user_id=boris.id)
    await world.drain()
    one = await post(boris)
    await world.drain()
    await anna.graph.mute(user_id=boris.id)
    assert await home(anna) == []
    await anna.graph.unmute(user_id=boris.id)
    assert await home(anna) == [one]
    await boris.graph.block(user_id=anna.id)
    assert await home(anna) == []
    await world.drain()
    await boris.graph.unblock(user_id=anna.id)
    await anna.graph.follow(user_id=boris.id)
    await world.drain()
    assert await home(anna) == [one]


async def test_a_hidden_item_goes_and_comes_back_a_deleted_one_does_not(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.graph.follow(user_id=boris.id)
    await world.drain()
    one, two = await post(boris), await post(boris)
    await world.drain()
    await hide(world, one)
    assert await home(anna) == [two]
    await hide(world, one, False)
    assert await home(anna) == [two, one]
    await boris.posts.delete(id=two)
    await world.drain()
    assert await home(anna) == await home(boris) == [one]


async def test_a_reply_comes_only_to_those_who_follow_both(world: World) -> None:
    anna, boris, clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    await anna.graph.follow(user_id=boris.id)
    await world.drain()
    topic = await post(clara)
    answer = await post(boris, in_reply_to_id=topic)
    thread = await post(boris, in_reply_to_id=answer)
    await world.drain()
    # To themself is a thread; to clara is clara's and boris's affair.
    assert await home(anna) == [thread]
    assert await home(boris) == [thread, answer]
    await clara.graph.follow(user_id=boris.id)
    await anna.graph.follow(user_id=clara.id)
    await world.drain()
    assert await home(anna) == [thread, answer, topic]
    assert await home(clara) == [thread, answer, topic]


async def test_closed_items_come_to_the_named_alone(world: World) -> None:
    anna, boris, clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    for person in (anna, clara):
        await person.graph.follow(user_id=boris.id)
    await world.drain()
    secret = await post(boris, "@anna only between us", Scope.MENTIONED)
    await world.drain()
    assert await home(anna) == await home(boris) == [secret]
    assert await home(clara) == []
    await anna.graph.mute(user_id=boris.id)
    assert await home(anna) == []
    await anna.graph.unmute(user_id=boris.id)
    await boris.posts.delete(id=secret)
    await world.drain()
    assert await home(anna) == []


async def test_a_share_shows_what_one_would_not_have_seen(world: World) -> None:
    anna, boris, clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    await anna.graph.follow(user_id=boris.id)
    await world.drain()
    one = await post(clara)
    await world.drain()
    assert await home(anna) == []
    await boris.posts.repost(id=one)
    await world.drain()
    (entry,) = (await anna.feed.home(cursor="", limit=20)).items
    assert (entry.id, entry.shared_by_id) == (one, boris.id)
    await anna.graph.mute(user_id=clara.id)
    assert await home(anna) == []
    await anna.graph.unmute(user_id=clara.id)
    await boris.posts.unrepost(id=one)
    await world.drain()
    assert await home(anna) == []
    await boris.posts.repost(id=one)
    await world.drain()
    assert await home(anna) == [one]
    await clara.posts.delete(id=one)
    await world.drain()
    assert await home(anna) == []


async def test_an_item_near_the_top_is_not_repeated(world: World) -> None:
    anna, boris, clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    for person in (boris, clara):
        await anna.graph.follow(user_id=person.id)
    await world.drain()
    one = await post(clara)
    await world.drain()
    await boris.posts.repost(id=one)
    await world.drain()
    assert await home(anna) == await home(anna, limit=1) == [one]
    assert (await anna.feed.home(cursor="", limit=20)).items[0].shared_by_id == 0
    # Without the original, the share is what brings it.
    await anna.graph.unfollow(user_id=clara.id)
    assert (await anna.feed.home(cursor="", limit=20)).items[0].shared_by_id == boris.id


async def test_an_item_from_long_ago_is_shown_again(world: World) -> None:
    anna, boris, clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    for person in (boris, clara):
        await anna.graph.follow(user_id=person.id)
    await world.drain()
    one = await post(clara)
    later = [await post(boris) for _ in range(40)]
    world.clock.advance(1)
    await boris.posts.repost(id=one)
    await world.drain()
    assert await home(anna) == await home(anna, limit=7) == [one, *reversed(later), one]


async def test_a_deleted_account_is_gone_from_everywhere(world: World) -> None:
    anna, boris, clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    for person in (boris, clara):
        await anna.graph.follow(user_id=person.id)
    await world.drain()
    await post(boris, "gone #soon")
    kept = await post(clara)
    await boris.posts.repost(id=kept)
    await world.drain()
    await boris.identity.delete_account(password="a quiet kettle hums")
    await world.drain()
    assert await home(anna) == [kept]
    assert ids(await walk(anna.feed.public)) == [kept]
    assert ids(await walk(anna.feed.tag, tag="soon")) == []
    assert ids(await walk(anna.feed.person, user_id=boris.id, with_replies=True)) == []


async def test_one_page_is_a_few_statements(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.graph.follow(user_id=boris.id)
    await world.drain()
    for _ in range(35):
        await post(boris)
    await world.drain()
    # Two of feed's own, and graph's relations.
    with world.queries(max=3):
        page = await anna.feed.home(cursor="", limit=20)
    assert len(page.items) == 20


async def test_events_in_any_order_come_to_the_same(world: World) -> None:
    anna, boris, clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    await anna.graph.follow(user_id=boris.id)
    kept, gone = await post(clara), await post(boris)
    world.clock.advance(1)
    for item in (kept, gone):
        await boris.posts.repost(id=item)
    await boris.posts.unrepost(id=gone)
    await boris.posts.delete(id=gone)
    await clara.graph.follow(user_id=boris.id)
    await clara.graph.unfollow(user_id=boris.id)
    # Backwards: removals before creations, shares before items, the end of a follow before its begin.
    for service in ("graph", "posts"):
        db = world.house.workers[service].db
        envelopes = await db.outbox.due(db)
        await world.house.backends.bus.publish(envelopes[::-1])
        await db.outbox.done(db, envelopes)
    await world.drain()
    assert await home(anna) == [kept]
    assert await home(boris) == [kept]
    assert await home(clara) == [kept]
    await post(boris)
    await world.drain()
    assert await home(clara) == [kept]
