"""What goes: items, people, acts of those whom one blocks, and the oldest lines of full inboxes."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from samovar.kernel.clock import DAY
from samovar.kernel.context import Call
from samovar.kernel.errors import NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.notifications.domain import is_id
from samovar.services.notifications.repository import notes, people
from samovar.services.notifications.service.choosing import DIGEST
from samovar.services.notifications.service.making import Draft, Making

FORGET_ITEM: Final = "forget_item"
FORGET_USER: Final = "forget_user"
FORGET_PAIR: Final = "forget_pair"
PRUNE: Final = "prune"
#: How long it is remembered that an item is gone.
REMEMBER: Final = 7 * DAY


class Leaving:
    """Takes lines away, in bounded writes."""

    def __init__(self, kit: Kit, making: Making) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self._batch: int = kit.settings.batch
        self._keep: int = kit.settings.keep
        self._making = making

    async def item_removed(self, tx: Tx, kind: str, item_id: int) -> None:
        """An item is gone, and what tells of it: a little at once, very much by a job."""
        now = self._clock.now()
        await notes.mark_removed(tx, kind, item_id, now)
        await people.forget_muted(tx, kind, item_id)
        if await self._drop_of_item(tx, kind, item_id):
            await tx.schedule(FORGET_ITEM, f"{kind}:{item_id}", now)

    async def forget_item(self, kind: str, item_id: int) -> None:
        """Remove what is left of an item that is gone."""

        async def write(tx: Tx) -> bool:
            return await self._drop_of_item(tx, kind, item_id)

        await self._repeat(write)

    async def _drop_of_item(self, tx: Tx, kind: str, item_id: int) -> bool:
        found = await notes.of_item(tx, kind, item_id, self._batch)
        await self._drop(tx, found)
        return len(found) == self._batch

    async def _drop(self, tx: Tx, found: Sequence[tuple[int, int, bool]]) -> None:
        """Remove lines: (id, whose, read)."""
        if not found:
            return
        await notes.drop(tx, [id for id, _, _ in found])
        difference: dict[int, int] = {}
        for _, user_id, read in found:
            difference[user_id] = difference.get(user_id, 0) - (not read)
        await self._making.tell(tx, difference, {})

    async def apart(self, tx: Tx, user_id: int, other_id: int) -> None:
        """Somebody wants to hear no more of somebody: what they did vanishes from the inbox."""
        if await self._take_acts(tx, other_id, user_id):
            await tx.schedule(FORGET_PAIR, f"{user_id}:{other_id}", self._clock.now())

    async def forget_pair(self, user_id: int, other_id: int) -> None:
        """The same, as long as there is more."""

        async def write(tx: Tx) -> bool:
            return await self._take_acts(tx, other_id, user_id)

        await self._repeat(write)

    async def _take_acts(self, tx: Tx, actor_id: int, user_id: int | None = None) -> bool:
        """Take somebody out of some lines; True when there may be more."""
        ids = await notes.of_actor(tx, actor_id, self._batch, user_id)
        draft = Draft(await notes.many(tx, ids))
        for note in draft.before.values():
            draft.went.add((note.id, actor_id))
            self._making.take_actor(draft, note, actor_id)
        await self._making.finish(tx, draft)
        return len(ids) == self._batch

    async def user_left(self, tx: Tx, user_id: int) -> None:
        """An account is going: nobody is told of it or by it any more; the rest goes in small writes."""
        await people.leave(tx, user_id)
        await tx.cancel(DIGEST, str(user_id))
        await tx.schedule(FORGET_USER, str(user_id), self._clock.now())

    async def erase(self, call: Call, user_id: int) -> None:
        """Erase all that is kept of a person; for the system only."""
        if not call.system or not is_id(user_id):
            raise NotFound

        async def begin(tx: Tx) -> None:
            await people.leave(tx, user_id)
            await tx.cancel(DIGEST, str(user_id))

        await self._db.write(begin)
        await self.forget_user(user_id)

    async def forget_user(self, user_id: int) -> None:
        """Remove a person's inbox and choices, and take them out of others' lines."""

        async def own(tx: Tx) -> bool:
            ids = await notes.of_user(tx, user_id, self._batch)
            await notes.drop(tx, ids)
            await people.forget(tx, user_id)
            return len(ids) == self._batch

        async def others(tx: Tx) -> bool:
            return await self._take_acts(tx, user_id)

        await self._repeat(own)
        await self._repeat(others)

    async def prune(self) -> None:
        """Bound every inbox, and forget items that are gone for long."""
        for user_id in await notes.full(self._db, self._keep):

            async def write(tx: Tx, user_id: int = user_id) -> bool:
                found = await notes.beyond(tx, user_id, self._keep, self._batch)
                await self._drop(tx, found)
                return len(found) == self._batch

            await self._repeat(write)

        async def forget(tx: Tx) -> None:
            await notes.forget_removed(tx, self._clock.now() - REMEMBER)

        await self._db.write(forget)

    async def _repeat(self, write: Callable[[Tx], Coroutine[Any, Any, bool]]) -> None:
        while await self._db.write(write):
            pass
