"""Lists, suggestions and the relations that every page asks for."""

import pytest

from samovar.contracts.graph import GRAPH
from samovar.kernel.context import Call, calling
from samovar.kernel.errors import Invalid, NotFound
from tests.services.graph.test_follows import followers
from tests.world import World


def counted(world: World) -> None:
    """Skip where the world itself repeats calls, so that statements can't be counted."""
    if world.kind != "embedded":
        pytest.skip("statements are counted in the embedded world")


async def test_pages_go_on_where_they_ended(world: World) -> None:
    boris = await world.person("boris")
    fans = [await world.person(f"fan{number}") for number in range(5)]
    for fan in fans:
        await fan.graph.follow(user_id=boris.id)
    seen: list[int] = []
    cursor, pages = "", 0
    while pages == 0 or cursor:
        page = await boris.graph.followers(user_id=boris.id, cursor=cursor, limit=2)
        seen += page.user_ids
        cursor, pages = page.next, pages + 1
    assert seen == [fan.id for fan in reversed(fans)] and pages == 3


async def test_a_wrong_cursor_is_named(world: World) -> None:
    anna = await world.person("anna")
    with pytest.raises(Invalid) as refused:
        await anna.graph.followers(user_id=anna.id, cursor="tea", limit=0)
    assert "cursor" in refused.value.fields


async def test_nobodys_lists_are_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await followers(world.stranger, world.as_(999))


async def test_relations_answer_each_id_in_order(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.graph.follow(user_id=boris.id)
    asked = (777, boris.id, anna.id, boris.id)
    found = (await anna.graph.relations(user_ids=asked)).items
    assert tuple(item.user_id for item in found) == asked
    assert [item.following for item in found] == [False, True, False, True]
    with pytest.raises(Invalid):
        await anna.graph.relations(user_ids=tuple(range(1, 202)))


async def test_relations_are_one_statement_and_then_none(world: World) -> None:
    counted(world)
    people = [await world.person(f"someone{number}") for number in range(6)]
    ids = tuple(person.id for person in people)
    await people[0].graph.follow(user_id=people[1].id)
    graph = world.house.peers.get(GRAPH)
    with calling(Call(actor=people[0].id)):
        with world.queries(max=1):
            first = await graph.relations(user_ids=ids)
        with world.queries(max=0):
            assert (await graph.relations(user_ids=ids[1:3])).items == first.items[1:3]
        await graph.unfollow(user_id=ids[1])
        assert not (await graph.relations(user_ids=ids)).items[1].following
    with world.queries(max=1):
        await world.stranger.graph.relations(user_ids=ids)
    with world.queries(max=1):
        await world.stranger.graph.counts(user_ids=ids)


async def test_a_list_is_few_statements(world: World) -> None:
    counted(world)
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.graph.follow(user_id=boris.id)
    with world.queries(max=3):
        await anna.graph.followers(user_id=boris.id, cursor="", limit=20)


async def test_friends_of_friends_come_first(world: World) -> None:
    anna, boris, vera, gleb, dina, egor = [
        await world.person(name) for name in ("anna", "boris", "vera", "gleb", "dina", "egor")
    ]
    await anna.graph.follow(user_id=boris.id)
    await anna.graph.follow(user_id=vera.id)
    await boris.graph.follow(user_id=gleb.id)
    await boris.graph.follow(user_id=dina.id)
    await vera.graph.follow(user_id=gleb.id)
    await vera.graph.follow(user_id=anna.id)
    found = (await anna.graph.suggestions(limit=0)).user_ids
    assert found == (gleb.id, dina.id, egor.id)
    assert (await anna.graph.suggestions(limit=1)).user_ids == (gleb.id,)

    await anna.graph.mute(user_id=gleb.id)
    await dina.graph.block(user_id=anna.id)
    assert (await anna.graph.suggestions(limit=0)).user_ids == (egor.id,)


async def test_the_newest_are_suggested_to_newcomers(world: World) -> None:
    people = [await world.person(name) for name in ("anna", "boris", "vera")]
    assert (await people[2].graph.suggestions(limit=0)).user_ids == (people[1].id, people[0].id)
    assert (await world.stranger.graph.suggestions(limit=2)).user_ids == (people[2].id, people[1].id)
