"""Publishing, changing and deleting posts."""

from typing import Any

import pytest

from samovar.contracts.common import Audience, ItemRef, Scope
from samovar.contracts.items import ItemChanged, ItemCreated, ItemRemoved
from samovar.contracts.posts import (
    CannotRepost,
    PollDraft,
    PostCreated,
    PostDeleted,
    PostEdited,
    TextTooLong,
)
from samovar.kernel.context import Call
from samovar.kernel.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited, Unauthenticated
from tests.services.posts.helpers import Ear, befriend, fresh, seen, write
from tests.world import Person, World


async def test_a_post_is_published_and_told_of(world: World) -> None:
    anna, boris = await world.person("Anna"), await world.person("boris")
    ear = Ear(world, PostCreated, ItemCreated)
    post = await write(boris, "Good morning, @anna and @nobody. #Чай #tea #Tea", content_warning=" Steam ")
    assert (post.author_id, post.text, post.content_warning, post.language, post.version) == (
        boris.id,
        "Good morning, @anna and @nobody. #Чай #tea #Tea",
        "Steam",
        "en",
        1,
    )
    assert [(mention.user_id, mention.username) for mention in post.mentions] == [(anna.id, "Anna")]
    assert post.tags == ("чай", "tea")
    assert '<a href="/@Anna" class="mention">@anna</a> and @nobody.' in post.html
    assert post.root_id == post.id and post.created_at == world.clock.now() and post.edited_at == 0
    assert await fresh(world.stranger, post) == post
    await world.drain()
    (created,), (item,) = ear.of(PostCreated), ear.of(ItemCreated)
    assert (created.post_id, created.author_id, created.mentioned_ids) == (post.id, boris.id, (anna.id,))
    assert (item.kind, item.id, item.tags, item.language) == ("post", post.id, ("чай", "tea"), "en")
    assert item.audience == Audience(scope=Scope.PUBLIC, owner_id=boris.id)
    assert (await world.stranger.posts.counts(user_ids=(anna.id, boris.id))).items[1].posts == 1


async def test_strangers_publish_nothing(world: World) -> None:
    with pytest.raises(Unauthenticated):
        await write(world.stranger)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"text": " \u200b\u2800\n\t"}, "text"),
        ({"scope": Scope.GROUP}, "visibility"),
        ({"content_warning": "w" * 121}, "content_warning"),
        ({"media_ids": (7,)}, "media_ids"),
        ({"poll": PollDraft(options=("yes",), expires_in=600)}, "poll.options"),
        ({"poll": PollDraft(options=("Yes", "yes "), expires_in=600)}, "poll.options"),
        ({"poll": PollDraft(options=("yes", " "), expires_in=600)}, "poll.options"),
        ({"poll": PollDraft(options=("yes", "n" * 81), expires_in=600)}, "poll.options"),
        ({"poll": PollDraft(options=tuple("abcdefghi"), expires_in=600)}, "poll.options"),
        ({"poll": PollDraft(options=("yes", "no"), expires_in=299)}, "poll.expires_in"),
        ({"poll": PollDraft(options=("yes", "no"), expires_in=30 * 86400 + 1)}, "poll.expires_in"),
    ],
)
async def test_what_is_wrong_is_named(world: World, more: dict[str, Any], field: str) -> None:
    anna = await world.person("anna", drain=False)
    with pytest.raises(Invalid) as refused:
        await write(anna, **more)
    assert set(refused.value.fields) == {field}
    assert (await anna.posts.counts(user_ids=(anna.id,))).items[0].posts == 0


async def test_a_wrong_language_is_refused(world: World) -> None:
    anna = await world.person("anna")
    with pytest.raises(Invalid) as refused:
        await anna.posts.create(text="x", visibility=Scope.PUBLIC, language="<b>")
    assert set(refused.value.fields) == {"language"}
    assert (await anna.posts.create(text="x", visibility=Scope.PUBLIC, language="PT-BR")).language == "pt-BR"


async def test_length_is_counted_as_people_count(world: World) -> None:
    anna = await world.person("anna")
    family = "👨‍👩‍👧‍👦"
    assert (await write(anna, family * 500)).text == family * 500
    for text in (family * 501, "a" * 501, "😀" * 2_500_000, "\u0301" * 11_000):
        with pytest.raises(TextTooLong):
            await write(anna, text)
    assert (await world.stranger.posts.rules()).text_limit == 500


