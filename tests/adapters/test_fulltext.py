"""The index: one suite over each implementation of the port."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from samovar.adapters.tantivy_index import TantivyIndex
from samovar.kernel.fulltext import Ask, Clause, Entry, FullText, Hit, Key, Viewer
from tests.adapters.stores import opensearch_index

EVERYBODY = Viewer()


@pytest.fixture(params=["tantivy", "tantivy in memory", "opensearch"])
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FullText]:
    if request.param == "opensearch":
        async with opensearch_index() as made:
            await filled(made)
            yield made
        return
    made = TantivyIndex(tmp_path / "search" if request.param == "tantivy" else None)
    await filled(made)
    yield made
    await made.close()


def post(id: int, text: str, **more: object) -> Entry:
    facts: dict[str, object] = {
        "kind": "post", "version": 1, "author_id": 1, "scope": "public", "owner_id": 1, "created_at": id
    }  # fmt: skip
    return Entry(**facts | {"id": id, "text": text} | more)  # type: ignore[arg-type]


async def filled(index: FullText) -> None:
    await index.begin("1")
    await index.write("1", [
        post(1, "Зелёные чайники стояли на столе", language="ru", tags=("чай", "кухня")),
        post(2, "She was running home with a green kettle", language="en", tags=("tea",), has_media=True),
        post(3, "Kettles and cups; the tea is brewing", language="en", tags=("tea", "cups"),
             author_id=2, owner_id=2),
        post(4, "A quiet secret about kettles", scope="followers", author_id=2, owner_id=2, tags=("hush",)),
        post(5, "Whispered kettle words", scope="mentioned", author_id=2, owner_id=2, people=(7,)),
        post(6, "Mine alone, with a kettle", scope="only_me", author_id=9, owner_id=9),
        Entry(kind="person", id=1, version=1, author_id=1, scope="public", owner_id=1,
              title="Анна Ёлкина anna", text="Варю чай", handle="anna", created_at=1),
        Entry(kind="recipe", id=1, version=3, author_id=3, scope="public", owner_id=3, title="Kettle soup",
              text="Boil it", created_at=10),
    ])  # fmt: skip
    await index.switch("1")


async def ids(
    index: FullText, *clauses: Clause | str, viewer: Viewer = EVERYBODY, **more: object
) -> list[int]:
    return [hit.id for hit in await hits(index, *clauses, viewer=viewer, **more)]


async def hits(
    index: FullText, *clauses: Clause | str, viewer: Viewer = EVERYBODY, **more: object
) -> list[Hit]:
    asked = tuple(Clause(one) if isinstance(one, str) else one for one in clauses)
    facts: dict[str, object] = {"kinds": ("post",), "viewer": viewer, "clauses": asked}
    return list(await index.find(Ask(**facts | more)))  # type: ignore[arg-type]


async def test_words_are_found_in_all_their_forms(index: FullText) -> None:
    assert await ids(index, "чайник") == [1] == await ids(index, "ЗЕЛЕНЫМИ") == await ids(index, "зелёный")
    assert await ids(index, "run") == [2] == await ids(index, "Home", "greens")
    assert set(await ids(index, "kettles")) == {2, 3}
    assert await ids(index, "kettle", "cup") == [3]
    assert await ids(index, "samovar") == []


async def test_the_last_word_may_be_begun(index: FullText) -> None:
    assert await ids(index, Clause("кухн", unfinished=True)) == []
    assert await ids(index, Clause("чайни", unfinished=True)) == [1]
    assert await ids(index, "green", Clause("ke", unfinished=True)) == [2]
    assert await ids(index, "green", Clause("brewi", unfinished=True)) == []
    assert await ids(index, Clause("run", unfinished=True)) == [2]
    assert await ids(index, "runni") == []


async def test_one_wrong_letter_is_forgiven_behind_right_ones(index: FullText) -> None:
    for typed in ("ketle", "kettel", "kettlle", "kattle"):
        assert set(await ids(index, typed)) == {2, 3}, typed
    assert await ids(index, "чайнки") == [1]
    assert await ids(index, "te") == []
    await index.write("1", [post(20, "A mettle of its own"), post(21, "mettle mettle mettle kettle")])
    found = await ids(index, "kettle", limit=20)
    assert set(found[:3]) == {2, 3, 21} and found[3:] == [20]


async def test_phrases_and_exclusions(index: FullText) -> None:
    assert await ids(index, Clause("green kettle", phrase=True)) == [2]
    assert await ids(index, Clause("kettle green", phrase=True)) == []
    assert await ids(index, "kettle", Clause("cups", excluded=True)) == [2]
    assert await ids(index, "kettle", Clause("tea is", phrase=True, excluded=True)) == [2]


async def test_filters_and_order(index: FullText) -> None:
    assert await ids(index, newest=True) == [3, 2, 1]
    assert await ids(index, newest=True, offset=1, limit=1) == [2]
    assert await ids(index, authors=(2,)) == [3] and await ids(index, authors=(8,)) == []
    assert await ids(index, has_media=True) == [2]
    assert await ids(index, languages=("ru",)) == [1]
    assert await ids(index, tags=("tea",), newest=True) == [3, 2]
    assert await ids(index, tags=("tea",), without_tags=("cups",)) == [2]
    assert set(await ids(index, any_tags=("cups", "чай"))) == {1, 3}
    assert await ids(index, since=2, until=3) == [2]
    assert [(hit.kind, hit.id) for hit in await hits(index, "kettle", kinds=("recipe", "person"))] == [
        ("recipe", 1)
    ]


async def test_titles_and_handles(index: FullText) -> None:
    assert await ids(index, "анной", kinds=("person",)) == [1] == await ids(index, "Anna", kinds=("person",))
    assert await ids(index, Clause("елк", unfinished=True), kinds=("person",)) == [1]
    first = await hits(index, "kettle", kinds=("recipe", "post"))
    assert first[0].kind == "recipe"
    assert first[0].title == (("Kettle", True), (" soup", False))


async def test_everybody_finds_only_what_is_for_them(index: FullText) -> None:
    assert set(await ids(index, "kettle", viewer=Viewer(7, ()))) == {2, 3, 5}
    assert set(await ids(index, "kettle", viewer=Viewer(8, (2,)))) == {2, 3, 4}
    assert set(await ids(index, "kettle", viewer=Viewer(8, (9, 1)))) == {2, 3}
    assert set(await ids(index, "kettle", viewer=Viewer(2))) == {2, 3, 4, 5}
    assert set(await ids(index, "kettle", viewer=Viewer(9))) == {2, 3, 6}


async def test_what_was_asked_for_is_marked(index: FullText) -> None:
    [hit] = await hits(index, "зеленый", Clause("стол", unfinished=True))
    assert hit.text == (("Зелёные", True), (" чайники стояли на ", False), ("столе", True))
    assert (hit.version, hit.author_id, set(hit.tags)) == (1, 1, {"чай", "кухня"})
    [hit] = await hits(index, "grean", Clause("kettle words", phrase=True, excluded=True))
    assert [text for text, marked in hit.text if marked] == ["green"]
    await index.write("1", [post(30, '<b onclick="x">teapot</b> & more')])
    [hit] = await hits(index, "teapot")
    assert hit.text == (('<b onclick="x">', False), ("teapot", True), ("</b> & more", False))


async def test_tags_and_words_of_what_everybody_finds(index: FullText) -> None:
    assert await index.tags("te", 5) == [("tea", 2)]
    assert await index.tags("чай", 5) == [("чай", 1)] and await index.tags("кухна", 5) == [("кухня", 1)]
    assert await index.tags("hush", 5) == [] == await index.tags("hu", 5)
    assert (await index.words("ke", 5))[0] == "kettle" and "kettles" in await index.words("ke", 5)
    assert await index.words("whisp", 5) == [] == await index.words("secr", 5)


async def test_later_versions_take_the_place_of_earlier(index: FullText) -> None:
    await index.write("1", [post(2, "Now about spoons", version=2)], [Key("post", 3), Key("post", 99)])
    assert await ids(index, "kettle") == []
    assert [(hit.id, hit.version) for hit in await hits(index, "spoon")] == [(2, 2)]
    assert (await index.size()).documents == 7


async def test_a_generation_is_filled_beside_the_live_one(index: FullText) -> None:
    await index.begin("2")
    await index.write("2", [post(50, "A kettle of another time")], fresh=True)
    assert set(await ids(index, "kettle")) == {2, 3} and await index.live() == "1"
    # Begun again, as after a stop, it is as it was.
    await index.begin("2")
    await index.write("2", [post(50, "A kettle of another time"), post(51, "And its cup")])
    await index.switch("2")
    assert await index.live() == "2"
    assert await ids(index, "kettle") == [50] and (await index.size()).documents == 2


async def test_odd_questions_find_nothing(index: FullText) -> None:
    for text in ("!!!", "a" * 5000, "\x00", "[a-z]*", "key:post", "😀", "(", "AND OR NOT", "text:kettle^9~"):
        for clause in (Clause(text), Clause(text, phrase=True), Clause(text, unfinished=True)):
            assert await ids(index, clause) == [], text
    assert await index.tags("[a-z]*", 5) == [] == await index.words(".*", 5)
    assert await ids(index, "kettle", offset=900) == []


async def test_without_a_live_generation_nothing_is_found(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "search")
    assert await index.live() == "" and await ids(index, "kettle") == [] and await index.size() == (0, 0)
    await index.close()


async def test_the_folder_keeps_it(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "search")
    await filled(index)
    await index.close()
    again = TantivyIndex(tmp_path / "search")
    assert await again.live() == "1" and set(await ids(again, "kettle")) == {2, 3}
    await again.begin("2")
    await again.switch("2")
    await again.close()
    assert sorted(path.name for path in (tmp_path / "search").iterdir()) == ["2-2", "live"]
    # What can't be read is as good as none.
    (tmp_path / "search" / "2-2" / "meta.json").write_text("{")
    broken = TantivyIndex(tmp_path / "search")
    assert await broken.live() == ""
    await broken.close()
