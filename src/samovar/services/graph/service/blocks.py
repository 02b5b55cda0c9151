"""Blocking and muting."""

from samovar.contracts.graph import Relationship, UserBlocked, UserMuted
from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.graph import repository
from samovar.services.graph.domain import (
    BLOCK,
    BLOCKING,
    FOLLOWER,
    FOLLOWING,
    MUTE,
    MUTING,
    REQUESTED,
    REQUESTER,
    Tie,
)
from samovar.services.graph.service.relations import forget_relations, relationship
from samovar.services.graph.service.ties import Ties


class Blocks:
    """What people do to have peace from each other."""

    def __init__(self, kit: Kit, ties: Ties) -> None:
        self._kit = kit
        self._ties = ties

    async def block(self, call: Call, user_id: int) -> Relationship:
        """End all follows and requests between the two, and hide each from the other."""
        actor = signed_in(call)
        if actor == user_id:
            raise Invalid(fields={"user_id": "You can't block yourself."})
        await self._ties.must_exist(user_id)

        async def work(tx: Tx) -> int:
            await self._ties.both(tx, actor, user_id)
            stand = await repository.stand(tx, actor, user_id)
            if stand & FOLLOWING:
                await self._ties.stop_following(tx, actor, user_id)
            if stand & FOLLOWER:
                await self._ties.stop_following(tx, user_id, actor)
            if stand & REQUESTED:
                await self._ties.stop_asking(tx, actor, user_id)
            if stand & REQUESTER:
                await self._ties.stop_asking(tx, user_id, actor)
            if not stand & BLOCKING:
                await repository.tie(tx, BLOCK, actor, user_id, self._kit.ids())
                await tx.publish(UserBlocked(user_id=actor, blocked_id=user_id))
            return await repository.stand(tx, actor, user_id)

        stand = await self._kit.db.write(work)
        forget_relations(call)
        return relationship(user_id, stand)

    async def unblock(self, call: Call, user_id: int) -> Relationship:
        """Take a block back. Follows don't come back with it."""
        return await self._untie(call, BLOCK, user_id)

    async def mute(self, call: Call, user_id: int) -> Relationship:
        """Hide somebody from the caller's lists, unnoticed by them."""
        actor = signed_in(call)
        if actor == user_id:
            raise Invalid(fields={"user_id": "You can't mute yourself."})
        await self._ties.must_exist(user_id)

        async def work(tx: Tx) -> int:
            await self._ties.both(tx, actor, user_id)
            if not await repository.stand(tx, actor, user_id) & MUTING:
                await repository.tie(tx, MUTE, actor, user_id, self._kit.ids())
                await tx.publish(UserMuted(user_id=actor, muted_id=user_id))
            return await repository.stand(tx, actor, user_id)

        stand = await self._kit.db.write(work)
        forget_relations(call)
        return relationship(user_id, stand)

    async def unmute(self, call: Call, user_id: int) -> Relationship:
        """Take a mute back."""
        return await self._untie(call, MUTE, user_id)

    async def _untie(self, call: Call, kind: Tie, user_id: int) -> Relationship:
        actor = signed_in(call)

        async def work(tx: Tx) -> int:
            await repository.untie(tx, kind, actor, user_id)
            return await repository.stand(tx, actor, user_id)

        stand = await self._kit.db.write(work)
        forget_relations(call)
        return relationship(user_id, stand)
