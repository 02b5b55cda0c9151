"""What comes into inboxes, how it is gathered, and how it goes again."""

from samovar.contracts.common import ItemRef, Scope
from samovar.contracts.notifications import Notification
from tests.services.posts.helpers import write
from tests.world import Person, World


async def inbox(person: Person, filter: str = "") -> tuple[Notification, ...]:
    return (await person.notifications.list(cursor="", limit=20, filter=filter)).items


async def told(person: Person) -> list[tuple[str, tuple[int, ...]]]:
    """Types and people of an inbox."""
    return [(line.type, line.actor_ids) for line in await inbox(person)]


async def test_a_follow_and_a_mention_come(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await boris.graph.follow(user_id=anna.id)
    await world.drain()
    post = await write(boris, "Hello @anna")
    await world.drain()
    assert await told(anna) == [("mentioned", (boris.id,)), ("followed", (boris.id,))]
    assert await told(boris) == []
    line = (await inbox(anna))[0]
    assert line.item == ItemRef(kind="post", id=post.id) and line.excerpt == "Hello @anna"
    assert (await anna.notifications.unread()).unread == 2
    assert (await anna.notifications.mark_read(up_to=0, all=True)).unread == 0
    assert [one.read for one in await inbox(anna)] == [True, True]


async def test_alike_is_one_line(world: World) -> None:
    anna = await world.person("anna")
    others = [await world.person(f"p{number}") for number in range(10)]
    post = await write(anna)
    for person in others:
        await person.reactions.react(item=ItemRef(kind="post", id=post.id), type="like")
        await world.drain()
    (line,) = await inbox(anna)
    assert line.count == 10 and line.actor_ids == tuple(person.id for person in reversed(others[2:]))
    assert (await anna.notifications.unread()).unread == 1
    for person in others[:9]:
        await person.reactions.unreact(item=ItemRef(kind="post", id=post.id), type="like")
    await world.drain()
    (line,) = await inbox(anna)
    assert line.count == 1 and line.actor_ids == (others[9].id,)
    await others[9].reactions.unreact(item=ItemRef(kind="post", id=post.id), type="like")
    await world.drain()
    assert await inbox(anna) == () and (await anna.notifications.unread()).unread == 0


async def test_closed_posts_are_told_to_those_who_see_them(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    post = await write(anna)
    await write(boris, "Between us, @vera", Scope.MENTIONED, in_reply_to_id=post.id)
    await world.drain()
    assert await told(anna) == [] and await told(vera) == [("mentioned", (boris.id,))]
