"""Who sees what, threads, and what reading costs."""

import pytest

from samovar.contracts.common import Scope
from samovar.contracts.items import ITEMS, ItemChanged
from samovar.contracts.posts import PollDraft
from samovar.kernel.errors import Forbidden, Invalid, NotFound, Unauthenticated
from tests.services.posts.helpers import Ear, befriend, fresh, seen, write
from tests.world import World

SCOPES = (Scope.PUBLIC, Scope.UNLISTED, Scope.FOLLOWERS, Scope.MENTIONED)


async def test_each_audience(world: World) -> None:
    anna, friend, named, other = [await world.person(name) for name in ("anna", "friend", "named", "other")]
    await befriend(friend, anna)
    posts = [await write(anna, "Hello @named", scope) for scope in SCOPES]
    assert await seen(anna, *posts) == [0, 1, 2, 3]
    assert await seen(friend, *posts) == [0, 1, 2]
    assert await seen(named, *posts) == [0, 1, 2, 3]
    assert await seen(other, *posts) == [0, 1]
    assert await seen(world.stranger, *posts) == [0, 1]
    assert await seen(world.system, *posts) == [0, 1, 2, 3]


async def test_a_private_person_is_seen_by_followers(world: World) -> None:
    anna, friend, other = [await world.person(name) for name in ("anna", "friend", "other")]
    await befriend(friend, anna)
    post = await write(anna)
    await anna.graph.set_privacy(private=True)
    assert [await seen(who, post) for who in (anna, friend, other, world.stranger)] == [[0], [0], [], []]


