"""People leaving: their posts hidden at once, erased in small writes."""

from collections import Counter

from samovar.contracts.items import ItemUnshared
from samovar.kernel.context import Call
from samovar.kernel.errors import NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.posts.domain.post import counted, is_id
from samovar.services.posts.repository import marks, polls, posts
from samovar.services.posts.service.common import KIND, POLL_END
from samovar.services.posts.service.removing import publish_removed
from samovar.services.posts.service.voting import with_vote
from samovar.services.posts.settings import Settings


class Erasing:
    """Removal of all that is kept of a person."""

    def __init__(self, kit: Kit) -> None:
        settings: Settings = kit.settings
        self._db = kit.db
        self._batch = settings.batch

    async def leave(self, tx: Tx, user_id: int) -> None:
        """From now on nobody sees this person's posts."""
        await posts.leave(tx, user_id)

    async def erase(self, call: Call, user_id: int) -> None:
        """Erase posts, reposts, votes, bookmarks and pins; numbers elsewhere are corrected."""
        if not call.system or not is_id(user_id):
            raise NotFound

        async def leave(tx: Tx) -> None:
            await posts.leave(tx, user_id)

        async def forget(tx: Tx) -> int:
            return await marks.forget(tx, user_id, self._batch)

        await self._db.write(leave)
        while await self._erase_posts(user_id):
            pass
        while await self._erase_reposts(user_id):
            pass
        while await self._erase_votes(user_id):
            pass
        while await self._db.write(forget):
            pass

    async def _erase_posts(self, user_id: int) -> bool:
        """Erase some; False when there were none left."""
        ids = [item.post.id for item in await posts.authored(self._db, user_id, self._batch)]
        if not ids:
            return False

        async def sweep(tx: Tx) -> int:
            return await marks.sweep(tx, ids, self._batch)

        # Everybody's marks on them first: there may be very many.
        while await self._db.write(sweep):
            pass

        async def write(tx: Tx) -> None:
            found = await posts.authored(tx, user_id, self._batch)
            alive = [item.post for item in found if not item.deleted]
            seen = [post for post in alive if counted(post.visibility)]
            for name, parents in (
                ("replies", [post.reply_to_id for post in seen]),
                ("quotes", [post.quote_of_id for post in seen]),
            ):
                counts = Counter(parent for parent in parents if parent is not None)
                await posts.count_many(tx, name, {id: -count for id, count in counts.items()})
            for post in alive:
                if post.has_poll:
                    await tx.cancel(POLL_END, str(post.id))
            await posts.erase(tx, [item.post.id for item in found])
            await publish_removed(tx, alive)

        await self._db.write(write)
        return True

    async def _erase_reposts(self, user_id: int) -> bool:
        async def write(tx: Tx) -> bool:
            shares = await marks.reposts_of(tx, user_id, self._batch)
            for share in shares:
                await marks.remove_repost(tx, share.post_id, user_id)
                await tx.publish(ItemUnshared(share_id=share.id, kind=KIND, id=share.post_id, by_id=user_id))
            await posts.count_many(tx, "reposts", {share.post_id: -1 for share in shares})
            return bool(shares)

        return await self._db.write(write)

    async def _erase_votes(self, user_id: int) -> bool:
        async def write(tx: Tx) -> bool:
            votes = await polls.votes_of(tx, user_id, self._batch)
            ids = [vote.post_id for vote in votes]
            found = await polls.by_ids(tx, ids) if ids else {}
            for vote in votes:
                poll = found.get(vote.post_id)
                if poll is not None:
                    await polls.tally(tx, with_vote(poll, vote.choices, -1))
            if ids:
                await polls.remove_votes(tx, user_id, ids)
            return bool(votes)

        return await self._db.write(write)
