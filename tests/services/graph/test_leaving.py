"""An account that goes: hidden at once, gone everywhere, others' counters right."""

import pytest

from samovar.contracts.personal import PERSONAL
from samovar.kernel.errors import NotFound
from tests.services.graph.test_follows import counts, followers, relation
from tests.world import PASSWORD, World


async def test_a_deleted_person_is_in_no_list(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    await anna.graph.follow(user_id=boris.id)
    await boris.graph.follow(user_id=anna.id)
    await boris.graph.follow(user_id=vera.id)
    await vera.graph.block(user_id=anna.id)
    await boris.identity.delete_account(password=PASSWORD)
    await world.drain()
    assert await counts(world, anna, boris, vera) == [(0, 0), (0, 0), (0, 0)]
    assert await followers(vera, vera) == []
    # Closed to everybody, whatever was between the two.
    assert await relation(anna, boris) == {"private"}
    assert boris.id not in (await vera.graph.suggestions(limit=0)).user_ids
    assert await relation(vera, anna) == {"blocking"}
    with pytest.raises(NotFound):
        await followers(anna, boris)
    with pytest.raises(NotFound):
        await anna.graph.follow(user_id=boris.id)


@pytest.mark.settings(SAMOVAR_GRAPH__BATCH="2")
async def test_many_ties_are_undone_in_batches(world: World) -> None:
    boris = await world.person("boris")
    fans = [await world.person(f"fan{number}") for number in range(5)]
    for fan in fans:
        await fan.graph.follow(user_id=boris.id)
        await boris.graph.follow(user_id=fan.id)
    erase = world.system.of(PERSONAL, "graph").erase
    for _ in range(2):
        await erase(user_id=boris.id)
    assert await counts(world, boris, *fans) == [(0, 0)] * 6
    for fan in fans:
        page = await fan.graph.following(user_id=fan.id, cursor="", limit=0)
        assert page.user_ids == ()


async def test_only_the_system_erases(world: World) -> None:
    anna = await world.person("anna")
    with pytest.raises(NotFound):
        await anna.of(PERSONAL, "graph").erase(user_id=anna.id)
    assert (await world.stranger.graph.suggestions(limit=0)).user_ids == (anna.id,)
