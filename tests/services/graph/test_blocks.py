"""Blocks, mutes and privacy: who is hidden from whom."""

import pytest

from samovar.contracts.graph import CannotFollow
from samovar.kernel.errors import Invalid, NotFound
from tests.services.graph.test_follows import counts, followers, following, relation
from tests.world import World


async def test_a_block_ends_all_between_two(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.graph.follow(user_id=boris.id)
    await boris.graph.follow(user_id=anna.id)
    for _ in range(2):
        assert (await anna.graph.block(user_id=boris.id)).blocking
    assert await relation(anna, boris) == {"blocking"}
    assert await relation(boris, anna) == {"blocked_by"}
    assert await counts(world, anna, boris) == [(0, 0), (0, 0)]
    for one, other in ((anna, boris), (boris, anna)):
        with pytest.raises(CannotFollow):
            await one.graph.follow(user_id=other.id)
        with pytest.raises(NotFound):
            await followers(one, other)
    assert (await anna.graph.blocked(cursor="", limit=0)).user_ids == (boris.id,)
    assert (await boris.graph.blocked(cursor="", limit=0)).user_ids == ()

    assert not (await anna.graph.unblock(user_id=boris.id)).blocking
    assert await relation(boris, anna) == set()
    assert (await boris.graph.follow(user_id=anna.id)).following


async def test_a_block_ends_requests(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await boris.graph.set_privacy(private=True)
    await anna.graph.follow(user_id=boris.id)
    await boris.graph.block(user_id=anna.id)
    assert (await boris.graph.requests(cursor="", limit=0)).user_ids == ()
    await boris.graph.unblock(user_id=anna.id)
    with pytest.raises(NotFound):
        await boris.graph.accept(user_id=anna.id)


async def test_lists_hide_the_two_of_a_block_from_each_other(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    await anna.graph.follow(user_id=vera.id)
    await boris.graph.follow(user_id=vera.id)
    await anna.graph.block(user_id=boris.id)
    assert await followers(anna, vera) == [anna.id]
    assert await followers(boris, vera) == [boris.id]
    assert await followers(world.stranger, vera) == [boris.id, anna.id]


async def test_a_mute_is_not_noticed(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.graph.follow(user_id=boris.id)
    for _ in range(2):
        assert (await anna.graph.mute(user_id=boris.id)).muting
    assert await relation(anna, boris) == {"following", "muting"}
    assert await relation(boris, anna) == {"followed_by"}
    assert (await anna.graph.muted(cursor="", limit=0)).user_ids == (boris.id,)
    assert not (await anna.graph.unmute(user_id=boris.id)).muting
    assert (await anna.graph.muted(cursor="", limit=0)).user_ids == ()


async def test_nobody_blocks_or_mutes_themself_or_nobody(world: World) -> None:
    anna = await world.person("anna")
    for act in (anna.graph.block, anna.graph.mute):
        with pytest.raises(Invalid):
            await act(user_id=anna.id)
        with pytest.raises(NotFound):
            await act(user_id=4242)


async def test_a_private_persons_lists_are_for_followers(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    await anna.graph.follow(user_id=boris.id)
    await boris.graph.set_privacy(private=True)
    assert await followers(anna, boris) == [anna.id]
    assert await followers(boris, boris) == [anna.id]
    for viewer in (vera, world.stranger):
        with pytest.raises(NotFound):
            await followers(viewer, boris)
        with pytest.raises(NotFound):
            await following(viewer, boris)
    assert await relation(world.stranger, boris) == {"private"}


async def test_hidden_lists_are_for_oneself(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.graph.follow(user_id=boris.id)
    await boris.graph.set_privacy(hide_followers=True)
    assert await followers(boris, boris) == [anna.id]
    with pytest.raises(NotFound):
        await followers(anna, boris)
    assert (await boris.graph.get_privacy()).hide_followers
    assert not (await boris.graph.get_privacy()).private
    assert await counts(world, boris) == [(1, 0)]
