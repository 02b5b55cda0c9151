"""Finding what people wrote, people themselves, and nothing that is not for one's eyes."""

import pytest

from samovar.contracts.common import Scope
from samovar.contracts.items import ITEMS
from samovar.contracts.search import TooDeep
from samovar.kernel.errors import Invalid, NotFound
from tests.services.posts.helpers import write
from tests.services.search.helpers import hits, ids, page, people
from tests.world import PASSWORD, World


async def test_what_is_written_is_found_a_moment_later(world: World) -> None:
    anna = await world.person("anna")
    tea = await write(anna, "Сегодня варили чай на веранде #чай")
    soup = await write(anna, "Soup of kettles, slowly")
    await world.drain()
    for query in ("чаем", "ВЕРАНДА", "веран", '"чай на веранде"', "#чай", "верандв"):
        assert await ids(world.stranger, query) == [tea.id], query
    assert await ids(world.stranger, "kettle -чай") == [soup.id]
    assert await ids(world.stranger, "чай -веранда") == []
    [hit] = await hits(world.stranger, "kettle")
    assert (hit.kind, hit.author_id, hit.words) == ("post", anna.id, ("kettles",))
    assert [(piece.text, piece.marked) for piece in hit.snippet] == [
        ("Soup of ", False), ("kettles", True), (", slowly", False),
    ]  # fmt: skip
    await anna.posts.edit(id=soup.id, text="Porridge instead")
    # Its text is another already: what was found in it is not told any more.
    [stale] = await hits(world.stranger, "kettle")
    assert stale.words == () == stale.snippet
    await world.drain()
    assert await ids(world.stranger, "kettle") == [] and await ids(world.stranger, "porridge") == [soup.id]
    await anna.posts.delete(id=soup.id)
    assert await ids(world.stranger, "porridge") == []
    await world.drain()
    assert await ids(world.stranger, "porridge") == []