async def test_a_block_closes_both_ways(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    of_anna, of_boris = await write(anna, "@boris"), await write(boris, "@anna")
    await anna.graph.block(user_id=boris.id)
    assert await seen(anna, of_anna, of_boris) == [0]
    assert await seen(boris, of_anna, of_boris) == [1]


async def test_the_order_asked_is_kept_and_the_unknown_left_out(world: World) -> None:
    anna = await world.person("anna")
    one, two = await write(anna), await write(anna)
    found = await anna.posts.get_many(ids=(two.id, 5, one.id, 2**63 - 1, -3))
    assert [post.id for post in found.items] == [two.id, one.id]
    assert (await anna.posts.get_many(ids=())).items == ()
    with pytest.raises(Invalid):
        await anna.posts.get_many(ids=tuple(range(1, 102)))


async def test_a_page_costs_few_statements(world: World) -> None:
    people = [await world.person(f"p{number}", drain=False) for number in range(4)]
    anna = people[0]
    posts = [await write(people[number % 4], f"no. {number}") for number in range(20)]
    await world.drain()
    ids = tuple(post.id for post in posts)
    # Posts, relations, own marks.
    with world.queries(max=3):
        assert len((await anna.posts.get_many(ids=ids)).items) == 20
    # A stranger has no marks.
    with world.queries(max=2):
        assert len((await world.stranger.posts.get_many(ids=ids)).items) == 20
    poll = PollDraft(options=("a", "b"), expires_in=600)
    polled = await write(people[1], poll=poll)
    with world.queries(max=5):
        assert len((await anna.posts.get_many(ids=(*ids, polled.id))).items) == 21
    with world.queries(max=2):
        assert len((await anna.of(ITEMS, "post").get_many(ids=ids)).items) == 20


async def test_marks_are_ones_own(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await write(anna)
    await anna.posts.pin(id=post.id)
    await boris.posts.repost(id=post.id)
    await boris.posts.bookmark(id=post.id)
    of_boris, of_anna = await fresh(boris, post), await fresh(anna, post)
    assert (of_boris.reposted, of_boris.bookmarked, of_boris.pinned) == (True, True, False)
    assert (of_anna.reposted, of_anna.bookmarked, of_anna.pinned) == (False, False, True)


async def test_marks_are_ones_own_where_very_many_left_theirs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samovar.services.posts.repository.marked.CROWD", 2)
    people = [await world.person(f"p{number}", drain=False) for number in range(4)]
    liked, other = await write(people[0]), await write(people[0])
    for person in people[:3]:
        await person.posts.bookmark(id=liked.id)
    await people[3].posts.bookmark(id=other.id)

    async def marked() -> list[tuple[bool, bool]]:
        pages = [(await person.posts.get_many(ids=(liked.id, other.id))).items for person in people]
        return [(one.bookmarked, two.bookmarked) for one, two in pages]

    expected = [(True, False), (True, False), (True, False), (False, True)]
    assert await marked() == expected == await marked()
    await people[1].posts.unbookmark(id=liked.id)
    await people[2].posts.repost(id=other.id)
    expected[1] = (False, False)
    assert await marked() == expected
    assert (await fresh(people[2], other)).reposted and not (await fresh(people[3], other)).reposted


async def test_a_thread_goes_parents_first_page_by_page(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    root = await write(anna, "root")
    first = await write(boris, "1", in_reply_to_id=root.id)
    second = await write(anna, "2", in_reply_to_id=root.id)
    under = await write(anna, "1.1", in_reply_to_id=first.id)
    deep = await write(boris, "1.1.1", in_reply_to_id=under.id)
    secret = await write(boris, "psst", Scope.MENTIONED, in_reply_to_id=second.id)
    other = await write(anna, "another thread")

    view = await world.stranger.posts.thread(id=root.id, limit=20, cursor="")
    assert [post.text for post in view.descendants] == ["1", "2", "1.1", "1.1.1"]
    assert view.ancestors == () and view.post.id == root.id and view.next == ""
    view = await anna.posts.thread(id=root.id, limit=20, cursor="")
    assert view.descendants[-1].id == secret.id

    view = await anna.posts.thread(id=under.id, limit=20, cursor="")
    assert [post.text for post in view.ancestors] == ["root", "1"]
    assert [post.text for post in view.descendants] == ["1.1.1"]
    assert deep.root_id == root.id and other.root_id == other.id

    texts, cursor = [], ""
    while True:
        view = await world.stranger.posts.thread(id=root.id, limit=2, cursor=cursor)
        texts.append([post.text for post in view.descendants])
        cursor = view.next
        if not cursor:
            break
    assert texts == [["1", "2"], ["1.1", "1.1.1"], []]
    view = await anna.posts.thread(id=first.id, limit=1, cursor="")
    assert [post.text for post in view.descendants] == ["1.1"] and view.next
    with pytest.raises(Invalid):
        await anna.posts.thread(id=root.id, limit=2, cursor="x")
    with pytest.raises(NotFound):
        await world.stranger.posts.thread(id=secret.id, limit=2, cursor="")
    with world.queries(max=6):
        await anna.posts.thread(id=deep.id, limit=20, cursor="")


async def test_hidden_posts_are_for_author_and_moderators(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    judge = await world.person("judge", "moderator")
    ear = Ear(world, ItemChanged)
    post = await write(anna, "#bad")
    with pytest.raises(Forbidden):
        await anna.of(ITEMS, "post").set_hidden(id=post.id, hidden=True)
    with pytest.raises(Unauthenticated):
        await world.stranger.of(ITEMS, "post").set_hidden(id=post.id, hidden=True)
    for _ in range(2):
        await judge.of(ITEMS, "post").set_hidden(id=post.id, hidden=True)
    assert [await seen(who, post) for who in (boris, world.stranger, anna, judge)] == [[], [], [0], [0]]
    assert (await fresh(anna, post)).hidden
    assert (await boris.of(ITEMS, "post").get_many(ids=(post.id,))).items == ()
    await world.system.of(ITEMS, "post").set_hidden(id=post.id, hidden=False)
    assert await seen(boris, post) == [0]
    await world.drain()
    assert [(change.hidden, change.tags) for change in ear.heard] == [(True, ("bad",)), (False, ("bad",))]
    with pytest.raises(NotFound):
        await world.system.of(ITEMS, "post").set_hidden(id=77, hidden=True)


async def test_cards(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await write(anna, "Secret #tea", Scope.MENTIONED, content_warning="w")
    assert (await boris.of(ITEMS, "post").get_many(ids=(post.id,))).items == ()
    (card,) = (await anna.of(ITEMS, "post").get_many(ids=(post.id,))).items
    assert (card.kind, card.author_id, card.summary, card.sensitive, card.tags, card.language) == (
        "post", anna.id, "Secret #tea", True, ("tea",), "en",
    )  # fmt: skip
    assert card.audience.scope == Scope.MENTIONED
