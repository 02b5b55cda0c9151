"""Following, asking to, and answering those who ask."""

from collections.abc import Callable, Coroutine
from typing import Any

from samovar.contracts.graph import CannotFollow, FollowAccepted, FollowRequested, Relationship
from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound, RateLimited
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.graph import repository
from samovar.services.graph.domain import (
    FOLLOWER,
    FOLLOWING,
    REQUEST,
    REQUESTED,
    REQUESTER,
    Person,
    may_follow,
)
from samovar.services.graph.service.relations import forget_relations, relationship
from samovar.services.graph.service.ties import Ties

Work = Callable[[Tx], Coroutine[Any, Any, int]]


class Follows:
    """What people do about following each other."""

    def __init__(self, kit: Kit, ties: Ties) -> None:
        self._kit = kit
        self._ties = ties

    async def follow(self, call: Call, user_id: int) -> Relationship:
        """Follow, or ask to. Raises Invalid, NotFound, CannotFollow, RateLimited."""
        actor = signed_in(call)
        if actor == user_id:
            raise Invalid(fields={"user_id": "You can't follow yourself."})
        await self._ties.must_exist(user_id)
        if not await repository.stand(self._kit.db, actor, user_id) & (FOLLOWING | REQUESTED):
            await self._slow_down(call)

        async def work(tx: Tx) -> int:
            one, other = await self._ties.both(tx, actor, user_id)
            stand = await repository.stand(tx, actor, user_id)
            if not may_follow(stand):
                raise CannotFollow
            if stand & FOLLOWING or (stand & REQUESTED and other.private):
                return stand
            await self._check_limit(tx, actor, one)
            if other.private:
                await repository.tie(tx, REQUEST, actor, user_id, self._kit.ids())
                await tx.publish(FollowRequested(follower_id=actor, followee_id=user_id))
            else:
                await self._ties.start_following(tx, actor, user_id)
            return await repository.stand(tx, actor, user_id)

        return await self._change(call, user_id, work)

    async def unfollow(self, call: Call, user_id: int) -> Relationship:
        """Stop following, or take the request back. Harmless when there is neither."""
        actor = signed_in(call)

        async def work(tx: Tx) -> int:
            stand = await repository.stand(tx, actor, user_id)
            if stand & FOLLOWING:
                await self._ties.stop_following(tx, actor, user_id)
            if stand & REQUESTED:
                await self._ties.stop_asking(tx, actor, user_id)
            return await repository.stand(tx, actor, user_id)

        return await self._change(call, user_id, work)

    async def accept(self, call: Call, user_id: int) -> Relationship:
        """Let somebody who asked follow the caller. Raises NotFound when they didn't ask."""
        actor = signed_in(call)

        async def work(tx: Tx) -> int:
            stand = await repository.stand(tx, actor, user_id)
            if not stand & (FOLLOWER | REQUESTER):
                raise NotFound("They don't ask to follow you any more.")
            if stand & REQUESTER:
                await self._ties.start_following(tx, user_id, actor)
                await tx.publish(FollowAccepted(follower_id=user_id, followee_id=actor))
            return await repository.stand(tx, actor, user_id)

        return await self._change(call, user_id, work)

    async def reject(self, call: Call, user_id: int) -> Relationship:
        """Turn somebody's request down; they are not told."""
        actor = signed_in(call)

        async def work(tx: Tx) -> int:
            if await repository.stand(tx, actor, user_id) & REQUESTER:
                await self._ties.stop_asking(tx, user_id, actor)
            return await repository.stand(tx, actor, user_id)

        return await self._change(call, user_id, work)

    async def remove_follower(self, call: Call, user_id: int) -> Relationship:
        """Take a follower away; they are not told."""
        actor = signed_in(call)

        async def work(tx: Tx) -> int:
            if await repository.stand(tx, actor, user_id) & FOLLOWER:
                await self._ties.stop_following(tx, user_id, actor)
            return await repository.stand(tx, actor, user_id)

        return await self._change(call, user_id, work)

    async def _change(self, call: Call, user_id: int, work: Work) -> Relationship:
        stand = await self._kit.db.write(work)
        forget_relations(call)
        return relationship(user_id, stand)

    async def _slow_down(self, call: Call) -> None:
        decision = await self._kit.limiter.take("follow", call)
        if not decision.allowed:
            raise RateLimited(
                "That's a lot of people at once. Please wait a little.", retry_after=decision.retry_after
            )

    async def _check_limit(self, tx: Tx, actor: int, person: Person) -> None:
        waiting = await repository.pending(tx, actor)
        if person.following + waiting >= self._kit.settings.max_following:
            raise CannotFollow("You already follow as many people as one can here.")
