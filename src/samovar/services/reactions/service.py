"""Reacting, taking it back, and looking."""

from collections.abc import Sequence
from typing import Final

from samovar.contracts.reactions import ReactionAdded, ReactionRemoved, UnknownReaction
from samovar.kernel.authz import signed_in
from samovar.kernel.clock import DAY
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.paging import below, page_size
from samovar.kernel.store import Tx
from samovar.services.reactions import repository
from samovar.services.reactions.clients import Graph, Items
from samovar.services.reactions.domain import Item, Reaction, Summary, is_id
from samovar.services.reactions.settings import Kind, Settings

ERASE_ITEM: Final = "erase_item"
ERASE_USER: Final = "erase_user"
PRUNE: Final = "prune"
#: How long it is remembered that an item is gone.
REMEMBER: Final = 7 * DAY
#: Items whose reactions are kept for the next reader.
KNOWN: Final = 20_000


class ReactionsService:
    """All use cases of reactions."""

    def __init__(self, kit: Kit, items: Items, graph: Graph) -> None:
        settings: Settings = kit.settings
        self._db = kit.db
        self._clock = kit.clock
        self._ids = kit.ids
        self._limiter = kit.limiter
        self._batch = settings.batch
        self._items = items
        self._graph = graph
        self.types: Sequence[Kind] = settings.types
        self._tallies = repository.Known(kit.db, KNOWN)
        self._known = frozenset(kind.type for kind in settings.types)

    async def react(self, call: Call, item: Item, type: str) -> Summary:
        """React, instead of any earlier reaction of the caller to the item."""
        user = signed_in(call)
        if type not in self._known:
            raise UnknownReaction
        author = await self._author(item)
        if await repository.type_of(self._db, item, user) == type:
            return await self._summary(call, item)
        await self._limiter.demand("react", call)
        now = self._clock.now()

        async def write(tx: Tx) -> None:
            if await repository.is_removed(tx, item):
                raise NotFound
            former = await repository.type_of(tx, item, user)
            if former == type:
                return
            await repository.put(tx, item, Reaction(self._ids(), user, type, now))
            await repository.add_one(tx, item, type)
            if former is not None:
                await repository.take_one(tx, item, former)
                await tx.publish(_removed(item, user, former))
            await tx.publish(
                ReactionAdded(
                    kind=item.kind, item_id=item.id, user_id=user, type=type, author_id=author, created_at=now
                )
            )

        await self._db.write(write)
        return await self._summary(call, item)

    async def unreact(self, call: Call, item: Item, type: str) -> Summary:
        """Take a reaction back, if it is of that type."""
        user = signed_in(call)
        await self._author(item)

        async def write(tx: Tx) -> None:
            if await repository.remove(tx, item, user, type):
                await repository.take_one(tx, item, type)
                await tx.publish(_removed(item, user, type))

        await self._db.write(write)
        return await self._summary(call, item)

    async def summaries(self, call: Call, kind: str, ids: Sequence[int]) -> list[Summary]:
        """Counts and the caller's own, one per id. Whether they may see the items is not asked."""
        if len(ids) > 100:
            raise Invalid(fields={"ids": "Ask for at most 100 at once."})
        asked = [id for id in ids if is_id(id)]
        counts, own = await self._tallies.of(kind, asked, call.actor) if asked else ({}, {})
        return [
            Summary(id, self._shown(counts[id]), own.get(id, "")) if id in counts else Summary(id, {}, "")
            for id in ids
        ]

    def _shown(self, counts: dict[str, int]) -> dict[str, int]:
        """Without types that are no longer offered."""
        if self._known.issuperset(counts):
            return counts
        return {type: number for type, number in counts.items() if type in self._known}

    async def who(
        self, call: Call, item: Item, type: str, cursor: str, limit: int
    ) -> tuple[list[Reaction], str]:
        """Who reacted, newest first, without people whom a block keeps apart from the caller."""
        if type and type not in self._known:
            raise UnknownReaction
        before, size = below(cursor), page_size(limit)
        await self._author(item)
        found = await repository.who(self._db, item, type, before, size + 1)
        following = str(found[size - 1].id) if len(found) > size else ""
        shown = [reaction for reaction in found[:size] if reaction.type in self._known]
        if call.actor is not None:
            others = {reaction.user_id for reaction in shown} - {call.actor}
            apart = await self._graph.apart(others)
            shown = [reaction for reaction in shown if reaction.user_id not in apart]
        return shown, following

    async def _author(self, item: Item) -> int:
        """Whose it is. Raises NotFound when the caller may not see it."""
        author = await self._items.author(item) if is_id(item.id) else None
        if author is None:
            raise NotFound
        return author

    async def _summary(self, call: Call, item: Item) -> Summary:
        return (await self.summaries(call, item.kind, (item.id,)))[0]

    async def item_removed(self, tx: Tx, item: Item) -> None:
        """An item is gone: its numbers go at once, the rest in small writes."""
        now = self._clock.now()
        await repository.mark_removed(tx, item, now)
        await tx.schedule(ERASE_ITEM, f"{item.kind}:{item.id}", now)

    async def erase_item(self, item: Item) -> None:
        """Remove what is left of a removed item."""

        async def write(tx: Tx) -> int:
            return await repository.drop_some(tx, item, self._batch)

        while await self._db.write(write):
            pass

    async def user_leaves(self, tx: Tx, user_id: int) -> None:
        """An account is going: its reactions go in small writes."""
        await tx.schedule(ERASE_USER, str(user_id), self._clock.now())

    async def erase_user(self, call: Call, user_id: int) -> None:
        """Remove all of a person's reactions; the numbers are corrected."""
        if not call.system or not is_id(user_id):
            raise NotFound

        async def write(tx: Tx) -> int:
            found = await repository.of_user(tx, user_id, self._batch)
            for item, type in found:
                if await repository.remove(tx, item, user_id, type):
                    await repository.take_one(tx, item, type)
                    await tx.publish(_removed(item, user_id, type))
            return len(found)

        while await self._db.write(write):
            pass

    async def prune(self) -> None:
        """Forget items that are gone for so long that nobody can be reacting to them."""

        async def write(tx: Tx) -> None:
            await repository.forget_removed(tx, self._clock.now() - REMEMBER)

        await self._db.write(write)


def _removed(item: Item, user_id: int, type: str) -> ReactionRemoved:
    return ReactionRemoved(kind=item.kind, item_id=item.id, user_id=user_id, type=type)
