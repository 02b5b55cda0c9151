"""People coming, closing their doors, and going."""

from samovar.contracts.graph import (
    FollowAccepted,
    FollowRemoved,
    FollowRequestRemoved,
    Privacy,
    PrivacyChanged,
)
from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import NotFound, Unauthenticated
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.graph import repository
from samovar.services.graph.domain import FOLLOWER, FOLLOWING, REQUESTED, REQUESTER, Person
from samovar.services.graph.service.ties import Ties


class People:
    """Privacy and the life of a person here."""

    def __init__(self, kit: Kit, ties: Ties) -> None:
        self._kit = kit
        self._ties = ties
        self._batch: int = kit.settings.batch

    async def registered(self, tx: Tx, user_id: int) -> None:
        """Somebody new. Does nothing for whom we know, the departed included."""
        await repository.ensure(tx, user_id)

    async def privacy(self, call: Call) -> Privacy:
        """The caller's privacy."""
        person = await repository.person(self._kit.db, signed_in(call)) or Person()
        return Privacy(private=person.private, hide_followers=person.hide_followers)

    async def set_privacy(self, call: Call, private: bool | None, hide_followers: bool | None) -> Privacy:
        """Change what is given. Opening a private account accepts all who ask (many: a moment later)."""
        actor = signed_in(call)

        async def work(tx: Tx) -> Privacy:
            await repository.ensure(tx, actor)
            person = await repository.person(tx, actor)
            assert person is not None
            if person.gone:
                raise Unauthenticated
            wanted = Privacy(
                private=person.private if private is None else private,
                hide_followers=person.hide_followers if hide_followers is None else hide_followers,
            )
            await repository.set_privacy(
                tx, actor, private=wanted.private, hide_followers=wanted.hide_followers
            )
            if person.private != wanted.private:
                await tx.publish(PrivacyChanged(user_id=actor, private=wanted.private))
            if person.private and not wanted.private and await self._accept_some(tx, actor):
                await tx.schedule("accept", str(actor), self._kit.clock.now())
            return wanted

        return await self._kit.db.write(work)

    async def accept_waiting(self, user_id: int) -> None:
        """Accept everybody who asks, as long as the account is open."""

        async def work(tx: Tx) -> bool:
            person = await repository.person(tx, user_id)
            if person is None or person.private or person.gone:
                return False
            return await self._accept_some(tx, user_id)

        while await self._kit.db.write(work):
            pass

    async def _accept_some(self, tx: Tx, user_id: int) -> bool:
        """Accept the next few who ask; True when there may be more."""
        asking = await repository.page(tx, "requester", user_id, None, None, self._batch, everyone=True)
        for link in asking:
            await self._ties.start_following(tx, link.user_id, user_id)
            await tx.publish(FollowAccepted(follower_id=link.user_id, followee_id=user_id))
        return len(asking) == self._batch

    async def left(self, tx: Tx, user_id: int) -> None:
        """Somebody deletes their account: hidden at once; what is too much for one write follows."""
        if await self._forget_some(tx, user_id):
            await tx.schedule("forget", str(user_id), self._kit.clock.now())

    async def erase(self, call: Call, user_id: int) -> None:
        """Undo all ties of a person, for the system only."""
        if not call.system:
            raise NotFound
        await self.forget(user_id)

    async def forget(self, user_id: int) -> None:
        """Undo all ties of a person, in bounded writes."""

        async def work(tx: Tx) -> bool:
            return await self._forget_some(tx, user_id)

        while await self._kit.db.write(work):
            pass
        await self._kit.cache.drop(f"graph.friends:{user_id}")

    async def _forget_some(self, tx: Tx, user_id: int) -> bool:
        """Mark as gone and undo some ties, correcting others' counters; True when there may be more."""
        await repository.leave(tx, user_id)
        bonds = await repository.take_bonds(tx, user_id, self._batch)
        followees = [other for other, stand in bonds if stand & FOLLOWING]
        followers = [other for other, stand in bonds if stand & FOLLOWER]
        # Their own counters were set to nought by leaving, others' are corrected here.
        await repository.count_follows(tx, followers, followees, -1)
        for followee in followees:
            await tx.publish(FollowRemoved(follower_id=user_id, followee_id=followee))
        for follower in followers:
            await tx.publish(FollowRemoved(follower_id=follower, followee_id=user_id))
        for other, stand in bonds:
            if stand & REQUESTED:
                await tx.publish(FollowRequestRemoved(follower_id=user_id, followee_id=other))
            if stand & REQUESTER:
                await tx.publish(FollowRequestRemoved(follower_id=other, followee_id=user_id))
        return len(bonds) == self._batch
