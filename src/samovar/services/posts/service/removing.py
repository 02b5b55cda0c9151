"""Deleting posts and hiding them."""

from collections.abc import Sequence
from contextlib import suppress

from samovar.contracts.items import ItemRemoved
from samovar.contracts.posts import PostDeleted
from samovar.kernel.authz import may, require, signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import Forbidden, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.posts.domain.post import Post, counted, is_id
from samovar.services.posts.repository import judging, marks, posts
from samovar.services.posts.service.common import KIND, POLL_END, SWEEP, item_changed, post_created
from samovar.services.posts.service.reading import Reading
from samovar.services.posts.settings import Settings


class Removing:
    """An author's last word, and a moderator's."""

    def __init__(self, kit: Kit, reading: Reading) -> None:
        settings: Settings = kit.settings
        self._db = kit.db
        self._batch = settings.batch
        self._clock = kit.clock
        self._reading = reading

    async def delete(self, call: Call, post_id: int) -> None:
        """Delete one's own post; moderators any. A repeated request is answered like the first."""
        actor = None if call.system else signed_in(call)
        moderates = may(call, "content.delete")
        post = await posts.one(self._db, post_id) if is_id(post_id) else None
        if post is None:
            author = await posts.author_of(self._db, post_id) if is_id(post_id) else None
            if author is not None and (moderates or author == actor):
                return
            raise NotFound
        if post.author_id != actor and not moderates:
            await self._reading.one(call, post_id)
            raise Forbidden

        async def write(tx: Tx) -> None:
            post = await posts.one(tx, post_id)
            if post is None:
                return
            await posts.bury(tx, post_id)
            await marks.remove_pin(tx, post_id, post.author_id)
            if counted(post.visibility):
                await posts.count_author(tx, post.author_id, -1)
                if post.reply_to_id:
                    await posts.count(tx, "replies", post.reply_to_id, -1)
                if post.quote_of_id:
                    await posts.count(tx, "quotes", post.quote_of_id, -1)
            if post.has_poll:
                await tx.cancel(POLL_END, str(post_id))
            await tx.schedule(SWEEP, str(post_id), self._clock.now())
            await publish_removed(tx, [post])

        await self._db.write(write)

    async def sweep(self, post_id: int) -> None:
        """Remove, in small writes, what hangs on a deleted post."""

        async def write(tx: Tx) -> int:
            return await marks.sweep(tx, [post_id], self._batch)

        while await self._db.write(write):
            pass

    async def set_hidden(self, call: Call, post_id: int, hidden: bool, held: bool) -> None:
        """Hide a post by a moderator's decision, or show it again. Those concerned by a post that had to be
        approved first are told of it when it is shown."""
        require(call, "content.hide")

        async def write(tx: Tx) -> None:
            post = await posts.one(tx, post_id) if is_id(post_id) else None
            if post is None:
                raise NotFound
            judged = post._replace(hidden=hidden, held=hidden and held, told=post.told or not hidden)
            if judged == post:
                return
            await judging.judge(tx, judged)
            if judged.hidden != post.hidden:
                await tx.publish(item_changed(judged))
            if judged.told and not post.told:
                quoted = await posts.author_of(tx, post.quote_of_id) if post.quote_of_id else None
                await tx.publish(post_created(judged, quoted))

        await self._db.write(write)

    async def set_sensitive(self, call: Call, post_id: int, sensitive: bool) -> None:
        """Put a post behind a warning by a moderator's decision, or no longer."""
        require(call, "content.mark")

        async def write(tx: Tx) -> None:
            post = await posts.one(tx, post_id) if is_id(post_id) else None
            if post is None:
                raise NotFound
            if post.sensitive != sensitive:
                judged = post._replace(sensitive=sensitive)
                await judging.judge(tx, judged)
                await tx.publish(item_changed(judged))

        await self._db.write(write)

    async def remove(self, call: Call, post_id: int) -> None:
        """A moderator's deletion."""
        require(call, "content.delete")
        with suppress(NotFound):
            await self.delete(call, post_id)


async def publish_removed(tx: Tx, removed: Sequence[Post]) -> None:
    """Tell that posts are gone for good."""
    for post in removed:
        await tx.publish(PostDeleted(post_id=post.id, author_id=post.author_id))
        await tx.publish(ItemRemoved(kind=KIND, id=post.id, author_id=post.author_id))
