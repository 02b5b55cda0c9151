"""The seams of home: the end of the window, very followed authors, long followed and just followed.

Nothing may be missing or come twice, wherever a line is kept.
"""

import random

import pytest

from samovar.contracts.feed import Entry
from tests.services.feed.helpers import home, post, walk
from tests.world import Person, World


async def trim(world: World) -> None:
    world.clock.advance(601)
    await world.drain()


@pytest.mark.settings(SAMOVAR_FEED__WINDOW="10")
async def test_home_goes_on_past_the_window(world: World) -> None:
    anna, boris, clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    await anna.graph.follow(user_id=boris.id)
    await anna.graph.follow(user_id=clara.id)
    await world.drain()
    posts = [await post((boris, clara, anna)[index % 3]) for index in range(35)]
    await world.drain()
    expected = posts[::-1]
    assert await home(anna) == expected
    await trim(world)
    for limit in (1, 3, 10, 11, 100):
        assert await home(anna, limit) == expected
    more = [await post(boris) for _ in range(15)]
    await world.drain()
    await trim(world)
    assert await home(anna, 4) == [*reversed(more), *expected]
    await anna.graph.unfollow(user_id=clara.id)
    of_clara = set(posts[1::3])
    left = [item for item in [*reversed(more), *expected] if item not in of_clara]
    assert await home(anna, 4) == left
    await world.drain()
    assert await home(anna, 4) == left


@pytest.mark.settings(SAMOVAR_FEED__WINDOW="5", SAMOVAR_FEED__FOLLOWED_RECENT="3")
async def test_all_of_a_newly_followed_person_can_be_read(world: World) -> None:
    anna, boris, clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    await anna.graph.follow(user_id=boris.id)
    await world.drain()
    posts = [await post((boris, clara)[index % 2]) for index in range(30)]
    await world.drain()
    await anna.graph.follow(user_id=clara.id)
    await world.drain()
    assert await home(anna, 4) == posts[::-1]
    await trim(world)
    assert await home(anna, 4) == posts[::-1]


@pytest.mark.settings(SAMOVAR_FEED__MERGE_ABOVE="2", SAMOVAR_FEED__WINDOW="10")
async def test_an_author_who_becomes_very_followed_loses_nothing(world: World) -> None:
    anna, boris, clara, star = [await world.person(name) for name in ("anna", "boris", "clara", "star")]
    await anna.graph.follow(user_id=star.id)
    await world.drain()
    posts = [await post(star) for _ in range(4)]
    await world.drain()
    assert await home(anna) == posts[::-1]
    await boris.graph.follow(user_id=star.id)
    await world.drain()
    posts += [await post(star) for _ in range(4)]
    await world.drain()
    for person in (anna, boris, star):
        assert await home(person, 3) == posts[::-1]
    # Somebody who comes later, and the star when they are no longer followed that much.
    await clara.graph.follow(user_id=star.id)
    for person in (anna, boris):
        await person.graph.unfollow(user_id=star.id)
    await world.drain()
    posts += [await post(star) for _ in range(4)]
    await world.drain()
    assert await home(clara, 3) == posts[::-1]
    assert await home(anna) == []
    await anna.graph.follow(user_id=star.id)
    await world.drain()
    await trim(world)
    assert await home(anna, 3) == await home(star, 5) == posts[::-1]


@pytest.mark.settings(SAMOVAR_FEED__MERGE_ABOVE="1")
async def test_shares_of_and_by_very_followed_people(world: World) -> None:
    anna, boris, star = [await world.person(name) for name in ("anna", "boris", "star")]
    for person in (boris, star):
        await anna.graph.follow(user_id=person.id)
    await world.drain()
    one = await post(star)
    other = await post(boris)
    await world.drain()
    await boris.posts.repost(id=one)
    await star.posts.repost(id=other)
    await world.drain()
    assert await home(anna, 1) == [other, one]
    await star.posts.unrepost(id=other)
    await boris.posts.delete(id=other)
    await world.drain()
    assert await home(anna, 1) == [one]


