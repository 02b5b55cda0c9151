"""What realtime needs of others: whom somebody follows, and which items they may see."""

from samovar.contracts.graph import GRAPH
from samovar.contracts.items import ITEMS
from samovar.kernel.peers import Peers, lazy

#: Asked for at once.
PAGE = 100


class Graph:
    """How people stand to each other."""

    def __init__(self, peers: Peers) -> None:
        self._api = lazy(peers, GRAPH)

    async def following(self, user_id: int, limit: int) -> list[int]:
        """Whom the caller follows, latest first, up to a limit."""
        found: list[int] = []
        cursor = ""
        for _ in range(-(-limit // PAGE)):
            page = await self._api.following(user_id=user_id, cursor=cursor, limit=PAGE)
            found += page.user_ids
            cursor = page.next
            if not cursor:
                break
        return found[:limit]

    async def apart(self, user_ids: list[int]) -> set[int]:
        """Those of these people whom a block keeps apart from the caller."""
        if not user_ids:
            return set()
        answer = await self._api.relations(user_ids=tuple(user_ids))
        return {item.user_id for item in answer.items if item.blocking or item.blocked_by}


class Items:
    """Every kind of content, by its name."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def visible(self, kind: str, item_id: int) -> bool:
        """Whether there is such an item for the caller."""
        if kind not in self._peers.instances(ITEMS):
            return False
        return bool((await self._peers.get(ITEMS, kind).get_many(ids=(item_id,))).items)
