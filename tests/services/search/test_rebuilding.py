"""Making the index anew beside the live one."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from samovar.adapters.tantivy_index import TantivyIndex
from samovar.contracts.common import Scope
from samovar.kernel.errors import Forbidden, Unauthenticated, Unavailable
from samovar.kernel.fulltext import Entry, Key
from tests.services.posts.helpers import write
from tests.services.search.helpers import ids, people
from tests.world import World


class Faltering(TantivyIndex):
    """An index whose writes can be made to fail, before or after they are done."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.writes: list[str] = []
        self.fails: dict[int, str] = {}

    async def write(
        self, name: str, put: Sequence[Entry], removed: Sequence[Key] = (), *, fresh: bool = False
    ) -> None:
        self.writes.append(name)
        when = self.fails.pop(len(self.writes), "")
        if when == "before":
            raise Unavailable
        await super().write(name, put, removed, fresh=fresh)
        if when == "after":
            raise Unavailable


@pytest.fixture
async def slow(request: pytest.FixtureRequest, tmp_path: Path, template: Path) -> AsyncIterator[World]:
    """A world whose index is made in small steps, and may falter."""
    kind = request.config.getoption("--world")
    if kind == "real":
        pytest.skip("this index stands in a folder")
    settings = {"SAMOVAR_SEARCH__BATCH": "2", "SAMOVAR_SEARCH__CHECKPOINT": "3"}
    world = World(tmp_path, kind, settings)
    world.instead = {"fulltext": Faltering(tmp_path / "index")}
    await world.start(template)
    yield world
    await world.close()


async def test_who_may(world: World) -> None:
    anna = await world.person("anna")
    moderator, admin = await world.person("mira", "moderator"), await world.person("rita", "admin")
    for person, refusal in ((world.stranger, Unauthenticated), (anna, Forbidden), (moderator, Forbidden)):
        for call in (person.search.rebuild, person.search.state):
            with pytest.raises(refusal):
                await call()
    assert (await admin.search.rebuild()).rebuilding
    await world.drain()
    state = await admin.search.state()
    assert not state.rebuilding and state.rebuilt_at == world.clock.now() and state.waiting == 0
    assert state.documents == 3


async def test_made_anew_it_finds_the_same(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    posts = [(await write(anna, f"cinnamon {number}")).id for number in range(7)]
    await write(anna, "cinnamon for few", scope=Scope.FOLLOWERS)
    await anna.posts.delete(id=posts.pop())
    await world.drain()
    before = await world.system.search.state()
    for _ in range(2):
        await world.system.search.rebuild()
        await world.drain()
    after = await world.system.search.state()
    assert (after.documents, after.done, after.total) == (before.documents, 9, 9)
    assert set(await ids(boris, "cinnamon")) == set(posts) and await people(boris, "anna") == [anna.id]


async def test_a_stopped_one_goes_on_and_nothing_is_twice_or_missing(slow: World) -> None:
    index: Faltering = slow.house.backends.fulltext  # type: ignore[assignment]
    anna = await slow.person("anna")
    posts = [(await write(anna, f"nutmeg {number}")).id for number in range(11)]
    await slow.drain()
    live = await index.live()
    count = len(index.writes)
    index.fails = {count + 2: "after", count + 4: "before", count + 6: "after"}
    await slow.system.search.rebuild()
    for round_ in range(3):
        with pytest.raises(Unavailable):
            await slow.drain()
        # Meanwhile the live one answers, and takes in what changes.
        assert await index.live() == live
        assert round_ == 2 or set(await ids(anna, "nutmeg")) == set(posts)
        assert (await slow.system.search.state()).rebuilding
        if round_ == 1:
            await anna.posts.edit(id=posts[0], text="pepper")
            await anna.posts.delete(id=posts.pop())
            fresh = await write(anna, "nutmeg at last")
            posts = [*posts[1:], fresh.id]
            await slow.house.workers["posts"].relay()
    await slow.drain()
    assert await index.live() != live
    assert sorted(await ids(anna, "nutmeg", limit=50)) == posts
    assert len(await ids(anna, "pepper")) == 1
    assert (await slow.system.search.state()).documents == len(posts) + 2


async def test_an_index_that_is_not_these_tables_own_is_made_anew(slow: World, tmp_path: Path) -> None:
    anna = await slow.person("anna")
    post = await write(anna, "saffron")
    await slow.drain()
    index: Faltering = slow.house.backends.fulltext  # type: ignore[assignment]
    # As after a restore: another index, or none.
    await index.begin("77")
    await index.switch("77")
    assert await ids(anna, "saffron") == []
    await slow.drain()
    assert await index.live() != "77" and await ids(anna, "saffron") == [post.id]


async def test_an_index_that_is_away_loses_nothing(slow: World) -> None:
    anna = await slow.person("anna")
    index: Faltering = slow.house.backends.fulltext  # type: ignore[assignment]
    post = await write(anna, "cardamom")
    index.fails = {len(index.writes) + 1: "before", len(index.writes) + 2: "after"}
    for _ in range(2):
        with pytest.raises(Unavailable):
            await slow.drain()
    slow.clock.advance(5)
    state = await slow.system.search.state()
    assert (state.waiting, state.oldest) == (1, 5_000_000)
    await slow.drain()
    assert await ids(anna, "cardamom") == [post.id]
    assert (await slow.system.search.state()).waiting == 0
