"""Profiles: made, read, changed, found and gone."""

from collections.abc import Sequence

import pytest

from samovar.contracts.personal import PERSONAL
from samovar.contracts.profiles import Field, FieldList, Profile, ProfileUpdated
from samovar.kernel.contract import decode
from samovar.kernel.errors import Invalid, NotFound, Unauthenticated
from samovar.kernel.outbox import Envelope
from tests.world import PASSWORD, Person, World


async def of(world: World, *people: Person) -> list[Profile]:
    return list((await world.stranger.profiles.get_many(ids=tuple(p.id for p in people))).items)


async def test_a_new_member_has_a_profile(world: World) -> None:
    anna = await world.person("Anna")
    profile = (await of(world, anna))[0]
    assert (profile.id, profile.username, profile.display_name) == (anna.id, "Anna", "Anna")
    assert profile.created_at == world.clock.now()
    assert (profile.bio, profile.fields, profile.locale, profile.theme) == ("", (), "", "auto")


async def test_a_profile_is_made_on_read_before_the_news_arrives(world: World) -> None:
    anna = await world.person("anna", drain=False)
    boris = await world.person("boris", drain=False)
    assert [p.username for p in await of(world, anna)] == ["anna"]
    assert (await world.stranger.profiles.by_username(usernames=("BORIS",))).items[0].id == boris.id
    await anna.profiles.update(bio="tea")
    await world.drain()
    assert (await of(world, anna))[0].bio == "tea"


async def test_many_come_in_the_order_asked_from_the_cache(world: World) -> None:
    people = [await world.person(name) for name in ("anna", "boris", "vera")]
    asked = [people[2], people[0], people[1]]
    with world.queries(max=1):
        found = await of(world, *asked)
    assert [p.id for p in found] == [p.id for p in asked]
    with world.queries(max=0):
        assert await of(world, *people) == [found[1], found[2], found[0]]
    world.clock.advance(61)
    with world.queries(max=1):
        await of(world, *people)


async def test_unknown_people_are_left_out(world: World) -> None:
    anna = await world.person("anna")
    found = (await world.stranger.profiles.get_many(ids=(12, anna.id, 13))).items
    assert [p.id for p in found] == [anna.id]
    with pytest.raises(Invalid):
        await world.stranger.profiles.get_many(ids=tuple(range(1, 102)))


async def test_names_are_found_in_any_case(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("Boris")
    found = (await world.stranger.profiles.by_username(usernames=("bORIS", "nobody", "ANNA", "anna"))).items
    assert [p.id for p in found] == [boris.id, anna.id]


async def test_a_change_is_seen_at_once(world: World) -> None:
    anna = await world.person("anna")
    before = (await of(world, anna))[0]
    answer = await anna.profiles.update(
        display_name="  Анна\tК.  ",
        bio="Tea.\r\n\r\n\r\n\r\nAnd bread.\u202e\x00",
        fields=FieldList(items=(Field(name="Site", value="https://a.example"), Field(name=" ", value=""))),
        locale="ru",
        theme="dark",
    )
    assert (await of(world, anna))[0] == answer
    assert answer.display_name == "Анна К."
    assert answer.bio == "Tea.\n\nAnd bread."
    assert answer.fields == (Field(name="Site", value="https://a.example"),)
    assert (answer.locale, answer.theme) == ("ru", "dark")
    assert answer.version > before.version


async def test_absent_fields_stay(world: World) -> None:
    anna = await world.person("anna")
    rows = FieldList(items=(Field(name="a", value="b"),))
    await anna.profiles.update(display_name="Anna K.", bio="tea", fields=rows, locale="ru")
    profile = await anna.profiles.update(theme="light")
    assert (profile.display_name, profile.bio, profile.fields) == ("Anna K.", "tea", rows.items)
    profile = await anna.profiles.update(bio="", fields=FieldList(), locale="")
    assert (profile.bio, profile.fields, profile.locale) == ("", (), "")


async def test_saving_the_same_again_is_no_change(world: World) -> None:
    anna = await world.person("anna")
    first = await anna.profiles.update(bio="tea")
    assert await anna.profiles.update(bio="tea") == first


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u200d", "\u202e\u202d", "\u3164", "\x07"])
async def test_a_name_of_nothing_becomes_the_username(world: World, name: str) -> None:
    anna = await world.person("anna")
    assert (await anna.profiles.update(display_name=name)).display_name == "anna"


async def test_texts_are_counted_as_people_count(world: World) -> None:
    anna = await world.person("anna")
    family = "👨‍👩‍👧"
    assert (await anna.profiles.update(display_name=family * 50)).display_name == family * 50
    assert (await anna.profiles.update(bio="е\u0301" * 500)).bio == "е\u0301" * 500
    for wrong in ({"display_name": family * 51}, {"bio": "x" * 501}, {"display_name": "z" + "\u0301" * 5000}):
        with pytest.raises(Invalid) as refused:
            await anna.profiles.update(**wrong)
        assert set(refused.value.fields) == set(wrong)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"locale": "de"}, {"locale"}),
        ({"theme": "pink", "locale": "xx"}, {"theme", "locale"}),
        ({"fields": FieldList(items=(Field(name="", value="x"),))}, {"fields"}),
        ({"fields": FieldList(items=(Field(name="n" * 41, value="x"),))}, {"fields"}),
        ({"fields": FieldList(items=(Field(name="n", value="x" * 201),))}, {"fields"}),
        ({"fields": FieldList(items=tuple(Field(name=str(n), value="x") for n in range(9)))}, {"fields"}),
    ],
)
async def test_wrong_parts_are_named_and_nothing_is_stored(
    world: World, wrong: dict[str, object], named: set[str]
) -> None:
    anna = await world.person("anna")
    with pytest.raises(Invalid) as refused:
        await anna.profiles.update(bio="not stored", **wrong)
    assert set(refused.value.fields) == named
    assert (await of(world, anna))[0].bio == ""


