"""Messages are taken once, whole or not at all, from services alone."""

import pytest

from samovar.kernel.errors import Invalid, NotFound
from tests.services.delivery.helpers import letter
from tests.world import World


async def test_a_message_is_taken_once(world: World) -> None:
    send = world.system.delivery.send
    await send(messages=[letter()])
    await send(messages=[letter(template="system"), letter("test:2:email")])
    found = await world.system.delivery.deliveries(user_id=7, id="", cursor="", limit=10)
    assert [(sent.id, sent.template) for sent in found.items] == [
        ("test:2:email", "test"),
        ("test:1:email", "test"),
    ]
    assert found.items[0].address == "a***@e***.org"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("id", "a\nb"),
        ("id", "a" * 129),
        ("user_id", 0),
        ("channel", "pigeon"),
        ("address", "anna@example.org\r\nBcc: all@example.org"),
        ("address", "anna@example.org, boris@example.org"),
        ("address", "Anna <anna@example.org>"),
        ("address", "anna"),
        ("template", "nothing"),
        ("data", "{"),
        ("data", "[]"),
        ("data", "[" * 100_000),
        ("locale", "xx"),
        ("category", "Not a word"),
        ("priority", "now"),
        ("expires_at", 1 << 62),
    ],
)
async def test_one_wrong_message_and_none_is_taken(world: World, field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        await world.system.delivery.send(messages=[letter("test:0:email"), letter(**{field: value})])
    assert list(refused.value.fields) == [f"messages.1.{field}"]
    assert (await world.system.delivery.deliveries(user_id=7, id="", cursor="", limit=10)).items == ()


async def test_people_can_not_send(world: World) -> None:
    anna = await world.person("anna")
    for somebody in (anna, world.stranger, world.as_(1, "admin")):
        with pytest.raises(NotFound):
            await somebody.delivery.send(messages=[letter()])