@pytest.mark.settings(SAMOVAR_POSTS__TEXT_LIMIT="5")
async def test_the_limit_is_a_setting(world: World) -> None:
    anna = await world.person("anna")
    await write(anna, "12345")
    with pytest.raises(TextTooLong):
        await write(anna, "123456")


async def test_a_repeated_key_publishes_once(world: World) -> None:
    anna = await world.person("anna")
    again = Person(world, Call(actor=anna.id, roles=("user",), idempotency_key="k1"))
    first = await write(again, "Once")
    assert await write(again, "Once") == first
    with pytest.raises(Conflict):
        await write(again, "Twice")
    assert (await anna.posts.counts(user_ids=(anna.id,))).items[0].posts == 1


@pytest.mark.settings(SAMOVAR_POSTS__CREATE_BURST="2", SAMOVAR_POSTS__CREATE_PER_MINUTE="60")
async def test_a_burst_is_bounded(world: World) -> None:
    anna = await world.person("anna")
    await write(anna)
    await write(anna)
    with pytest.raises(RateLimited) as refused:
        await write(anna)
    assert refused.value.retry_after == pytest.approx(1)
    world.clock.advance(1)
    await write(anna)


@pytest.mark.settings(SAMOVAR_POSTS__CREATE_BURST="1", SAMOVAR_POSTS__CREATE_PER_MINUTE="0")
async def test_the_bound_can_be_turned_off(world: World) -> None:
    anna = await world.person("anna")
    for _ in range(5):
        await write(anna)


