"""What analytics asks of other contexts, in its own words."""

from collections.abc import Collection

from samovar.contracts.items import ITEMS
from samovar.kernel.context import calling, system_call
from samovar.kernel.peers import Peers

#: As many as others answer for at once.
IDS = 100


class Items:
    """Every kind of content, by its name."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    @property
    def kinds(self) -> Collection[str]:
        """The kinds there are."""
        return self._peers.instances(ITEMS)

    async def owners(self, items: Collection[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Whose these items are, of those that are there."""
        found = {}
        by_kind: dict[str, list[int]] = {}
        for kind, id in items:
            by_kind.setdefault(kind, []).append(id)
        for kind in by_kind.keys() & set(self.kinds):
            for start in range(0, len(by_kind[kind]), IDS):
                ids = by_kind[kind][start : start + IDS]
                with calling(system_call("analytics")):
                    cards = await self._peers.get(ITEMS, kind).get_many(ids=tuple(ids))
                found.update({(kind, card.id): card.author_id for card in cards.items})
        return found
