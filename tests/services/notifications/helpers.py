"""Shorthands for tests about what people are told."""

import json
from typing import Any

from samovar.contracts.common import ItemRef
from samovar.contracts.delivery import DELIVERY, Sent
from samovar.contracts.notifications import Notification, TypePreference, TypePreferenceList
from samovar.contracts.posts import Post
from samovar.kernel.clock import SECOND
from tests.world import Person, World

#: Longer than other ways wait before they tell.
A_WHILE = 30

SUBSCRIPTION = {
    "endpoint": "https://push.example.net/send/abc",
    "keys": {"p256dh": "B" + "A" * 86, "auth": "c" * 22},
}


def ref(post: Post) -> ItemRef:
    return ItemRef(kind="post", id=post.id)


async def inbox(person: Person, filter: str = "") -> tuple[Notification, ...]:
    """The newest lines."""
    return (await person.notifications.list(cursor="", limit=20, filter=filter)).items


async def told(person: Person, filter: str = "") -> list[tuple[str, tuple[int, ...]]]:
    """Types and people of the newest lines."""
    return [(line.type, line.actor_ids) for line in await inbox(person, filter)]


async def unread(person: Person) -> int:
    return (await person.notifications.unread()).unread


async def later(world: World, seconds: float = A_WHILE) -> None:
    """Some time passes, and what is due happens."""
    await world.drain()
    world.clock.advance(seconds)
    await world.drain()


async def sent(world: World, person: Person, channel: str = "email") -> list[Sent]:
    """What was handed to delivery for somebody, newest first; letters about the account left out."""
    page = await world.system.of(DELIVERY, "").deliveries(user_id=person.id, id="", cursor="", limit=50)
    return [one for one in page.items if one.channel == channel and one.category != "account"]


async def prefer(person: Person, type: str, **changes: Any) -> None:
    """Change how one type comes."""
    found = await person.notifications.get_preferences()
    now = next(one for one in found.types if one.type == type)
    fields = {name: getattr(now, name) for name in now.__struct_fields__}
    changed = TypePreference(**{**fields, **changes})
    await person.notifications.set_preferences(types=TypePreferenceList(items=(changed,)))


def at(world: World, seconds: float) -> int:
    """A time that many seconds from now."""
    return world.clock.now() + round(seconds * SECOND)


def subscription(name: str = "abc") -> str:
    """A browser's subscription."""
    return json.dumps({**SUBSCRIPTION, "endpoint": f"https://push.example.net/send/{name}"})
