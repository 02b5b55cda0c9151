"""What comes into inboxes, how it is gathered, and how it goes again."""

import pytest

from samovar.contracts.common import ItemRef, Scope
from samovar.contracts.notifications import InboxChanged
from samovar.contracts.personal import PERSONAL
from samovar.contracts.posts import PollDraft
from samovar.kernel.clock import DAY, SECOND
from samovar.kernel.errors import Invalid, NotFound, Unauthenticated
from tests.services.notifications.helpers import at, inbox, later, prefer, ref, told, unread
from tests.services.posts.helpers import Ear, write
from tests.world import World


async def test_a_follow_and_a_mention_come(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    ear = Ear(world, InboxChanged)
    await boris.graph.follow(user_id=anna.id)
    await world.drain()
    post = await write(boris, "Hello @anna")
    await world.drain()
    assert await told(anna) == [("mentioned", (boris.id,)), ("followed", (boris.id,))]
    assert await told(anna, "mentions") == [("mentioned", (boris.id,))]
    assert await told(anna, "followed") == [("followed", (boris.id,))]
    assert await told(boris) == []
    line = (await inbox(anna))[0]
    assert line.item == ItemRef(kind="post", id=post.id) and line.excerpt == "Hello @anna"
    assert await unread(anna) == 2
    for _ in range(2):
        assert (await anna.notifications.mark_read(up_to=0, all=True)).unread == 0
    await world.drain()
    assert [one.read for one in await inbox(anna)] == [True, True] and not await inbox(anna, "unread")
    changes = [(one.unread, one.type) for one in ear.of(InboxChanged) if one.user_id == anna.id]
    assert changes == [(1, "followed"), (2, "mentioned"), (0, "")]


async def test_a_mention_by_an_edit_comes_once(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    post = await write(boris, "Hello @anna")
    await world.drain()
    for text in ("Hello @anna and @vera", "Hello @vera and @anna!"):
        await boris.posts.edit(id=post.id, text=text)
        await world.drain()
    assert await told(anna) == [("mentioned", (boris.id,))]
    assert await told(vera) == [("mentioned", (boris.id,))]
    assert await unread(vera) == 1
    secret = await write(boris, "Only @anna", Scope.MENTIONED)
    await boris.posts.edit(id=secret.id, text="Only @anna, and now @vera")
    await world.drain()
    assert len(await told(vera)) == 2


async def test_alike_is_one_line(world: World) -> None:
    anna = await world.person("anna")
    others = [await world.person(f"p{number}", drain=False) for number in range(10)]
    await world.drain()
    post = await write(anna)
    for person in others:
        await person.reactions.react(item=ref(post), type="like")
        await world.drain()
    (line,) = await inbox(anna)
    assert line.count == 10 and line.actor_ids == tuple(person.id for person in reversed(others[2:]))
    assert await unread(anna) == 1
    for person in others[:9]:
        await person.reactions.unreact(item=ref(post), type="like")
    await world.drain()
    (line,) = await inbox(anna)
    assert line.count == 1 and line.actor_ids == (others[9].id,)
    await others[9].reactions.unreact(item=ref(post), type="like")
    await world.drain()
    assert await inbox(anna) == () and await unread(anna) == 0


async def test_a_line_gathers_while_it_is_unread_or_young(world: World) -> None:
    anna, boris, vera, dina = [await world.person(name) for name in ("anna", "boris", "vera", "dina")]
    post = await write(anna)
    await boris.reactions.react(item=ref(post), type="like")
    await later(world, 3 * DAY / SECOND)
    await vera.reactions.react(item=ref(post), type="like")
    await world.drain()
    (line,) = await inbox(anna)
    assert (line.count, line.read) == (2, False)
    await anna.notifications.mark_read(up_to=line.position, all=False)
    await dina.reactions.react(item=ref(post), type="wow")
    await world.drain()
    # Read and older than a day: the next one begins a line of its own.
    assert [(line.count, line.read) for line in await inbox(anna)] == [(1, False), (2, True)]
    # Who is in a closed line is found there when they take it back.
    await vera.reactions.unreact(item=ref(post), type="like")
    await world.drain()
    assert [line.actor_ids for line in await inbox(anna)] == [(dina.id,), (boris.id,)]


async def test_reading_stops_where_one_looked(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    for _ in range(3):
        await write(boris, "Tea, @anna?")
        await world.drain()
    newest, middle, _ = await inbox(anna)
    assert (await anna.notifications.mark_read(up_to=middle.position, all=False)).unread == 1
    assert (await anna.notifications.mark_read(up_to=0, ids=(newest.id,), all=False)).unread == 0
    assert (await boris.notifications.mark_read(up_to=0, ids=(newest.id,), all=False)).unread == 0
    with pytest.raises(Unauthenticated):
        await world.stranger.notifications.mark_read(up_to=0, all=True)
    for bad in ({"cursor": "x"}, {"filter": "nonsense"}):
        with pytest.raises(Invalid):
            await anna.notifications.list(**{"cursor": "", "limit": 5, "filter": "", **bad})


async def test_pages(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    posts = []
    for _ in range(30):
        world.clock.advance(1)
        posts.append(await write(boris, "Tea, @anna?"))
    await world.drain()
    found, cursor = [], ""
    while True:
        with world.queries(max=8):
            page = await anna.notifications.list(cursor=cursor, limit=12, filter="")
        found += [line.item.id for line in page.items if line.item]
        cursor = page.next
        if not cursor:
            break
    # Events of different posts come in any order, but each is in the inbox once.
    assert sorted(found) == [post.id for post in posts]


async def test_only_what_one_may_see(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    post = await write(anna)
    await write(boris, "Between us, @vera", Scope.MENTIONED, in_reply_to_id=post.id)
    await world.drain()
    assert await told(anna) == [] and await told(vera) == [("mentioned", (boris.id,))]
    await anna.reactions.react(item=ref(post), type="like")
    await write(anna, "To myself, @anna", in_reply_to_id=post.id)
    await world.drain()
    assert await told(anna) == []


async def test_whom_one_blocks_or_mutes_vanishes(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    post = await write(anna)
    for person in (boris, vera):
        await person.reactions.react(item=ref(post), type="like")
        await write(person, "Look, @anna")
    await world.drain()
    assert await unread(anna) == 3
    await anna.graph.block(user_id=boris.id)
    # At once, although nothing has been heard of it yet.
    assert sorted(await told(anna)) == [("mentioned", (vera.id,)), ("reacted", (vera.id,))]
    await world.drain()
    assert sorted(await told(anna)) == [("mentioned", (vera.id,)), ("reacted", (vera.id,))]
    assert await unread(anna) == 2
    await anna.graph.mute(user_id=vera.id)
    assert await told(anna) == []
    await write(vera, "Do you hear me, @anna?")
    await world.drain()
    assert await told(anna) == [] and await unread(anna) == 0


async def test_requests_are_answered_and_granted(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.graph.set_privacy(private=True)
    await boris.graph.follow(user_id=anna.id)
    await world.drain()
    assert await told(anna, "follows") == [("follow_requested", (boris.id,))]
    await boris.graph.unfollow(user_id=anna.id)
    await world.drain()
    assert await told(anna) == []
    await boris.graph.follow(user_id=anna.id)
    await world.drain()
    await anna.graph.accept(user_id=boris.id)
    await world.drain()
    # Whoever let them in needs not to be told that they came.
    assert await told(anna) == [] and await told(boris) == [("follow_accepted", (anna.id,))]
    await anna.graph.set_privacy(private=False)
    await boris.graph.unfollow(user_id=anna.id)
    await boris.graph.follow(user_id=anna.id)
    await world.drain()
    assert await told(anna) == [("followed", (boris.id,))] and await told(boris) == []
    await boris.graph.unfollow(user_id=anna.id)
    await world.drain()
    assert await told(anna) == []


async def test_replies_quotes_and_reposts(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await write(anna)
    reply = await write(boris, "Coming, @anna", in_reply_to_id=post.id)
    await world.drain()
    quote = await write(boris, "Well said", quote_of_id=post.id)
    await boris.posts.repost(id=post.id)
    await world.drain()
    assert {line.type: line.item and line.item.id for line in await inbox(anna)} == {
        "replied": reply.id, "quoted": quote.id, "reposted": post.id,
    }  # fmt: skip
    await boris.posts.unrepost(id=post.id)
    await boris.posts.delete(id=reply.id)
    await world.drain()
    assert await told(anna) == [("quoted", (boris.id,))] and await unread(anna) == 1


async def test_a_muted_thread_is_silent(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await write(anna)
    reply = await write(boris, "First", in_reply_to_id=post.id)
    await world.drain()
    await anna.notifications.mute_item(item=ref(post), muted=True)
    assert (await anna.notifications.muted_items(kind="post", ids=(post.id, reply.id))).ids == (post.id,)
    mine = await write(anna, "Hm", in_reply_to_id=reply.id)
    await write(boris, "Second", in_reply_to_id=mine.id)
    await boris.reactions.react(item=ref(post), type="like")
    await world.drain()
    assert await told(anna) == [("replied", (boris.id,))]
    await anna.notifications.mute_item(item=ref(post), muted=False)
    await write(boris, "Third", in_reply_to_id=post.id)
    await world.drain()
    assert len(await inbox(anna)) == 2
    with pytest.raises(NotFound):
        await anna.notifications.mute_item(item=ItemRef(kind="post", id=7), muted=True)


async def test_from_whom(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await prefer(anna, "mentioned", people="following")
    await prefer(anna, "followed", inbox=False)
    await boris.graph.follow(user_id=anna.id)
    await write(boris, "Hello @anna")
    await world.drain()
    assert await told(anna) == []
    await anna.graph.follow(user_id=boris.id)
    await write(boris, "Hello again @anna")
    await world.drain()
    assert await told(anna) == [("mentioned", (boris.id,))]


async def test_a_poll_ends_for_its_author_and_voters(world: World) -> None:
    people = [await world.person(name) for name in ("anna", "boris", "vera", "dina")]
    anna, boris, vera, _ = people
    poll = PollDraft(options=("Black", "Green"), expires_in=600)
    post = await write(anna, "Which tea?", poll=poll)
    for voter in (boris, vera):
        await voter.posts.vote(id=post.id, choices=(0,))
    await later(world, 700)
    assert [await told(person) for person in people] == [
        [("poll_ended", ())], [("poll_ended", (anna.id,))], [("poll_ended", (anna.id,))], [],
    ]  # fmt: skip


async def test_who_leaves_takes_everything_along(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    post = await write(anna)
    for person in (boris, vera):
        await person.reactions.react(item=ref(post), type="like")
    await write(boris, "Hello @anna")
    await write(anna, "Hello @boris")
    await boris.notifications.set_preferences(time_zone="Europe/Moscow")
    await boris.notifications.remind(
        key="secret", user_id=boris.id, at=at(world, 3600), type="", data='{"title": "Private"}'
    )
    await boris.notifications.mute_item(item=ref(post), muted=True)
    await world.drain()
    with pytest.raises(NotFound):
        await anna.of(PERSONAL, "notifications").erase(user_id=boris.id)
    await world.system.of(PERSONAL, "notifications").erase(user_id=boris.id)
    await world.drain()
    assert await told(anna) == [("reacted", (vera.id,))] and await unread(anna) == 1
    rows = await world.stored()
    for table in ("note", "act", "preference", "muted", "device", "due", "jobs"):
        assert str(boris.id) not in str(rows[f"notifications_{table}"]), table
    await write(anna, "Where are you, @boris?")
    await world.drain()
    assert not [row for row in (await world.stored())["notifications_note"] if row["user_id"] == boris.id]
