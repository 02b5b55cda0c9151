"""What goes out by e-mail and to devices, when, and what does not."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from samovar.contracts.common import ItemRef, Scope
from samovar.contracts.delivery import AddressGone, Unsubscribed
from samovar.contracts.notifications import TooManyDevices
from samovar.kernel.clock import DAY, SECOND
from samovar.kernel.db import Query
from samovar.kernel.errors import Invalid, NotFound
from samovar.services.notifications.tables import DEVICE
from tests.services.notifications.helpers import (
    at,
    inbox,
    later,
    prefer,
    ref,
    sent,
    subscription,
    told,
    unread,
)
from tests.services.posts.helpers import write
from tests.world import World


async def test_a_burst_is_one_letter(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    for _ in range(3):
        await write(boris, "Hello @anna")
    await boris.graph.follow(user_id=anna.id)
    await world.drain()
    assert await sent(world, anna) == []
    await later(world)
    (letter,) = await sent(world, anna)
    assert (letter.template, letter.category, letter.priority) == ("notification", "mentioned", "high")
    await later(world)
    assert len(await sent(world, anna)) == 1


async def test_what_is_read_needs_no_letter(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await write(boris, "Hello @anna")
    await world.drain()
    await anna.notifications.mark_read(up_to=0, all=True)
    post = await write(boris, "Hello again @anna")
    await world.drain()
    await boris.posts.delete(id=post.id)
    await later(world)
    assert await sent(world, anna) == []


async def test_preferences_decide(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await prefer(anna, "mentioned", email=False)
    await prefer(anna, "followed", email=True)
    await write(boris, "Hello @anna")
    await boris.graph.follow(user_id=anna.id)
    await later(world)
    assert [letter.category for letter in await sent(world, anna)] == ["followed"]
    found = await anna.notifications.get_preferences()
    assert {one.type: one.email for one in found.types}["followed"] is True
    assert (await boris.notifications.get_preferences()).types != found.types
    for bad in ({"time_zone": "Mars/Base"}, {"quiet_from": 1440}, {"digest": "hourly"}, {"digest_hour": 24}):
        with pytest.raises(Invalid):
            await anna.notifications.set_preferences(**bad)


async def test_quiet_hours(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    zone, now = "Asia/Yekaterinburg", datetime.fromtimestamp(world.clock.now() / SECOND, UTC)
    minute = (now.hour * 60 + now.minute + 300) % 1440
    begin, end = (minute - 60) % 1440, (minute + 60) % 1440
    await anna.notifications.set_preferences(quiet_from=begin, quiet_to=end, time_zone=zone)
    await write(boris, "Hello @anna")
    await later(world)
    await later(world, 50 * 60)
    assert await sent(world, anna) == [] and await unread(anna) == 1
    await later(world, 15 * 60)
    assert len(await sent(world, anna)) == 1


async def test_devices(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    device = await anna.notifications.subscribe(channel="push", address=subscription(), name="Firefox")
    again = await anna.notifications.subscribe(channel="push", address=subscription(), name="Firefox")
    assert device.id == again.id and device.hint == "push.example.net"
    await anna.notifications.subscribe(channel="telegram", address="12345678901", name="")
    await write(boris, "Hello @anna")
    await later(world)
    assert len(await sent(world, anna, "push")) == 1 and len(await sent(world, anna, "telegram")) == 1
    # A browser is told for one person only: whoever signed in there last.
    await boris.notifications.subscribe(channel="push", address=subscription(), name="Firefox")
    assert [one.channel for one in (await anna.notifications.devices()).items] == ["telegram"]
    (other,) = (await boris.notifications.devices()).items
    await anna.notifications.unsubscribe(id=other.id)
    assert len((await boris.notifications.devices()).items) == 1
    await boris.notifications.unsubscribe(id=other.id)
    assert (await boris.notifications.devices()).items == ()


@pytest.mark.parametrize(
    "address",
    [
        subscription().replace("https:", "http:"),
        subscription().replace("push.example.net", "127.0.0.1"),
        subscription().replace("push.example.net", "[::1]"),
        subscription().replace("push.example.net", "10.0.0.7"),
        subscription().replace("push.example.net", "2130706433"),
        subscription().replace("push.example.net", "localhost"),
        subscription().replace("push.example.net", "printer.local"),
        subscription().replace("push.example.net", "me@push.example.net"),
        subscription().replace('"auth"', '"else"'),
        "[]",
        "",
        "x" * 3000,
    ],
)
async def test_bad_addresses(world: World, address: str) -> None:
    anna = await world.person("anna")
    with pytest.raises(Invalid):
        await anna.notifications.subscribe(channel="push", address=address, name="")


async def test_at_most_twenty_devices(world: World) -> None:
    anna = await world.person("anna")
    for number in range(20):
        await anna.notifications.subscribe(channel="fcm", address=f"token-{number:04}", name="")
    with pytest.raises(TooManyDevices):
        await anna.notifications.subscribe(channel="fcm", address="one-more", name="")
    await anna.notifications.subscribe(channel="fcm", address="token-0007", name="again")


async def test_what_delivery_says_is_heard(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.notifications.subscribe(channel="push", address=subscription("one"), name="")
    await anna.notifications.subscribe(channel="push", address=subscription("two"), name="")
    db = world.house.kits["delivery"].db

    async def say(tx: object) -> None:
        gone = AddressGone(user_id=anna.id, channel="push", address="https://push.example.net/send/one")
        await tx.publish(gone)  # type: ignore[attr-defined]
        await tx.publish(Unsubscribed(user_id=anna.id, channel="email", category="mentioned"))  # type: ignore[attr-defined]

    await db.write(say)
    await world.drain()
    assert len((await anna.notifications.devices()).items) == 1
    found = {one.type: one for one in (await anna.notifications.get_preferences()).types}
    assert not found["mentioned"].email and found["mentioned"].push and found["replied"].email
    await write(boris, "Hello @anna")
    await later(world)
    assert await sent(world, anna) == [] and len(await sent(world, anna, "push")) == 1


async def test_a_digest_comes_when_there_is_something(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await prefer(anna, "mentioned", email=False)
    await anna.notifications.set_preferences(digest="daily", digest_hour=9, time_zone="Europe/Moscow")
    await later(world, DAY / SECOND)
    assert await sent(world, anna) == []
    await write(boris, "Hello @anna")
    await later(world, DAY / SECOND)
    assert [letter.template for letter in await sent(world, anna)] == ["digest"]
    await later(world, DAY / SECOND)
    assert len(await sent(world, anna)) == 1
    await anna.notifications.set_preferences(digest="none")
    await write(boris, "Hello again @anna")
    await later(world, 2 * DAY / SECOND)
    assert len(await sent(world, anna)) == 1


async def test_closed_posts_stay_in_the_house(world: World) -> None:
    """The words of a post that not everybody may read are in no letter."""
    anna, boris = await world.person("anna"), await world.person("boris")
    service = world.house.kits["notifications"]
    handed: list[str] = []
    await anna.graph.follow(user_id=boris.id)
    await write(boris, "The key is under the mat, @anna", Scope.FOLLOWERS)
    await write(boris, "The kettle is on, @anna")
    await world.drain()
    send = service.peers

    class Overheard:
        async def send(self, *, messages: object) -> None:
            handed.append(str(messages))

    from samovar.contracts.delivery import DELIVERY

    send._stubs["delivery"] = Overheard()
    assert send.get(DELIVERY)
    await later(world)
    text = " ".join(handed)
    assert "kettle" in text and "boris mentioned you" in text and "under the mat" not in text


async def test_what_delivery_refuses_holds_up_nobody(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    await anna.notifications.subscribe(channel="telegram", address="1234567890", name="")
    db = world.house.kits["notifications"].db

    async def spoil(tx: object) -> None:
        broken = Query(update(DEVICE).values(address=""))
        await tx.run(broken)  # type: ignore[attr-defined]

    await db.write(spoil)
    for person in (anna, vera):
        await write(boris, f"Hello @{person.username}")
    await later(world)
    assert await sent(world, anna, "telegram") == []
    assert [len(await sent(world, person)) for person in (anna, vera)] == [1, 1]


async def test_messages_of_the_system(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    admin = await world.person("vera", "user", "admin")
    news = {"type": "system", "actor_id": 0, "title": "We move", "text": "On Friday.", "url": "/about"}
    for _ in range(2):
        await admin.notifications.send(key="move", user_ids=(anna.id, boris.id), **news)
    with pytest.raises(NotFound):
        await anna.notifications.send(key="spam", user_ids=(boris.id,), **news)
    with pytest.raises(Invalid):
        await admin.notifications.send(
            key="evil", user_ids=(anna.id,), **{**news, "url": "https://evil.example"}
        )
    (line,) = await inbox(anna)
    assert (line.type, "We move" in line.data) == ("system", True)
    await later(world)
    assert [letter.category for letter in await sent(world, boris)] == ["system"]


async def test_reminders_come_once(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await write(boris)
    own = {"user_id": anna.id, "type": "", "data": '{"title": "Water the tea"}'}
    await anna.notifications.remind(key="one", at=at(world, 3600), subject=ref(post), **own)
    await anna.notifications.remind(key="two", at=at(world, 3600), **own)
    await anna.notifications.move_reminder(key="one", user_id=anna.id, at=at(world, 7200))
    await anna.notifications.cancel_reminder(key="two", user_id=anna.id)
    await later(world, 4000)
    assert await told(anna) == []
    for _ in range(3):
        await later(world, 4000)
    (line,) = await inbox(anna)
    assert line.type == "reminder" and line.item == ItemRef(kind="post", id=post.id) and line.count == 0
    assert "Water the tea" in line.data
    with pytest.raises(NotFound):
        await anna.notifications.move_reminder(key="one", user_id=anna.id, at=at(world, 60))
    for call in (
        boris.notifications.remind(key="x", at=at(world, 60), **own),
        boris.notifications.cancel_reminder(key="one", user_id=anna.id),
    ):
        with pytest.raises(NotFound):
            await call
    with pytest.raises(Invalid):
        await anna.notifications.remind(key="x", at=at(world, 60), **{**own, "data": "[1"})
