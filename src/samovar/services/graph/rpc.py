"""Graph's contracts, over its use cases."""

from collections.abc import Sequence

from samovar.contracts.common import Done
from samovar.contracts.graph import (
    CountList,
    FriendList,
    Pair,
    PersonPage,
    Privacy,
    Relationship,
    RelationshipList,
)
from samovar.kernel.context import current_call
from samovar.services.graph.service import GraphService


class GraphRpc:
    """Implements GraphApi."""

    def __init__(self, service: GraphService) -> None:
        self._service = service

    async def follow(self, *, user_id: int) -> Relationship:
        return await self._service.follows.follow(current_call(), user_id)

    async def unfollow(self, *, user_id: int) -> Relationship:
        return await self._service.follows.unfollow(current_call(), user_id)

    async def block(self, *, user_id: int) -> Relationship:
        return await self._service.blocks.block(current_call(), user_id)

    async def unblock(self, *, user_id: int) -> Relationship:
        return await self._service.blocks.unblock(current_call(), user_id)

    async def mute(self, *, user_id: int) -> Relationship:
        return await self._service.blocks.mute(current_call(), user_id)

    async def unmute(self, *, user_id: int) -> Relationship:
        return await self._service.blocks.unmute(current_call(), user_id)

    async def accept(self, *, user_id: int) -> Relationship:
        return await self._service.follows.accept(current_call(), user_id)

    async def reject(self, *, user_id: int) -> Relationship:
        return await self._service.follows.reject(current_call(), user_id)

    async def remove_follower(self, *, user_id: int) -> Relationship:
        return await self._service.follows.remove_follower(current_call(), user_id)

    async def relations(self, *, user_ids: Sequence[int] = ()) -> RelationshipList:
        return RelationshipList(items=await self._service.relations.many(current_call(), user_ids))

    async def stands(self, *, pairs: Sequence[Pair] = ()) -> RelationshipList:
        asked = [(pair.user_id, pair.other_id) for pair in pairs]
        return RelationshipList(items=await self._service.relations.of_pairs(current_call(), asked))

    async def counts(self, *, user_ids: Sequence[int] = ()) -> CountList:
        return CountList(items=await self._service.relations.counts(user_ids))

    async def followers(self, *, user_id: int, cursor: str, limit: int) -> PersonPage:
        return await self._service.lists.followers(current_call(), user_id, cursor, limit)

    async def following(self, *, user_id: int, cursor: str, limit: int) -> PersonPage:
        return await self._service.lists.following(current_call(), user_id, cursor, limit)

    async def requests(self, *, cursor: str, limit: int) -> PersonPage:
        return await self._service.lists.requests(current_call(), cursor, limit)

    async def blocked(self, *, cursor: str, limit: int) -> PersonPage:
        return await self._service.lists.blocked(current_call(), cursor, limit)

    async def muted(self, *, cursor: str, limit: int) -> PersonPage:
        return await self._service.lists.muted(current_call(), cursor, limit)

    async def suggestions(self, *, limit: int) -> PersonPage:
        return await self._service.lists.suggestions(current_call(), limit)

    async def friends_of_friends(self, *, limit: int) -> FriendList:
        return await self._service.lists.friends_of_friends(current_call(), limit)

    async def get_privacy(self) -> Privacy:
        return await self._service.people.privacy(current_call())

    async def set_privacy(
        self, *, private: bool | None = None, hide_followers: bool | None = None
    ) -> Privacy:
        return await self._service.people.set_privacy(current_call(), private, hide_followers)


class PersonalRpc:
    """Implements PersonalApi for graph."""

    def __init__(self, service: GraphService) -> None:
        self._service = service

    async def erase(self, *, user_id: int) -> Done:
        await self._service.people.erase(current_call(), user_id)
        return Done()
