"""What one may like to see, and why; kept searches; people who leave."""

import pytest

from samovar.contracts.common import ItemRef, Scope
from samovar.contracts.personal import PERSONAL
from samovar.contracts.search import TooManySaved
from samovar.kernel.errors import Invalid, NotFound, Unauthenticated
from tests.services.posts.helpers import write
from tests.services.search.helpers import people
from tests.world import PASSWORD, Person, World


async def recommended(person: Person) -> list[tuple[int, int, str]]:
    """People with the reasons."""
    found = await person.search.recommend_people(limit=20)
    return [(one.user_id, one.followed_by, one.tag) for one in found.items]


async def items(person: Person) -> list[tuple[int, str]]:
    """Items with the reasons."""
    found = await person.search.recommend_items(limit=20)
    return [(one.item.id, one.tag) for one in found.items]


async def test_people_whom_ones_people_follow(world: World) -> None:
    anna, boris, vera, gleb, dina = [
        await world.person(name) for name in ("anna", "boris", "vera", "gleb", "dina")
    ]
    for person in (boris, vera):
        await anna.graph.follow(user_id=person.id)
        await person.graph.follow(user_id=gleb.id)
        await person.graph.follow(user_id=anna.id)
    await vera.graph.follow(user_id=dina.id)
    await world.drain()
    assert await recommended(anna) == [(gleb.id, 2, ""), (dina.id, 1, "")]
    await anna.graph.mute(user_id=gleb.id)
    await dina.graph.block(user_id=anna.id)
    assert await recommended(anna) == []
    with pytest.raises(Unauthenticated):
        await world.stranger.search.recommend_people(limit=5)
    with pytest.raises(Unauthenticated):
        await world.stranger.graph.friends_of_friends(limit=5)


async def test_people_and_items_of_ones_interests(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    await write(anna, "Mine about #oolong")
    tea = await write(boris, "Theirs about #oolong")
    await write(boris, "For few about #oolong", scope=Scope.FOLLOWERS)
    await write(boris, "About #spoons")
    await world.drain()
    assert await recommended(anna) == [(boris.id, 0, "oolong")] and await items(anna) == [(tea.id, "oolong")]
    assert await recommended(vera) == [] == await items(vera)
    # What one likes is an interest; what one has liked is not shown again.
    await vera.reactions.react(item=ItemRef(kind="post", id=tea.id), type="like")
    await world.drain()
    assert await items(vera) == [((await _first(world, anna, "oolong")), "oolong")]
    assert {one[0] for one in await recommended(vera)} == {anna.id, boris.id}
    await anna.graph.mute(user_id=boris.id)
    assert await items(anna) == [] == await recommended(anna)
    await anna.graph.unmute(user_id=boris.id)
    await boris.graph.set_privacy(private=True)
    assert await items(anna) == [] == await recommended(anna)
    await boris.graph.set_privacy(private=False)
    await anna.graph.follow(user_id=boris.id)
    assert await items(anna) == [] == await recommended(anna)


async def _first(world: World, person: Person, tag: str) -> int:
    page = await world.stranger.feed.tag(tag=tag, cursor="", limit=20)
    found = await world.stranger.posts.get_many(ids=tuple(entry.id for entry in page.items))
    return next(post.id for post in found.items if post.author_id == person.id)


async def test_old_items_are_not_recommended(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await write(anna, "#oolong"), await write(boris, "#oolong")
    await world.drain()
    assert len(await items(anna)) == 1
    world.clock.advance(31 * 86_400)
    assert await items(anna) == []


async def test_kept_searches(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    first = await anna.search.save(query="  green \n tea ", kind="posts", newest=True)
    assert (first.query, first.kind, first.newest) == ("green tea", "posts", True)
    assert await anna.search.save(query="green tea", kind="posts", newest=True) == first
    second = await anna.search.save(query="green tea", kind="", newest=True)
    assert [one.id for one in (await anna.search.saved()).items] == [second.id, first.id]
    assert (await boris.search.saved()).items == ()
    for person in (boris, anna):
        with pytest.raises(NotFound):
            await person.search.forget(id=first.id + 1)
    with pytest.raises(NotFound):
        await boris.search.forget(id=first.id)
    assert await anna.search.forget(id=first.id) == first
    for query, kind in ((" ", ""), ("x" * 301, ""), ("x", "y" * 41)):
        with pytest.raises(Invalid):
            await anna.search.save(query=query, kind=kind, newest=False)
    for number in range(49):
        await anna.search.save(query=f"tea {number}", kind="", newest=False)
    with pytest.raises(TooManySaved):
        await anna.search.save(query="one more", kind="", newest=False)
    assert (await anna.search.save(query="tea 7", kind="", newest=False)).query == "tea 7"
    for call in (world.stranger.search.saved(), world.stranger.search.save(query="x", kind="", newest=False)):
        with pytest.raises(Unauthenticated):
            await call


async def test_a_person_who_leaves_is_forgotten(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await write(boris, "#oolong")
    post = await write(anna, "#oolong")
    await boris.search.save(query="secret wish", kind="", newest=False)
    await boris.reactions.react(item=ItemRef(kind="post", id=post.id), type="like")
    await world.drain()
    with pytest.raises(NotFound):
        await anna.of(PERSONAL, "search").erase(user_id=boris.id)
    await write(boris, "at the last moment #oolong")
    await boris.identity.delete_account(password=PASSWORD)
    await world.drain()
    await world.system.of(PERSONAL, "search").erase(user_id=boris.id)
    await world.drain()
    assert await people(anna, "boris") == [] and await recommended(anna) == []
    rows = await world.stored()
    for table in ("search_saved", "search_interest", "search_dirty"):
        assert not [row for row in rows[table] if boris.id in row.values()], table