async def test_a_reply_is_counted_and_never_wider(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await befriend(boris, anna)
    ear = Ear(world, ItemCreated)
    first = await write(anna, scope=Scope.FOLLOWERS)
    reply = await write(boris, "Coming", in_reply_to_id=first.id)
    assert (reply.visibility, reply.in_reply_to_author_id, reply.root_id) == (
        Scope.FOLLOWERS,
        anna.id,
        first.id,
    )
    quiet = await write(boris, "Only for you", Scope.MENTIONED, in_reply_to_id=first.id)
    assert (await fresh(anna, first)).replies == 1
    assert await seen(anna, reply, quiet) == [0, 1]
    await world.drain()
    told = {item.id: item for item in ear.of(ItemCreated)}
    assert told[reply.id].in_reply_to == ItemRef(kind="post", id=first.id)
    assert told[quiet.id].audience == Audience(scope=Scope.MENTIONED, owner_id=boris.id, people=(anna.id,))
    default = await write(boris, "x", Scope.UNSPECIFIED, in_reply_to_id=first.id)
    assert default.visibility == Scope.FOLLOWERS
    assert (await write(boris, "x", Scope.UNSPECIFIED)).visibility == Scope.PUBLIC


async def test_nobody_answers_what_they_cannot_see(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    closed = await write(anna, scope=Scope.FOLLOWERS)
    opened = await write(anna)
    for missing in (closed.id, 1, 2**63 - 1, -1):
        with pytest.raises(NotFound):
            await write(boris, in_reply_to_id=missing)
    await anna.graph.block(user_id=boris.id)
    with pytest.raises(NotFound):
        await write(boris, in_reply_to_id=opened.id)


async def test_quotes(world: World) -> None:
    anna, boris, vera = [await world.person(name) for name in ("anna", "boris", "vera")]
    await befriend(boris, anna)
    ear = Ear(world, PostCreated)
    opened, closed = await write(anna), await write(anna, scope=Scope.FOLLOWERS)
    quote = await write(boris, "", quote_of_id=opened.id)
    assert (quote.quote_of_id, quote.html) == (opened.id, "")
    await write(vera, "Look", Scope.FOLLOWERS, quote_of_id=opened.id)
    assert (await fresh(anna, opened)).quotes == 2
    with pytest.raises(CannotRepost):
        await write(boris, quote_of_id=closed.id)
    page = await anna.posts.quotes(id=opened.id, cursor="", limit=10)
    assert [post.id for post in page.items] == [quote.id] and page.next == ""
    await world.drain()
    (told,) = (event for event in ear.of(PostCreated) if event.post_id == quote.id)
    assert told.quoted_author_id == anna.id
    await anna.graph.set_privacy(private=True)
    with pytest.raises(CannotRepost):
        await write(boris, quote_of_id=opened.id)


async def test_an_edit_keeps_history(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    ear = Ear(world, PostEdited, ItemChanged)
    post = await write(anna, "Tee #one", content_warning="w")
    world.clock.advance(60)
    edited = await anna.posts.edit(id=post.id, text="Tea #two", language="ru")
    assert (edited.text, edited.content_warning, edited.language, edited.tags) == (
        "Tea #two", "w", "ru", ("two",),
    )  # fmt: skip
    assert edited.edited_at == world.clock.now() and edited.version == 2
    # The same again changes nothing.
    assert await anna.posts.edit(id=post.id, text="Tea #two") == edited
    world.clock.advance(60)
    await anna.posts.edit(id=post.id, text="Tea, hot #two", content_warning="")
    history = (await boris.posts.history(id=post.id)).items
    assert [(version.text, version.content_warning) for version in history] == [
        ("Tee #one", "w"), ("Tea #two", "w"), ("Tea, hot #two", ""),
    ]  # fmt: skip
    assert [version.created_at - post.created_at for version in history] == [0, 60_000_000, 120_000_000]
    with pytest.raises(Forbidden):
        await boris.posts.edit(id=post.id, text="Mine")
    with pytest.raises(Invalid):
        await anna.posts.edit(id=post.id, text="")
    await world.drain()
    assert len(ear.of(PostEdited)) == 2
    assert [change.tags for change in ear.of(ItemChanged)] == [("two",), ("two",)]


async def test_history_of_what_is_hidden_from_one_is_not_found(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await write(anna, scope=Scope.MENTIONED)
    for call in (boris.posts.history(id=post.id), boris.posts.edit(id=post.id, text="x")):
        with pytest.raises(NotFound):
            await call


async def test_taking_a_name_out_closes_the_post_to_them(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    ear = Ear(world, ItemChanged)
    post = await write(anna, "For @boris", Scope.MENTIONED)
    assert await seen(boris, post) == [0]
    await anna.posts.edit(id=post.id, text="For nobody")
    assert await seen(boris, post) == []
    await world.drain()
    assert ear.of(ItemChanged)[0].audience == Audience(scope=Scope.MENTIONED, owner_id=anna.id)


async def test_a_deleted_post_is_gone_and_its_thread_stays(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    ear = Ear(world, PostDeleted, ItemRemoved)
    top = await write(anna, "top")
    middle = await write(boris, "middle", in_reply_to_id=top.id, quote_of_id=top.id)
    bottom = await write(anna, "bottom", in_reply_to_id=middle.id)
    await anna.posts.repost(id=middle.id)
    with pytest.raises(Forbidden):
        await anna.posts.delete(id=middle.id)
    for _ in range(2):
        await boris.posts.delete(id=middle.id)
    await world.drain()
    assert [event.id for event in ear.of(ItemRemoved)] == [middle.id]
    assert [event.post_id for event in ear.of(PostDeleted)] == [middle.id]
    assert await seen(boris, top, middle, bottom) == [0, 2]
    after = await fresh(anna, top)
    assert (after.replies, after.quotes) == (0, 0)
    assert (await boris.posts.counts(user_ids=(boris.id,))).items[0].posts == 0
    thread = await anna.posts.thread(id=top.id, limit=20, cursor="")
    assert [post.text for post in thread.descendants] == ["bottom"]
    thread = await anna.posts.thread(id=bottom.id, limit=20, cursor="")
    assert [post.text for post in thread.ancestors] == ["top"]
    for gone in (
        anna.posts.history(id=middle.id),
        anna.posts.repost(id=middle.id),
        anna.posts.delete(id=middle.id),
        write(anna, in_reply_to_id=middle.id),
        anna.posts.reposters(id=middle.id, cursor="", limit=1),
    ):
        with pytest.raises(NotFound):
            await gone


async def test_nobody_deletes_what_they_cannot_see(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await write(anna, scope=Scope.FOLLOWERS)
    with pytest.raises(NotFound):
        await boris.posts.delete(id=post.id)
    with pytest.raises(Unauthenticated):
        await world.stranger.posts.delete(id=post.id)


async def test_moderators_delete_anything(world: World) -> None:
    anna, judge = await world.person("anna"), await world.person("judge", "moderator")
    post = await write(anna, scope=Scope.MENTIONED)
    await judge.posts.delete(id=post.id)
    assert await seen(anna, post) == []
