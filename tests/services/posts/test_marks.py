"""Reposts, bookmarks, pins and polls."""

import pytest

from samovar.contracts.common import Scope
from samovar.contracts.items import ItemShared, ItemUnshared
from samovar.contracts.posts import (
    AlreadyVoted,
    CannotRepost,
    PollClosed,
    PollDraft,
    PollEnded,
    PostReposted,
    TooManyPins,
)
from samovar.kernel.errors import Forbidden, Invalid, NotFound, Unauthenticated
from tests.services.posts.helpers import Ear, befriend, fresh, write
from tests.world import World


async def test_a_repost_counts_once_and_is_taken_back(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    ear = Ear(world, PostReposted, ItemShared, ItemUnshared)
    post = await write(anna)
    for _ in range(2):
        after = await boris.posts.repost(id=post.id)
        assert (after.reposts, after.reposted) == (1, True)
    assert (await world.stranger.posts.reposters(id=post.id, cursor="", limit=5)).user_ids == (boris.id,)
    for _ in range(2):
        after = await boris.posts.unrepost(id=post.id)
        assert (after.reposts, after.reposted) == (0, False)
    await world.drain()
    assert [(event.author_id, event.by_id) for event in ear.of(PostReposted)] == [(anna.id, boris.id)]
    (shared,), (unshared,) = ear.of(ItemShared), ear.of(ItemUnshared)
    assert (shared.kind, shared.id, shared.author_id, shared.by_id) == ("post", post.id, anna.id, boris.id)
    assert shared.share_id == unshared.share_id


async def test_what_is_for_some_is_not_passed_on(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await befriend(boris, anna)
    closed = await write(anna, scope=Scope.FOLLOWERS)
    named = await write(anna, "@boris", Scope.MENTIONED)
    for post in (closed, named):
        with pytest.raises(CannotRepost):
            await boris.posts.repost(id=post.id)
    assert (await anna.posts.repost(id=closed.id)).reposted
    with pytest.raises(CannotRepost):
        await anna.posts.repost(id=named.id)
    await anna.graph.set_privacy(private=True)
    opened = await write(anna)
    with pytest.raises(CannotRepost):
        await boris.posts.repost(id=opened.id)
    with pytest.raises(Unauthenticated):
        await world.stranger.posts.repost(id=opened.id)


async def test_reposters_come_in_pages_without_the_blocked(world: World) -> None:
    people = [await world.person(f"p{number}") for number in range(5)]
    post = await write(people[0])
    for person in people[1:]:
        await person.posts.repost(id=post.id)
    await people[1].graph.block(user_id=people[2].id)
    page = await people[0].posts.reposters(id=post.id, cursor="", limit=3)
    assert page.user_ids == tuple(person.id for person in people[:1:-1])
    page = await people[0].posts.reposters(id=post.id, cursor=page.next, limit=3)
    assert page.user_ids == (people[1].id,) and page.next == ""
    page = await people[1].posts.reposters(id=post.id, cursor="", limit=9)
    assert people[2].id not in page.user_ids


async def test_bookmarks_are_listed_newest_first_and_only_what_is_seen(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    posts = [await write(anna, str(number)) for number in range(7)]
    for post in posts:
        assert (await boris.posts.bookmark(id=post.id)).bookmarked
    await boris.posts.bookmark(id=posts[0].id)
    await anna.posts.delete(id=posts[5].id)
    assert not (await boris.posts.unbookmark(id=posts[3].id)).bookmarked
    texts, cursor = [], ""
    for _ in range(9):
        page = await boris.posts.bookmarks(cursor=cursor, limit=2)
        assert all(post.bookmarked for post in page.items)
        texts += [post.text for post in page.items]
        cursor = page.next
        if not cursor:
            break
    assert texts == ["6", "4", "2", "1", "0"]
    await anna.graph.block(user_id=boris.id)
    page = await boris.posts.bookmarks(cursor="", limit=20)
    assert page.items == () and page.next == ""
    assert (await anna.posts.bookmarks(cursor="", limit=20)).items == ()
    for cursor in ("x", "-1", "0", "9" * 30):
        with pytest.raises(Invalid) as refused:
            await boris.posts.bookmarks(cursor=cursor, limit=20)
        assert set(refused.value.fields) == {"cursor"}


async def test_pins(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    posts = [await write(anna, str(number)) for number in range(6)]
    for post in posts[:5]:
        await anna.posts.pin(id=post.id)
    assert (await anna.posts.pin(id=posts[0].id)).pinned
    with pytest.raises(TooManyPins):
        await anna.posts.pin(id=posts[5].id)
    await anna.posts.unpin(id=posts[1].id)
    await anna.posts.delete(id=posts[2].id)
    await anna.posts.pin(id=posts[5].id)
    shown = (await boris.posts.pinned(user_id=anna.id)).items
    assert [post.text for post in shown] == ["5", "4", "3", "0"]
    assert (await boris.posts.pinned(user_id=boris.id)).items == ()
    with pytest.raises(Forbidden):
        await boris.posts.pin(id=posts[0].id)
    with pytest.raises(Invalid):
        await anna.posts.pin(id=(await write(anna, scope=Scope.FOLLOWERS)).id)


async def test_a_poll_runs_and_ends(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    ear = Ear(world, PollEnded)
    draft = PollDraft(options=("Black ", "Green"), expires_in=600)
    post = await write(anna, "", poll=draft)
    assert post.poll is not None and post.poll.id == post.id
    assert [option.title for option in post.poll.options] == ["Black", "Green"]
    with pytest.raises(Invalid):
        await anna.posts.vote(id=post.id, choices=(0,))
    for choices in ((), (2,), (-1,), (0, 0), (0, 1)):
        with pytest.raises(Invalid):
            await boris.posts.vote(id=post.id, choices=choices)
    voted = (await boris.posts.vote(id=post.id, choices=(1,))).poll
    assert voted is not None and voted.voted and voted.own_votes == (1,)
    with pytest.raises(AlreadyVoted):
        await boris.posts.vote(id=post.id, choices=(0,))
    result = (await fresh(world.stranger, post)).poll
    assert result is not None
    assert [option.votes for option in result.options] == [0, 1]
    assert (result.votes_count, result.voters_count, result.voted, result.expired) == (1, 1, False, False)
    world.clock.advance(601)
    with pytest.raises(PollClosed):
        await vera.posts.vote(id=post.id, choices=(0,))
    for _ in range(2):
        await world.drain()
        world.clock.advance(60)
    assert [(event.post_id, event.author_id, event.voters_count) for event in ear.heard] == [
        (post.id, anna.id, 1)
    ]
    result = (await fresh(vera, post)).poll
    assert result is not None and result.expired
    with pytest.raises(NotFound):
        await vera.posts.vote(id=(await write(anna)).id, choices=(0,))


async def test_many_choices(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    draft = PollDraft(options=("a", "b", "c"), expires_in=600, multiple=True)
    post = await write(anna, "Which?", poll=draft)
    poll = (await boris.posts.vote(id=post.id, choices=(2, 0))).poll
    assert poll is not None
    assert ([option.votes for option in poll.options], poll.votes_count, poll.voters_count) == (
        [1, 0, 1],
        2,
        1,
    )


async def test_a_deleted_poll_does_not_end(world: World) -> None:
    anna = await world.person("anna")
    ear = Ear(world, PollEnded)
    post = await write(anna, poll=PollDraft(options=("a", "b"), expires_in=600))
    await anna.posts.delete(id=post.id)
    world.clock.advance(601)
    await world.drain()
    assert ear.heard == []
