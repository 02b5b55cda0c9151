"""What media asks of other contexts, in its own words."""

from collections.abc import Collection, Mapping

import msgspec

from samovar.contracts.items import ITEMS, Card
from samovar.kernel.context import calling, current_call
from samovar.kernel.peers import Peers
from samovar.services.media.domain import Item


class Items:
    """Every kind of content, by its name."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def seen(self, items: Collection[Item]) -> Mapping[Item, Card]:
        """Those of the items that the caller may see; one call for each kind."""
        by_kind: dict[str, list[int]] = {}
        for item in items:
            by_kind.setdefault(item.kind, []).append(item.id)
        known = self._peers.instances(ITEMS)
        found = {}
        for kind in by_kind.keys() & set(known):
            ids = list(dict.fromkeys(by_kind[kind]))
            for start in range(0, len(ids), 100):
                cards = await self._peers.get(ITEMS, kind).get_many(ids=ids[start : start + 100])
                found.update({Item(kind, card.id): card for card in cards.items})
        return found

    async def seen_by_all(self, items: Collection[Item]) -> Mapping[Item, Card]:
        """Those that a stranger may see."""
        call = current_call()
        stranger = msgspec.structs.replace(call, actor=None, roles=(), session=None, system=False, memo={})
        with calling(stranger):
            return await self.seen(items)
