"""Reposts, bookmarks and pins."""

from samovar.contracts.items import ItemShared, ItemUnshared
from samovar.contracts.posts import CannotRepost, PostReposted, TooManyPins
from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import Forbidden, Invalid, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.posts.domain.post import OPEN, PINS, Post, Seen, is_id
from samovar.services.posts.repository import marks, posts
from samovar.services.posts.service.common import KIND, Pace
from samovar.services.posts.service.reading import Reading


class Marks:
    """What people do with posts that are there."""

    def __init__(self, kit: Kit, reading: Reading) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self._ids = kit.ids
        self._pace = Pace(kit)
        self._reading = reading

    async def repost(self, call: Call, post_id: int) -> Seen:
        """Show a post to one's followers. Twice is once."""
        viewer = signed_in(call)
        seen = await self._reading.one(call, post_id)
        if seen.reposted:
            return seen
        post = seen.post
        if post.hidden or not await may_pass_on(self._reading, call, post):
            raise CannotRepost
        await self._pace.keep(call)

        async def write(tx: Tx) -> None:
            now = self._clock.now()
            share = marks.Share(self._ids(), post_id, viewer)
            if not await marks.add_repost(tx, share, now):
                return
            if not await posts.count(tx, "reposts", post_id, 1):
                raise NotFound
            await tx.publish(PostReposted(post_id=post_id, author_id=post.author_id, by_id=viewer))
            await tx.publish(
                ItemShared(
                    share_id=share.id, kind=KIND, id=post_id, author_id=post.author_id, by_id=viewer,
                    created_at=now,
                )
            )  # fmt: skip

        await self._db.write(write)
        return await self._reading.one(call, post_id)

    async def unrepost(self, call: Call, post_id: int) -> Seen:
        """Take that back; also for a post that one may no longer see, which then is NotFound."""
        viewer = _marker(call, post_id)

        async def write(tx: Tx) -> None:
            share_id = await marks.remove_repost(tx, post_id, viewer)
            if share_id is not None:
                await posts.count(tx, "reposts", post_id, -1)
                await tx.publish(ItemUnshared(share_id=share_id, kind=KIND, id=post_id, by_id=viewer))

        await self._db.write(write)
        return await self._reading.one(call, post_id)

    async def bookmark(self, call: Call, post_id: int) -> Seen:
        """Keep a post for oneself."""
        viewer = signed_in(call)
        seen = await self._reading.one(call, post_id)

        async def write(tx: Tx) -> None:
            await marks.add_bookmark(tx, self._ids(), post_id, viewer)

        if not seen.bookmarked:
            await self._db.write(write)
        return seen._replace(bookmarked=True)

    async def unbookmark(self, call: Call, post_id: int) -> Seen:
        """Keep it no more."""
        viewer = _marker(call, post_id)

        async def write(tx: Tx) -> None:
            await marks.remove_bookmark(tx, post_id, viewer)

        await self._db.write(write)
        return await self._reading.one(call, post_id)

    async def pin(self, call: Call, post_id: int) -> Seen:
        """Pin one's own post that strangers may see. Raises TooManyPins."""
        viewer = signed_in(call)
        seen = await self._reading.one(call, post_id)
        if seen.post.author_id != viewer:
            raise Forbidden
        if seen.post.visibility not in OPEN:
            raise Invalid("Only public posts can be pinned.")

        async def write(tx: Tx) -> None:
            pinned = await marks.add_pin(tx, self._ids(), post_id, viewer)
            if pinned and await marks.count_pins(tx, viewer) > PINS:
                raise TooManyPins

        if not seen.pinned:
            await self._db.write(write)
        return seen._replace(pinned=True)

    async def unpin(self, call: Call, post_id: int) -> Seen:
        """Take a post off the top of its page."""
        viewer = _marker(call, post_id)

        async def write(tx: Tx) -> None:
            await marks.remove_pin(tx, post_id, viewer)

        await self._db.write(write)
        return await self._reading.one(call, post_id)


async def may_pass_on(reading: Reading, call: Call, post: Post) -> bool:
    """Whether the caller may repost or quote a post they see: their own unless it is between a few
    people; others' only when every stranger might see it."""
    if post.author_id == call.actor:
        return post.visibility != "mentioned"
    if post.visibility not in OPEN:
        return False
    relation = (await reading.graph.relations([post.author_id])).get(post.author_id)
    return relation is not None and not relation.private


def _marker(call: Call, post_id: int) -> int:
    viewer = signed_in(call)
    if not is_id(post_id):
        raise NotFound
    return viewer
