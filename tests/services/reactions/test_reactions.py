"""Reacting to items, and who did."""

import pytest

from samovar.contracts.common import ItemRef, Scope
from samovar.contracts.personal import PERSONAL
from samovar.contracts.posts import Post
from samovar.contracts.reactions import ReactionAdded, ReactionRemoved, Summary, UnknownReaction
from samovar.kernel.errors import Invalid, NotFound, RateLimited, Unauthenticated
from tests.services.posts.helpers import Ear, write
from tests.world import PASSWORD, Person, World


def ref(post: Post) -> ItemRef:
    return ItemRef(kind="post", id=post.id)


async def summary(person: Person, post: Post) -> Summary:
    return (await person.reactions.summaries(kind="post", ids=(post.id,))).items[0]


async def test_one_reaction_per_person(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    ear = Ear(world, ReactionAdded, ReactionRemoved)
    post = await write(anna)
    for _ in range(2):
        after = await boris.reactions.react(item=ref(post), type="like")
        assert (after.counts, after.own) == ({"like": 1}, "like")
    await anna.reactions.react(item=ref(post), type="like")
    after = await boris.reactions.react(item=ref(post), type="wow")
    assert (after.counts, after.own) == ({"like": 1, "wow": 1}, "wow")
    # Taking back what one has not given changes nothing.
    await boris.reactions.unreact(item=ref(post), type="like")
    assert (await summary(world.stranger, post)).counts == {"like": 1, "wow": 1}
    for _ in range(2):
        after = await boris.reactions.unreact(item=ref(post), type="wow")
        assert (after.counts, after.own) == ({"like": 1}, "")
    await world.drain()
    added = [(event.user_id, event.type, event.author_id) for event in ear.of(ReactionAdded)]
    assert added == [(boris.id, "like", anna.id), (anna.id, "like", anna.id), (boris.id, "wow", anna.id)]
    assert [event.type for event in ear.of(ReactionRemoved)] == ["like", "wow"]
    assert {event.item_id for event in ear.heard} == {post.id}


async def test_only_what_one_sees_and_what_there_is(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post, closed = await write(anna), await write(anna, scope=Scope.MENTIONED)
    with pytest.raises(UnknownReaction):
        await boris.reactions.react(item=ref(post), type="rage")
    with pytest.raises(Unauthenticated):
        await world.stranger.reactions.react(item=ref(post), type="like")
    for item in (
        ref(closed),
        ItemRef(kind="post", id=7),
        ItemRef(kind="post", id=2**63 - 1),
        ItemRef(kind="poem", id=post.id),
        ItemRef(),
    ):
        for call in (boris.reactions.react, boris.reactions.unreact):
            with pytest.raises(NotFound):
                await call(item=item, type="like")
        with pytest.raises(NotFound):
            await boris.reactions.who(item=item, type="", cursor="", limit=5)


async def test_who_reacted(world: World) -> None:
    people = [await world.person(f"p{number}") for number in range(5)]
    post = await write(people[0])
    for number, person in enumerate(people):
        world.clock.advance(1)
        await person.reactions.react(item=ref(post), type="like" if number % 2 else "sad")
    page = await world.stranger.reactions.who(item=ref(post), type="", cursor="", limit=3)
    assert [reactor.user_id for reactor in page.items] == [people[4].id, people[3].id, people[2].id]
    assert page.items[0].type == "sad" and page.items[0].created_at == world.clock.now()
    page = await world.stranger.reactions.who(item=ref(post), type="", cursor=page.next, limit=3)
    assert [reactor.user_id for reactor in page.items] == [people[1].id, people[0].id] and page.next == ""
    page = await world.stranger.reactions.who(item=ref(post), type="like", cursor="", limit=9)
    assert [reactor.user_id for reactor in page.items] == [people[3].id, people[1].id]
    await people[1].graph.block(user_id=people[3].id)
    page = await people[1].reactions.who(item=ref(post), type="like", cursor="", limit=9)
    assert [reactor.user_id for reactor in page.items] == [people[1].id]
    with pytest.raises(UnknownReaction):
        await people[1].reactions.who(item=ref(post), type="x", cursor="", limit=9)
    with pytest.raises(Invalid) as refused:
        await people[1].reactions.who(item=ref(post), type="", cursor="x", limit=9)
    assert set(refused.value.fields) == {"cursor"}


async def test_a_page_costs_two_statements(world: World) -> None:
    anna = await world.person("anna")
    posts = [await write(anna) for _ in range(20)]
    for post in posts[::2]:
        await anna.reactions.react(item=ref(post), type="thanks")
    ids = tuple(post.id for post in posts)
    with world.queries(max=2):
        found = (await anna.reactions.summaries(kind="post", ids=ids)).items
    assert [item.id for item in found] == list(ids)
    assert [item.own for item in found] == ["thanks", ""] * 10
    assert (found[0].counts, found[1].counts) == ({"thanks": 1}, {})
    with world.queries(max=1):
        await world.stranger.reactions.summaries(kind="post", ids=ids)
    odd = (await anna.reactions.summaries(kind="post", ids=(2**63 - 1, -1))).items
    assert [item.counts for item in odd] == [{}, {}]
    with pytest.raises(Invalid):
        await anna.reactions.summaries(kind="post", ids=tuple(range(101)))


async def test_types_are_shown_in_order(world: World) -> None:
    types = (await world.stranger.reactions.types()).items
    assert [(kind.type, kind.emoji) for kind in types] == [
        ("like", "❤"), ("laugh", "😄"), ("wow", "😮"), ("sad", "😢"), ("thanks", "🙏"),
    ]  # fmt: skip


async def test_what_is_removed_takes_its_reactions_along(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await write(anna)
    await boris.reactions.react(item=ref(post), type="like")
    await anna.posts.delete(id=post.id)
    await world.drain()
    after = await summary(boris, post)
    assert (after.counts, after.own) == ({}, "")


@pytest.mark.settings(SAMOVAR_REACTIONS__BATCH="2")
async def test_a_person_who_leaves_is_no_longer_counted(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    ear = Ear(world, ReactionRemoved)
    posts = [await write(anna) for _ in range(5)]
    for post in posts:
        await boris.reactions.react(item=ref(post), type="like")
        await anna.reactions.react(item=ref(post), type="like")
    with pytest.raises(NotFound):
        await anna.of(PERSONAL, "reactions").erase(user_id=boris.id)
    await boris.identity.delete_account(password=PASSWORD)
    await world.drain()
    await world.system.of(PERSONAL, "reactions").erase(user_id=boris.id)
    for post in posts:
        assert (await summary(anna, post)).counts == {"like": 1}
        page = await anna.reactions.who(item=ref(post), type="", cursor="", limit=5)
        assert [reactor.user_id for reactor in page.items] == [anna.id]
    assert len(ear.heard) == 5


@pytest.mark.settings(SAMOVAR_REACTIONS__REACT_BURST="2", SAMOVAR_REACTIONS__REACT_PER_MINUTE="60")
async def test_a_burst_is_bounded(world: World) -> None:
    anna = await world.person("anna")
    post = await write(anna)
    for type in ("like", "wow"):
        await anna.reactions.react(item=ref(post), type=type)
    with pytest.raises(RateLimited):
        await anna.reactions.react(item=ref(post), type="sad")
    world.clock.advance(1)
    await anna.reactions.react(item=ref(post), type="sad")
