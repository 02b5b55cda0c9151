"""Keeping notes."""

from samovar.contracts.limits import LIMITS
from tests.world import World


async def test_a_note_is_seen_by_its_owner_alone(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    note = await anna.of(LIMITS, "").keep(text="buy tea")
    assert [n.text for n in (await anna.of(LIMITS, "").get_many(ids=[note.id])).items] == ["buy tea"]
    assert (await boris.of(LIMITS, "").get_many(ids=[note.id])).items == ()
