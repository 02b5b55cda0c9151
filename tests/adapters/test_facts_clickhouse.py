"""ClickHouse gives the same answers. Checked over chdb, which is the same engine inside this process."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from samovar.adapters.clickhouse import ClickHouseFacts
from samovar.contracts.common import ItemRef, Scope
from samovar.kernel.clock import DAY
from samovar.kernel.errors import Unavailable
from samovar.kernel.facts import Fact
from samovar.kernel.ids import first_id_at
from tests.adapters.facts_suite import START, answers_like_a_list, keeps_its_answers
from tests.world import World


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One for the module: a process can have but one, and it takes its time to start."""
    pytest.importorskip("chdb", reason="chdb is not installed")
    from clickhouse_connect import get_client

    client = get_client(dsn=f"chdb://{tmp_path_factory.mktemp('chdb')}")
    yield client
    client.close()


class Kept:
    """The module's client, which a test's own end does not close."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.lost = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def insert(self, *args: Any, **options: Any) -> Any:
        done = self._client.insert(*args, **options)
        if self.lost:
            self.lost -= 1
            raise TimeoutError("the answer was lost")
        return done

    def close(self) -> None:
        pass


@pytest.fixture
async def clickhouse(engine: Any) -> AsyncIterator[tuple[ClickHouseFacts, Kept]]:
    engine.command("DROP TABLE IF EXISTS samovar_facts SYNC")
    kept = Kept(engine)
    facts = ClickHouseFacts(lambda: kept)
    yield facts, kept
    await facts.close()


@pytest.mark.parametrize("seed", range(2))
async def test_answers_are_those_of_a_plain_list(clickhouse: tuple[ClickHouseFacts, Kept], seed: int) -> None:
    await answers_like_a_list(clickhouse[0], seed)


async def test_what_comes_again_counts_once(clickhouse: tuple[ClickHouseFacts, Kept]) -> None:
    await keeps_its_answers(clickhouse[0])


async def test_a_piece_whose_answer_was_lost_is_counted_once(
    clickhouse: tuple[ClickHouseFacts, Kept],
) -> None:
    facts, kept = clickhouse
    at = START * DAY
    piece = [Fact(first_id_at(at) + n, "viewed", at, 3, "post", 8, 1) for n in range(50)]
    kept.lost = 1
    with pytest.raises(Unavailable):
        await facts.take(piece)
    await facts.take(piece)
    assert (await facts.counts(["viewed"], START, START))["viewed"] == {START: 50}


async def test_old_facts_go(clickhouse: tuple[ClickHouseFacts, Kept]) -> None:
    facts, _ = clickhouse
    for day in (START, START + 40):
        at = day * DAY
        await facts.take([Fact(first_id_at(at) + 1, name, at, 3) for name in ("registered", "active")])
    await facts.prune(START + 40)
    assert await facts.counts(["registered", "active"], START, START + 50) == {
        "registered": {START: 1, START + 40: 1},
        "active": {START + 40: 1},
    }


async def test_the_service_over_it(engine: Any, tmp_path: Path, template: Path) -> None:
    """Facts go there once, those too that were counted here before; people are forgotten there."""
    engine.command("DROP TABLE IF EXISTS samovar_facts SYNC")
    world = World(tmp_path, "embedded")
    await world.start(template)
    olga, anna = await world.person("olga"), await world.person("anna")
    await anna.posts.create(text="before", visibility=Scope.PUBLIC, language="en")
    await world.drain()
    await world.close()
    kept = Kept(engine)
    facts = ClickHouseFacts(lambda: kept)
    world = World(tmp_path, "embedded")
    world.instead = {"facts": facts}
    try:
        await world.start(tmp_path / "none")
        admin, anna = world.as_(olga.id, "admin"), world.as_(anna.id)
        await world.drain()
        post = (await anna.posts.create(text="after", visibility=Scope.PUBLIC, language="en")).id
        await admin.reactions.react(item=ItemRef(kind="post", id=post), type="like")
        kept.lost = 1
        with pytest.raises(Unavailable):
            await world.drain()
        await world.drain()
        found = {one.name: one.total for one in (await admin.analytics.summary(days=7)).series}
        assert (found["registered"], found["created"], found["reacted"]) == (2, 2, 1)
        (popular,) = (await admin.analytics.popular(kind="post", days=7, limit=5)).items
        assert (popular.id, popular.owner_id, popular.reactions) == (post, anna.id, 1)
        waits = {
            row["id"] for table in ("waiting", "fact") for row in (await world.stored())[f"analytics_{table}"]
        }
        assert not waits, "all of it is there"
        before = (await admin.analytics.summary(days=7)).daily
        await world.system.identity.erase_account(user_id=anna.id)
        await world.drain()
        left = await facts._ask(
            "SELECT count() FROM samovar_facts FINAL WHERE {id:Int64} IN (actor_id, owner_id)", id=anna.id
        )
        assert left == [(0,)]
        assert (await admin.analytics.summary(days=7)).daily == before
    finally:
        await world.close()
        await facts.close()
