"""Lists of people, as the caller may see them."""

from collections.abc import Sequence

from samovar.contracts.graph import Friend, FriendList, PersonPage
from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.paging import page_size
from samovar.services.graph import repository
from samovar.services.graph.clients import Accounts
from samovar.services.graph.domain import Link, Person, may_list, may_suggest, page_start

#: How many candidates for suggestions are kept for a person.
CANDIDATES = 100


class Lists:
    """Followers, followees, requests, blocks, mutes, suggestions."""

    def __init__(self, kit: Kit, accounts: Accounts) -> None:
        self._kit = kit
        self._db = kit.db
        self._accounts = accounts

    async def followers(self, call: Call, user_id: int, cursor: str, limit: int) -> PersonPage:
        """Who follows a person. Raises NotFound when the caller may not know."""
        await self._check(call, user_id)
        return await self._page(call, "follower", user_id, cursor, limit, everyone=call.system)

    async def following(self, call: Call, user_id: int, cursor: str, limit: int) -> PersonPage:
        """Whom a person follows. Raises NotFound when the caller may not know."""
        await self._check(call, user_id)
        return await self._page(call, "following", user_id, cursor, limit, everyone=call.system)

    async def requests(self, call: Call, cursor: str, limit: int) -> PersonPage:
        """Who asks to follow the caller."""
        return await self._page(call, "requester", signed_in(call), cursor, limit)

    async def blocked(self, call: Call, cursor: str, limit: int) -> PersonPage:
        """Whom the caller blocks."""
        return await self._page(call, "blocking", signed_in(call), cursor, limit, everyone=True)

    async def muted(self, call: Call, cursor: str, limit: int) -> PersonPage:
        """Whom the caller mutes."""
        return await self._page(call, "muting", signed_in(call), cursor, limit)

    async def suggestions(self, call: Call, limit: int) -> PersonPage:
        """People the caller may want to follow: friends of friends, then the newest."""
        size = page_size(limit)
        newest = await repository.newest(self._db, CANDIDATES)
        if call.actor is None:
            return PersonPage(user_ids=tuple(newest[:size]))
        close = [user_id for user_id, _ in await self._friends_of_friends(call.actor)]
        candidates = list(dict.fromkeys((*close, *newest)))
        stands = await repository.stands(self._db, call.actor, candidates)
        found = [
            user_id for user_id in candidates if user_id != call.actor and may_suggest(stands.get(user_id, 0))
        ]
        return PersonPage(user_ids=tuple(found[:size]))

    async def friends_of_friends(self, call: Call, limit: int) -> FriendList:
        """Whom the caller's followees follow, with how many of these do, as far as they may be suggested."""
        user, size = signed_in(call), page_size(limit)
        close = await self._friends_of_friends(user)
        stands = await repository.stands(self._db, user, [other for other, _ in close])
        found = [
            Friend(user_id=other, through=through)
            for other, through in close
            if other != user and may_suggest(stands.get(other, 0))
        ]
        return FriendList(items=tuple(found[:size]))

    async def _friends_of_friends(self, user_id: int) -> Sequence[tuple[int, int]]:
        """Candidates, kept for some minutes because finding them goes through many rows."""
        key = f"graph.friends:{user_id}"
        found: Sequence[tuple[int, int]] | None = await self._kit.cache.get(key, tuple[tuple[int, int], ...])
        if found is None:
            found = tuple(await repository.friends_of_friends(self._db, user_id, CANDIDATES))
            await self._kit.cache.set(key, found, self._kit.settings.suggestions_seconds)
        return found

    async def _check(self, call: Call, user_id: int) -> None:
        owner = await repository.person(self._db, user_id)
        if owner is None:
            if not await self._accounts.exists(user_id):
                raise NotFound
            owner = Person()
        own = call.system or call.actor == user_id
        stand = 0 if own else await repository.stand(self._db, call.actor, user_id)
        if not may_list(owner, stand, own=own):
            raise NotFound

    async def _page(
        self, call: Call, side: str, user_id: int, cursor: str, limit: int, *, everyone: bool = False
    ) -> PersonPage:
        before, size = page_start(cursor), page_size(limit)
        found: list[Link] = await repository.page(
            self._db, side, user_id, call.actor, before, size + 1, everyone=everyone
        )
        shown = found[:size]
        return PersonPage(
            user_ids=tuple(link.user_id for link in shown),
            next=str(shown[-1].order) if len(found) > size else "",
        )
