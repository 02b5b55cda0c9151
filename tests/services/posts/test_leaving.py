"""An account that goes takes its posts along; others' numbers stay right."""

import pytest

from samovar.contracts.common import Scope
from samovar.contracts.items import ItemRemoved, ItemUnshared
from samovar.contracts.personal import PERSONAL
from samovar.contracts.posts import PollDraft
from samovar.kernel.errors import NotFound, Unauthenticated
from tests.services.posts.helpers import Ear, fresh, seen, write
from tests.world import PASSWORD, World


async def test_a_deleted_account_is_nowhere(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await write(anna)
    await boris.posts.bookmark(id=post.id)
    await anna.identity.delete_account(password=PASSWORD)
    await world.drain()
    assert await seen(boris, post) == []
    assert (await boris.posts.bookmarks(cursor="", limit=5)).items == ()
    assert (await boris.posts.counts(user_ids=(anna.id,))).items[0].posts == 0
    with pytest.raises(Unauthenticated):
        await write(anna)


@pytest.mark.settings(SAMOVAR_POSTS__BATCH="2")
async def test_erasure_corrects_all_numbers(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    ear = Ear(world, ItemRemoved, ItemUnshared)
    top = await write(anna, "top", poll=PollDraft(options=("a", "b"), expires_in=600))
    own = [await write(boris, f"no. {number}") for number in range(5)]
    reply = await write(boris, "reply", in_reply_to_id=top.id, quote_of_id=top.id)
    await write(boris, "quiet", Scope.MENTIONED, in_reply_to_id=top.id)
    answer = await write(anna, "answer", in_reply_to_id=reply.id)
    await boris.posts.repost(id=top.id)
    await boris.posts.vote(id=top.id, choices=(0,))
    await boris.posts.bookmark(id=top.id)
    await boris.posts.pin(id=own[0].id)
    await anna.posts.repost(id=own[1].id)
    await boris.posts.edit(id=own[2].id, text="changed")
    await boris.posts.delete(id=own[3].id)
    for _ in range(2):
        await world.system.of(PERSONAL, "posts").erase(user_id=boris.id)
    await world.drain()
    after = await fresh(anna, top)
    assert after.poll is not None
    assert (after.replies, after.quotes, after.reposts) == (0, 0, 0)
    assert [option.votes for option in after.poll.options] == [0, 0] and after.poll.voters_count == 0
    assert await seen(world.system, *own, reply) == []
    assert (await anna.posts.pinned(user_id=boris.id)).items == ()
    # What answered the erased stays in its thread, and no longer says whom it answered.
    thread = await anna.posts.thread(id=top.id, limit=20, cursor="")
    assert [post.id for post in thread.descendants] == [answer.id]
    assert thread.descendants[0].in_reply_to_author_id is None
    assert len(ear.of(ItemRemoved)) == 7 and len(ear.of(ItemUnshared)) == 1


async def test_only_the_system_erases(world: World) -> None:
    anna = await world.person("anna")
    post = await write(anna)
    with pytest.raises(NotFound):
        await anna.of(PERSONAL, "posts").erase(user_id=anna.id)
    assert await seen(anna, post) == [0]
