"""What reactions asks of other contexts, in its own words."""

from collections.abc import Collection

from samovar.contracts.graph import GRAPH
from samovar.contracts.items import ITEMS
from samovar.kernel.peers import Peers, lazy
from samovar.services.reactions.domain import Item


class Items:
    """Every kind of content, by its name."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def author(self, item: Item) -> int | None:
        """Whose item it is; None when there is no such thing for the caller."""
        if item.kind not in self._peers.instances(ITEMS):
            return None
        found = await self._peers.get(ITEMS, item.kind).get_many(ids=(item.id,))
        return found.items[0].author_id if found.items else None


class Graph:
    """Blocks."""

    def __init__(self, peers: Peers) -> None:
        self._api = lazy(peers, GRAPH)

    async def apart(self, user_ids: Collection[int]) -> set[int]:
        """Those of these people whom a block keeps apart from the caller."""
        if not user_ids:
            return set()
        found = await self._api.relations(user_ids=tuple(user_ids))
        return {item.user_id for item in found.items if item.blocking or item.blocked_by}
