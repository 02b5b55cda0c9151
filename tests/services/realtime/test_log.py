"""The numbered log: what a person is told, in order, once, or that there is a gap."""

import json
from typing import Any

import pytest

from samovar.contracts.common import ItemRef, Scope
from samovar.contracts.personal import PERSONAL
from samovar.kernel.clock import DAY, SECOND
from samovar.kernel.errors import NotFound, Unauthenticated
from tests.services.posts.helpers import write
from tests.world import Person, World


async def told(person: Person, after: int = 0) -> list[tuple[int, str, Any]]:
    """A person's events after a number, but for those of the inbox."""
    found = await person.realtime.since(after=after, limit=200)
    assert not found.gap
    events = [(entry.number, entry.type, json.loads(entry.data)) for entry in found.items]
    return [event for event in events if event[1] != "inbox"]


async def listening(world: World, *names: str) -> list[Person]:
    people = [await world.person(name) for name in names]
    for person in people:
        assert (await person.realtime.listen()).number == 0
    return people


async def test_a_post_is_told_to_those_who_follow_and_listen(world: World) -> None:
    anna, boris, clara = await listening(world, "anna", "boris", "clara")
    daria = await world.person("daria")
    for person in (boris, daria):
        await person.graph.follow(user_id=anna.id)
    await world.drain()
    first = await write(anna, "tea")
    await world.drain()
    second = await write(anna, "cake")
    await world.drain()
    data = [{"kind": "post", "id": str(post.id), "by": str(anna.id)} for post in (first, second)]
    assert await told(boris) == [(1, "home", data[0]), (2, "home", data[1])]
    assert await told(boris, 1) == [(2, "home", data[1])]
    assert await told(clara) == []
    # Who was never here has no log, and begins with what comes after.
    assert (await daria.realtime.listen()).number == 0
    await write(anna, "jam")
    await world.drain()
    assert [number for number, *_ in await told(daria)] == [1]


async def test_a_reply_is_told_to_whom_it_answers_and_who_follows_both(world: World) -> None:
    anna, boris, clara, daria = await listening(world, "anna", "boris", "clara", "daria")
    post = await write(anna, "tea?")
    await world.drain()
    for person in (clara, daria):
        await person.graph.follow(user_id=boris.id)
    await clara.graph.follow(user_id=anna.id)
    await world.drain()
    reply = await write(boris, "gladly", in_reply_to_id=post.id)
    await world.drain()
    data = {"kind": "post", "id": str(reply.id), "to": str(post.id)}
    assert [event[1:] for event in await told(anna)] == [("answer", data)]
    assert [kind for _, kind, _ in await told(clara)] == ["home"]
    assert await told(daria) == []


async def test_closed_posts_are_told_to_those_named_alone(world: World) -> None:
    anna, boris, clara = await listening(world, "anna", "boris", "clara")
    for person in (boris, clara):
        await person.graph.follow(user_id=anna.id)
    await world.drain()
    await write(anna, "@boris a secret", scope=Scope.MENTIONED)
    await world.drain()
    assert [kind for _, kind, _ in await told(boris)] == ["home"]
    assert await told(clara) == []


async def test_the_inbox_is_told_of_everywhere_its_owner_listens(world: World) -> None:
    anna, boris = await listening(world, "anna", "boris")
    post = await write(anna, "tea?")
    await world.drain()
    await boris.reactions.react(item=ItemRef(kind="post", id=post.id), type="like")
    await world.drain()
    found = (await anna.realtime.since(after=0, limit=10)).items
    assert [(entry.type, json.loads(entry.data)["unread"]) for entry in found] == [("inbox", 1)]
    await anna.notifications.mark_read(up_to=0, all=True)
    await world.drain()
    found = (await anna.realtime.since(after=found[-1].number, limit=10)).items
    assert [(entry.type, json.loads(entry.data)["unread"]) for entry in found] == [("inbox", 0)]


async def test_nothing_comes_from_whom_one_follows_no_more(world: World) -> None:
    anna, boris = await listening(world, "anna", "boris")
    await boris.graph.follow(user_id=anna.id)
    await world.drain()
    await boris.graph.unfollow(user_id=anna.id)
    await world.drain()
    await write(anna, "tea")
    await world.drain()
    assert await told(boris) == []


