"""Following, requests, limits: what people and other services notice."""

import pytest

from samovar.contracts.graph import CannotFollow
from samovar.kernel.errors import Invalid, NotFound, RateLimited, Unauthenticated
from tests.world import Person, World


async def relation(viewer: Person, other: Person) -> set[str]:
    """The true words of how one stands to another."""
    item = (await viewer.graph.relations(user_ids=(other.id,))).items[0]
    assert item.user_id == other.id
    return {name for name in item.__struct_fields__ if getattr(item, name) is True}


async def counts(world: World, *people: Person) -> list[tuple[int, int]]:
    found = await world.stranger.graph.counts(user_ids=tuple(person.id for person in people))
    assert [item.user_id for item in found.items] == [person.id for person in people]
    return [(item.followers, item.following) for item in found.items]


async def followers(viewer: Person, other: Person) -> list[int]:
    return list((await viewer.graph.followers(user_id=other.id, cursor="", limit=0)).user_ids)


async def following(viewer: Person, other: Person) -> list[int]:
    return list((await viewer.graph.following(user_id=other.id, cursor="", limit=0)).user_ids)


async def test_a_follow_shows_on_both_sides(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    answer = await anna.graph.follow(user_id=boris.id)
    assert answer.following and not answer.requested
    assert await relation(anna, boris) == {"following"}
    assert await relation(boris, anna) == {"followed_by"}
    assert await counts(world, anna, boris) == [(0, 1), (1, 0)]
    assert await followers(world.stranger, boris) == [anna.id]
    assert await following(world.stranger, anna) == [boris.id]


async def test_following_again_changes_nothing(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    for _ in range(3):
        assert (await anna.graph.follow(user_id=boris.id)).following
    assert await counts(world, anna, boris) == [(0, 1), (1, 0)]


async def test_unfollowing_is_harmless_when_repeated(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.graph.follow(user_id=boris.id)
    await boris.graph.follow(user_id=anna.id)
    for _ in range(2):
        answer = await anna.graph.unfollow(user_id=boris.id)
        assert not answer.following and answer.followed_by
    assert await counts(world, anna, boris) == [(1, 0), (0, 1)]


async def test_who_can_not_be_followed(world: World) -> None:
    anna = await world.person("anna")
    with pytest.raises(Invalid) as refused:
        await anna.graph.follow(user_id=anna.id)
    assert "user_id" in refused.value.fields
    with pytest.raises(NotFound):
        await anna.graph.follow(user_id=12345)
    with pytest.raises(Unauthenticated):
        await world.stranger.graph.follow(user_id=anna.id)


async def test_somebody_just_registered_can_be_followed(world: World) -> None:
    anna = await world.person("anna", drain=False)
    boris = await world.person("boris", drain=False)
    assert (await anna.graph.follow(user_id=boris.id)).following
    await world.drain()
    assert await counts(world, anna, boris) == [(0, 1), (1, 0)]


async def test_a_private_person_is_asked(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await boris.graph.set_privacy(private=True)
    answer = await anna.graph.follow(user_id=boris.id)
    assert answer.requested and not answer.following and answer.private
    assert await relation(boris, anna) == {"requested_by"}
    assert (await boris.graph.requests(cursor="", limit=0)).user_ids == (anna.id,)
    assert await counts(world, anna, boris) == [(0, 0), (0, 0)]

    assert (await boris.graph.accept(user_id=anna.id)).followed_by
    assert (await boris.graph.accept(user_id=anna.id)).followed_by
    assert await relation(anna, boris) == {"following", "private"}
    assert (await boris.graph.requests(cursor="", limit=0)).user_ids == ()
    assert await counts(world, anna, boris) == [(0, 1), (1, 0)]


async def test_a_request_is_taken_back_or_turned_down(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await boris.graph.set_privacy(private=True)
    await anna.graph.follow(user_id=boris.id)
    assert not (await anna.graph.unfollow(user_id=boris.id)).requested
    with pytest.raises(NotFound):
        await boris.graph.accept(user_id=anna.id)
    await anna.graph.follow(user_id=boris.id)
    assert not (await boris.graph.reject(user_id=anna.id)).requested_by
    assert await relation(anna, boris) == {"private"}


async def test_opening_an_account_accepts_all_who_ask(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await boris.graph.set_privacy(private=True, hide_followers=True)
    await anna.graph.follow(user_id=boris.id)
    privacy = await boris.graph.set_privacy(private=False)
    assert not privacy.private and privacy.hide_followers
    assert await relation(anna, boris) == {"following"}


@pytest.mark.settings(SAMOVAR_GRAPH__BATCH="2")
async def test_many_who_ask_are_accepted_in_batches(world: World) -> None:
    boris = await world.person("boris")
    await boris.graph.set_privacy(private=True)
    fans = [await world.person(f"fan{number}") for number in range(5)]
    for fan in fans:
        await fan.graph.follow(user_id=boris.id)
    await boris.graph.set_privacy(private=False)
    await world.drain()
    assert sorted(await followers(boris, boris)) == [fan.id for fan in fans]
    assert await counts(world, boris) == [(5, 0)]


async def test_a_follower_is_taken_away(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.graph.follow(user_id=boris.id)
    assert not (await boris.graph.remove_follower(user_id=anna.id)).followed_by
    assert not (await boris.graph.remove_follower(user_id=anna.id)).followed_by
    assert await counts(world, anna, boris) == [(0, 0), (0, 0)]


@pytest.mark.settings(SAMOVAR_GRAPH__FOLLOW_BURST="2", SAMOVAR_GRAPH__FOLLOWS_PER_MINUTE="1")
async def test_a_burst_of_follows_is_slowed_down(world: World) -> None:
    anna = await world.person("anna")
    others = [await world.person(name) for name in ("boris", "vera", "gleb")]
    await anna.graph.follow(user_id=others[0].id)
    await anna.graph.follow(user_id=others[0].id)
    await anna.graph.follow(user_id=others[1].id)
    with pytest.raises(RateLimited) as refused:
        await anna.graph.follow(user_id=others[2].id)
    assert refused.value.retry_after
    world.clock.advance(61)
    assert (await anna.graph.follow(user_id=others[2].id)).following


@pytest.mark.settings(SAMOVAR_GRAPH__MAX_FOLLOWING="2")
async def test_following_and_asking_share_a_limit(world: World) -> None:
    anna = await world.person("anna")
    others = [await world.person(name) for name in ("boris", "vera", "gleb")]
    await others[1].graph.set_privacy(private=True)
    await anna.graph.follow(user_id=others[0].id)
    await anna.graph.follow(user_id=others[1].id)
    with pytest.raises(CannotFollow):
        await anna.graph.follow(user_id=others[2].id)
    await anna.graph.unfollow(user_id=others[1].id)
    assert (await anna.graph.follow(user_id=others[2].id)).following