async def test_strangers_and_the_unknown_change_nothing(world: World) -> None:
    with pytest.raises(Unauthenticated):
        await world.stranger.profiles.update(bio="x")
    with pytest.raises(NotFound):
        await world.as_(123).profiles.update(bio="x")


async def test_a_change_is_told(world: World) -> None:
    anna = await world.person("anna")
    told: dict[int, ProfileUpdated] = {}

    async def take(envelopes: Sequence[Envelope]) -> None:
        told.update(
            {e.id: decode(e.payload, ProfileUpdated) for e in envelopes if e.type == ProfileUpdated.TYPE}
        )

    types, sources = frozenset({ProfileUpdated.TYPE}), frozenset({"profiles"})
    world.house.backends.bus.subscribe("ear", types, sources, take)
    for _ in range(2):
        await anna.profiles.update(display_name="Anna K.")
    await world.drain()
    assert list(told.values()) == [ProfileUpdated(user_id=anna.id, username="anna", display_name="Anna K.")]


async def test_the_newest_come_in_pages(world: World) -> None:
    people = [await world.person(f"person{number}") for number in range(3)]
    page = (await world.stranger.profiles.newest(before=0, limit=2)).items
    assert [p.id for p in page] == [people[2].id, people[1].id]
    page = (await world.stranger.profiles.newest(before=page[-1].id, limit=2)).items
    assert [p.id for p in page] == [people[0].id]


async def test_a_deleted_person_is_nowhere(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.profiles.update(bio="tea")
    await of(world, anna)
    await anna.identity.delete_account(password=PASSWORD)
    await world.drain()
    assert await of(world, anna, boris) == await of(world, boris)
    assert (await world.stranger.profiles.by_username(usernames=("anna",))).items == ()
    assert [p.id for p in (await world.stranger.profiles.newest(before=0, limit=0)).items] == [boris.id]
    with pytest.raises(NotFound):
        await anna.profiles.update(bio="still here")


async def test_erasing_is_for_the_system_and_bears_repeating(world: World) -> None:
    anna = await world.person("anna")
    await of(world, anna)
    with pytest.raises(NotFound):
        await anna.of(PERSONAL, "profiles").erase(user_id=anna.id)
    for _ in range(2):
        await world.system.of(PERSONAL, "profiles").erase(user_id=anna.id)
    assert await of(world, anna) == []