async def test_follows_from_before_are_learnt_when_somebody_listens_first(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await boris.graph.follow(user_id=anna.id)  # not heard of yet
    await boris.realtime.listen()
    await world.drain()
    await write(anna, "tea")
    await world.drain()
    assert [kind for _, kind, _ in await told(boris)] == ["home"]


@pytest.mark.settings(SAMOVAR_REALTIME__KEPT="5")
async def test_whoever_missed_more_than_is_kept_is_told_of_a_gap(world: World) -> None:
    (anna,) = await listening(world, "anna")
    for number in range(12):
        await world.system.realtime.append(user_ids=[anna.id], type="test", data=f"{number}")
    assert [number for number, *_ in await told(anna, 0)] == list(range(1, 13))
    world.clock.advance(700)
    await world.drain()
    assert [number for number, *_ in await told(anna, 7)] == [8, 9, 10, 11, 12]
    missed = await anna.realtime.since(after=6, limit=200)
    assert (missed.gap, missed.items, missed.number) == (True, (), 12)
    # A number that was never given: of another database, of a copy brought back.
    assert (await anna.realtime.since(after=13, limit=200)).gap


async def test_whoever_was_away_for_days_is_told_of_a_gap(world: World) -> None:
    (anna,) = await listening(world, "anna")
    await world.system.realtime.append(user_ids=[anna.id], type="test", data="1")
    world.clock.advance(3 * DAY / SECOND + 1)
    await world.drain()
    await world.system.realtime.append(user_ids=[anna.id], type="test", data="2")
    for after in (0, 1):
        assert (await anna.realtime.since(after=after, limit=10)).gap
    number = (await anna.realtime.listen()).number
    assert (await anna.realtime.since(after=1, limit=10)).gap
    assert await told(anna, number) == []
    await world.system.realtime.append(user_ids=[anna.id], type="test", data="3")
    assert await told(anna, number) == [(number + 1, "test", 3)]


async def test_edges_keep_those_listening_whom_they_have(world: World) -> None:
    anna, boris = await listening(world, "anna", "boris")
    for _ in range(8):
        world.clock.advance(DAY / SECOND)
        found = await world.system.realtime.listening(user_ids=[anna.id, 12345])
        assert [(item.user_id, item.number) for item in found.items] == [(anna.id, 0)]
    await world.system.realtime.append(user_ids=[anna.id, boris.id], type="test", data="1")
    assert len(await told(anna)) == 1
    assert (await boris.realtime.since(after=0, limit=10)).items == ()


@pytest.mark.settings(SAMOVAR_REALTIME__WIDE_ABOVE="1")
async def test_of_an_author_with_very_many_followers_edges_find_out_whom_to_tell(world: World) -> None:
    anna, boris, clara = await listening(world, "anna", "boris", "clara")
    for person in (boris, clara):
        await person.graph.follow(user_id=anna.id)
    await world.drain()
    await write(anna, "tea")
    await world.drain()
    assert await told(boris) == []
    asked = [anna.id, boris.id, clara.id]
    found = await world.system.realtime.followers_among(followee_id=anna.id, user_ids=asked)
    assert set(found.user_ids) == {boris.id, clara.id}


async def test_only_services_tell_and_only_members_listen(world: World) -> None:
    (anna,) = await listening(world, "anna")
    for person in (anna, world.stranger):
        with pytest.raises(NotFound):
            await person.realtime.append(user_ids=[anna.id], type="test", data="1")
        with pytest.raises(NotFound):
            await person.realtime.listening(user_ids=[anna.id])
        with pytest.raises(NotFound):
            await person.realtime.followers_among(followee_id=1, user_ids=[anna.id])
    with pytest.raises(Unauthenticated):
        await world.stranger.realtime.listen()
    with pytest.raises(Unauthenticated):
        await world.stranger.realtime.since(after=0, limit=1)


async def test_presence_is_for_those_who_may_see_the_item(world: World) -> None:
    anna, boris, clara = await listening(world, "anna", "boris", "clara")
    item = ItemRef(kind="post", id=(await write(anna, "@boris hush", scope=Scope.MENTIONED)).id)
    await boris.realtime.touch(item=item)
    await anna.realtime.touch(item=item)
    here = await anna.realtime.who(item=item)
    assert (set(here.user_ids), here.count) == ({anna.id, boris.id}, 2)
    with pytest.raises(NotFound):
        await clara.realtime.touch(item=item)
    with pytest.raises(NotFound):
        await clara.realtime.who(item=item)
    await boris.realtime.leave(item=item)
    assert (await anna.realtime.who(item=item)).user_ids == (anna.id,)
    world.clock.advance(61)
    assert (await anna.realtime.who(item=item)).count == 0


async def test_nothing_is_left_of_who_leaves(world: World) -> None:
    anna, boris = await listening(world, "anna", "boris")
    await boris.graph.follow(user_id=anna.id)
    await world.drain()
    await write(anna, "tea")
    await world.drain()
    await world.system.of(PERSONAL, "realtime").erase(user_id=boris.id)
    stored = await world.stored()
    kept = [row for table, rows in stored.items() if table.startswith("realtime_") for row in rows]
    own = {"realtime_listener", "realtime_event", "realtime_follow"}
    assert own <= stored.keys()
    assert not [row for row in kept if boris.id in (row.get("user_id"), row.get("follower_id"))]