async def test_audiences(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    await boris.graph.follow(user_id=anna.id)
    scopes = {
        scope: (await write(anna, f"a secret for {scope} @vera", scope=scope)).id
        for scope in (Scope.PUBLIC, Scope.UNLISTED, Scope.FOLLOWERS, Scope.MENTIONED)
    }
    quiet = await write(anna, "a secret for followers alone", scope=Scope.FOLLOWERS)
    await world.drain()
    assert set(await ids(anna, "secret")) == {*scopes.values(), quiet.id}
    assert set(await ids(world.stranger, "secret")) == {scopes[Scope.PUBLIC]}
    assert set(await ids(boris, "secret")) == {scopes[Scope.PUBLIC], scopes[Scope.FOLLOWERS], quiet.id}
    assert set(await ids(vera, "secret")) == set(scopes.values()) - {scopes[Scope.UNLISTED]}
    # Out of the audience at once, before anything was heard.
    await anna.graph.remove_follower(user_id=boris.id)
    assert set(await ids(boris, "secret")) == {scopes[Scope.PUBLIC]}
    await world.drain()
    await vera.graph.follow(user_id=anna.id)
    await world.drain()
    assert quiet.id in await ids(vera, "secret")


async def test_private_people(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await write(anna, "A public pumpkin #pumpkin")
    await world.drain()
    assert await ids(boris, "pumpkin") == [post.id]
    await anna.graph.set_privacy(private=True)
    assert await ids(boris, "pumpkin") == []
    await world.drain()
    assert (await boris.search.tags(query="pump", limit=5)).items == ()
    await boris.graph.follow(user_id=anna.id)
    await anna.graph.accept(user_id=boris.id)
    await world.drain()
    assert await ids(boris, "pumpkin") == [post.id] == await ids(anna, "pumpkin")
    assert await ids(world.stranger, "pumpkin") == []
    await anna.graph.set_privacy(private=False)
    await world.drain()
    assert await ids(world.stranger, "pumpkin") == [post.id]


async def test_blocked_muted_and_hidden(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    moderator = await world.person("mod", "moderator")
    post = await write(anna, "Loud lemonade")
    await world.drain()
    await boris.graph.block(user_id=anna.id)
    await vera.graph.mute(user_id=anna.id)
    assert await ids(boris, "lemonade") == [] == await people(boris, "anna")
    assert await ids(vera, "lemonade") == [] and await ids(vera, "lemonade from:@anna") == [post.id]
    assert await people(anna, "boris") == []
    await moderator.of(ITEMS, "post").set_hidden(id=post.id, hidden=True)
    for person in (anna, moderator, world.stranger):
        assert await ids(person, "lemonade") == []
    await world.drain()
    assert await ids(moderator, "lemonade") == []
    await moderator.of(ITEMS, "post").set_hidden(id=post.id, hidden=False)
    await world.drain()
    assert await ids(world.stranger, "lemonade") == [post.id]


async def test_people(world: World) -> None:
    anna, boris = await world.person("anna_k"), await world.person("boris")
    await anna.profiles.update(display_name="Анна Ёлкина", bio="I brew oolong")
    await world.drain()
    for query in ("анну", "елкина", "Ёлк", "anna_k", "anna", "@anna_k", "oolong", "ann"):
        assert await people(boris, query) == [anna.id], query
    [hit] = await hits(boris, "oolong", kinds=("person",))
    assert (hit.kind, hit.words) == ("person", ("oolong",))
    assert await ids(boris, "oolong") == [] and await ids(boris, "oolong kind:people") == []
    assert await ids(boris, "oolong kind:people", kinds=("person", "post")) == [anna.id]
    await anna.identity.delete_account(password=PASSWORD)
    await world.drain()
    assert await people(boris, "oolong") == []


async def test_filters(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    first = await write(anna, "gingerbread one", language="en")
    world.clock.advance(86_400 * 3)
    second = await write(boris, "gingerbread two", language="ru")
    await world.drain()
    assert await ids(anna, "gingerbread", newest=True) == [second.id, first.id]
    for query, more in (
        ("gingerbread from:@anna", {}), ("gingerbread from:me", {}), ("gingerbread", {"author": "@Anna"}),
        ("gingerbread", {"author": str(anna.id)}), ("gingerbread lang:en", {}),
        ("gingerbread", {"language": "en-GB"}),
        ("gingerbread before:2026-01-02", {}), ("gingerbread", {"before": "2026-01-02"}), ("from:anna", {}),
        ("lang:en", {}), ("gingerbread one", {}),
    ):  # fmt: skip
        assert await ids(anna, query, **more) == [first.id], (query, more)
    assert await ids(anna, "gingerbread after:2026-01-03") == [second.id]
    assert await ids(anna, "gingerbread after:2026-01", newest=True) == [second.id, first.id]
    assert await ids(anna, "gingerbread has:media") == [] == await ids(anna, "", has_media=True)
    assert await ids(anna, "gingerbread kind:poem") == [] == await ids(anna, "from:nobody")
    assert len(await ids(anna, "gingerbread kind:posts")) == 2
    for odd in ("", "   ", "-gingerbread", "!!!", "kind:post"):
        assert await ids(anna, odd) == []
    # What is no filter is a word.
    assert await ids(anna, "after:tomorrow") == [] == await ids(anna, "gingerbread after:yesterday")
    assert len(await ids(anna, '"gingerbread')) == 2


async def test_pages_end_and_are_bounded(world: World) -> None:
    anna = await world.person("anna")
    posts = [(await write(anna, f"teaspoon number{number}")).id for number in range(25)]
    await world.drain()
    seen, cursor = list[int](), ""
    for _ in range(5):
        found = await page(anna, "teaspoon", cursor=cursor, limit=10)
        seen += [hit.id for hit in found.items]
        if not (cursor := found.next):
            break
    assert len(seen) == 25 and set(seen) == set(posts)
    assert await ids(anna, "teaspoon", newest=True, page=2, limit=10) == posts[::-1][10:20]
    assert await ids(anna, "teaspoon", page=9, limit=10) == []
    for more in ({"page": 101, "limit": 10}, {"cursor": "1000"}, {"page": 11, "limit": 100}):
        with pytest.raises(TooDeep):
            await page(anna, "teaspoon", **more)
    for field, more in (
        ("query", {"query": "a" * 301}), ("query", {"query": "a " * 17}), ("cursor", {"cursor": "x"}),
        ("cursor", {"cursor": "-1"}), ("after", {"after": "soon"}), ("before", {"before": "2026-13-01"}),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            await page(anna, **more)
        assert set(refused.value.fields) == {field}


async def test_a_page_is_filled_though_some_hits_are_not_for_the_reader(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    for number in range(12):
        await write(anna, f"sugar cube {number}")
    kept = [(await write(boris, f"sugar loaf {number}")).id for number in range(6)]
    await world.drain()
    await vera.graph.block(user_id=anna.id)
    found = await page(vera, "sugar", limit=5)
    assert len(found.items) == 5 and found.next
    rest = await page(vera, "sugar", limit=5, cursor=found.next)
    assert {hit.id for hit in (*found.items, *rest.items)} == set(kept)


async def test_tags_and_suggestions(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    for text in ("#teapots shine", "#tea and #teapots", "#tealeaf", "тихий чайник"):
        await write(anna, text)
    await write(anna, "#teasecret teasing", scope=Scope.FOLLOWERS)
    await world.drain()
    tags = (await boris.search.tags(query="#tea", limit=10)).items
    assert [(hit.tag, hit.items) for hit in tags] == [("tea", 1), ("teapots", 2), ("tealeaf", 1)]
    assert [hit.tag for hit in (await boris.search.tags(query="teapotz", limit=5)).items] == ["teapots"]
    assert (await boris.search.tags(query="(", limit=5)).items == ()
    found = (await boris.search.suggest(text="warm teap", limit=10)).items
    assert [(one.type, one.text) for one in found] == [("tag", "teapots"), ("words", "warm teapots")]
    found = (await boris.search.suggest(text="an", limit=10)).items
    assert ("person", anna.id) in [(one.type, one.user_id) for one in found]
    assert [one.type for one in (await boris.search.suggest(text="@ann", limit=10)).items] == ["person"]
    assert [one.text for one in (await boris.search.suggest(text="чайн", limit=10)).items] == ["чайник"]
    for text in ("", "t", "x" * 500, "tea ", "teasi", "???"):
        assert (await boris.search.suggest(text=text, limit=10)).items == (), text
    await boris.graph.block(user_id=anna.id)
    assert (await boris.search.suggest(text="@ann", limit=10)).items == ()


async def test_kinds_and_documents_are_for_the_system(world: World) -> None:
    anna = await world.person("anna")
    assert (await world.stranger.search.kinds()).kinds == ("post",)
    post = await write(anna, "whole", scope=Scope.MENTIONED)
    with pytest.raises(NotFound):
        await anna.of(ITEMS, "post").documents(ids=(post.id,), after=0, limit=5)
    with pytest.raises(NotFound):
        await anna.profiles.documents(after=0, limit=5)
    found = await world.system.of(ITEMS, "post").documents(ids=(), after=0, limit=5)
    assert (found.total, [document.text for document in found.items]) == (1, ["whole"])
    with pytest.raises(Invalid):
        await world.system.of(ITEMS, "post").documents(ids=tuple(range(1, 502)), after=0, limit=5)
