"""Who may hear what: asked of the items' own contracts in the name of who listens."""

import asyncio
from collections.abc import Collection, Iterable
from typing import Final

from samovar.contracts.items import ITEMS
from samovar.edge.edge import Edge
from samovar.edge.sockets.person import Person, channel_of, item_of
from samovar.kernel.context import Call, calling

#: Items asked for at once.
MOST: Final = 100
#: People that somebody mutes or blocks, as far as live events are kept from them.
ASIDE: Final = 100
PUBLIC: Final = "public"


class Audience:
    """Asks on behalf of listeners."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def allowed(self, person: Person, channels: Iterable[str]) -> set[str]:
        """Those of the channels that there are for a person."""
        asked = set(channels)
        wanted: dict[str, list[int]] = {}
        for channel in asked:
            if (item := item_of(channel)) is not None:
                wanted.setdefault(item[0], []).append(item[1])
        found = {PUBLIC} & asked
        for kind, ids in wanted.items():
            visible = await self.visible(self._call_of(person), kind, ids)
            found |= {channel_of(kind, item_id) for item_id in visible}
        return found

    async def visible(self, call: Call, kind: str, ids: Collection[int]) -> set[int]:
        """Those of the items that a caller may see."""
        if kind not in self._edge.peers.instances(ITEMS):
            return set()
        items, listed = self._edge.peers.get(ITEMS, kind), sorted(set(ids))
        found: set[int] = set()
        with calling(call):
            for start in range(0, len(listed), MOST):
                cards = await items.get_many(ids=tuple(listed[start : start + MOST]))
                found |= {card.id for card in cards.items}
        return found

    async def open_to_all(self, kind: str, ids: Collection[int]) -> set[int]:
        """Those of the items that strangers may see."""
        return await self.visible(Call(deadline=_now() + 10), kind, ids)

    async def aside(self, person: Person) -> frozenset[int]:
        """Whom a person mutes or blocks, the latest hundred of each."""
        with calling(self._call_of(person)):
            muted = await self._edge.graph.muted(cursor="", limit=ASIDE)
            blocked = await self._edge.graph.blocked(cursor="", limit=ASIDE)
        return frozenset((*muted.user_ids, *blocked.user_ids))

    def _call_of(self, person: Person) -> Call:
        return person.call(_now())


def _now() -> float:
    return asyncio.get_running_loop().time()