@pytest.mark.settings(SAMOVAR_FEED__BATCH="2", SAMOVAR_FEED__MERGE_ABOVE="5")
async def test_what_is_too_much_for_one_write_is_done_in_several(world: World) -> None:
    anna, *fans = [await world.person(f"person{index}") for index in range(7)]
    for fan in fans[:4]:
        await fan.graph.follow(user_id=anna.id)
    await world.drain()
    posts = [await post(anna) for _ in range(3)]
    await world.drain()
    assert [await home(person) for person in (anna, *fans[:4])] == [posts[::-1]] * 5
    await anna.posts.repost(id=posts[0])
    await anna.posts.delete(id=posts.pop())
    await world.drain()
    await anna.posts.unrepost(id=posts[0])
    for fan in fans[4:]:
        await fan.graph.follow(user_id=anna.id)
    await world.drain()
    posts.append(await post(anna))
    await world.drain()
    assert [await home(person) for person in (anna, *fans)] == [posts[::-1]] * 7
    await anna.identity.delete_account(password="a quiet kettle hums")
    await world.drain()
    assert [await home(person) for person in fans] == [[]] * 6


class Model:
    """Home, as it would be if all of it were made at read."""

    def __init__(self) -> None:
        self.posts: dict[int, tuple[int, int]] = {}
        self.shares: set[tuple[int, int]] = set()
        self.follows: set[tuple[int, int]] = set()

    def home(self, viewer: int) -> list[int]:
        """Items by their authors, newest first."""
        mine = {followee for follower, followee in self.follows if follower == viewer} | {viewer}
        return sorted(
            (
                item
                for item, (author, addressee) in self.posts.items()
                if author in mine
                and (addressee in (0, author, viewer) or addressee in mine or author == viewer)
            ),
            reverse=True,
        )

    def shared(self, viewer: int) -> set[int]:
        """Items that come home by a share."""
        mine = {followee for follower, followee in self.follows if follower == viewer} | {viewer}
        return {item for by, item in self.shares if by in mine and item in self.posts}


def check(model: Model, viewer: Person, entries: list[Entry]) -> None:
    positions = [int(entry.cursor) for entry in entries]
    assert positions == sorted(set(positions), reverse=True)
    plain = [entry.id for entry in entries if not entry.shared_by_id]
    assert plain == model.home(viewer.id)
    assert {entry.id for entry in entries} == set(plain) | model.shared(viewer.id)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.settings(
    SAMOVAR_FEED__MERGE_ABOVE="3", SAMOVAR_FEED__WINDOW="6", SAMOVAR_FEED__FOLLOWED_RECENT="3"
)
async def test_home_equals_what_reading_everything_would_give(world: World, seed: int) -> None:
    """Random lives, in which authors cross the threshold and homes their windows again and again."""
    dice = random.Random(seed)
    people = [await world.person(f"person{index}") for index in range(5)]
    model = Model()
    for step in range(160):
        actor, other = dice.sample(people, 2)
        act = dice.choices(
            ["post", "reply", "follow", "unfollow", "share", "unshare", "delete"], [8, 3, 4, 2, 3, 1, 1]
        )[0]
        pick = dice.choice(sorted(model.posts)) if model.posts else 0
        if act == "post":
            model.posts[await post(actor)] = (actor.id, 0)
        elif act == "reply" and pick:
            model.posts[await post(actor, in_reply_to_id=pick)] = (actor.id, model.posts[pick][0])
        elif act == "follow":
            await actor.graph.follow(user_id=other.id)
            model.follows.add((actor.id, other.id))
        elif act == "unfollow":
            await actor.graph.unfollow(user_id=other.id)
            model.follows.discard((actor.id, other.id))
        elif act == "share" and pick:
            world.clock.advance(1)
            await actor.posts.repost(id=pick)
            model.shares.add((actor.id, pick))
        elif act == "unshare" and model.shares:
            by, item = dice.choice(sorted(model.shares))
            if item in model.posts:
                await world.as_(by).posts.unrepost(id=item)
                model.shares.discard((by, item))
        elif act == "delete" and pick and dice.random() < 0.5:
            await world.as_(model.posts[pick][0]).posts.delete(id=pick)
            del model.posts[pick]
        if dice.random() < 0.4:
            await world.drain()
        if dice.random() < 0.05:
            await trim(world)
        if step % 20 == 19:
            await world.drain()
            for person in people:
                check(model, person, await walk(person.feed.home, dice.choice([1, 2, 5, 20])))
