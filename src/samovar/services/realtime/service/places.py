"""Who is where: presence at items. A hint, kept for a minute."""

from typing import Final

from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import NotFound
from samovar.kernel.ids import parse_id
from samovar.kernel.kit import Kit
from samovar.services.realtime.clients import Graph, Items

#: Seconds that a touch counts.
HERE: Final = 60
#: People named at most.
NAMED: Final = 50


class Places:
    """Presence, for those who may see the item."""

    def __init__(self, kit: Kit, items: Items, graph: Graph) -> None:
        self._presence = kit.presence
        self._items = items
        self._graph = graph

    async def touch(self, call: Call, kind: str, item_id: int) -> None:
        """The caller is at an item. Raises Unauthenticated, NotFound."""
        user_id = signed_in(call)
        await self._presence.touch(await self._place(kind, item_id), str(user_id), HERE)

    async def leave(self, call: Call, kind: str, item_id: int) -> None:
        """The caller has left it."""
        user_id = signed_in(call)
        await self._presence.leave(_name(kind, item_id), str(user_id))

    async def who(self, call: Call, kind: str, item_id: int) -> tuple[list[int], int]:
        """Some who are at an item, without those whom a block keeps apart from the caller, and how many
        there are. Raises Unauthenticated, NotFound."""
        user_id = signed_in(call)
        place = await self._place(kind, item_id)
        members = [parse_id(member) for member in await self._presence.members(place, NAMED)]
        others = [member for member in members if member is not None and member != user_id]
        apart = await self._graph.apart(others)
        shown = [member for member in members if member is not None and member not in apart]
        return shown, max(0, await self._presence.count(place) - len(apart))

    async def _place(self, kind: str, item_id: int) -> str:
        if not await self._items.visible(kind, item_id):
            raise NotFound
        return _name(kind, item_id)


def _name(kind: str, item_id: int) -> str:
    return f"realtime.item:{kind[:40]}:{item_id}"
