"""Where files stand: claimed for an item, placed in it, freed from it."""

from collections.abc import Sequence

from samovar.contracts.media import InUse
from samovar.kernel.authz import signed_in
from samovar.kernel.clock import MINUTE
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.media import repository
from samovar.services.media.domain import FACES, PER_ITEM, PROCESSING, READY, Item, Medium, is_id
from samovar.services.media.service.removing import Removing

#: After so long a claim whose item never came is void.
CLAIM: int = 10 * MINUTE


class Placing:
    """Each file stands in one place."""

    def __init__(self, kit: Kit, removing: Removing) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self._removing = removing

    async def claim(self, call: Call, ids: Sequence[int], claim: str, item: Item | None) -> list[Medium]:
        """Take one's own files for an item about to be. Raises NotFound, InUse, Invalid."""
        owner = signed_in(call)
        unique = list(dict.fromkeys(ids))
        if not claim or len(unique) > PER_ITEM:
            raise Invalid(fields={"ids": f"At most {PER_ITEM} at once."})
        if not all(map(is_id, unique)):
            raise NotFound
        now = self._clock.now()

        async def write(tx: Tx) -> list[Medium]:
            found = await repository.by_ids(tx, unique)
            taken = []
            for medium_id in unique:
                medium = found.get(medium_id)
                if medium is None or medium.owner_id != owner or medium.state not in (READY, PROCESSING):
                    raise NotFound
                if item is not None and item.kind in FACES and medium.kind != "image":
                    raise NotFound
                if medium.item is not None or medium.claim == claim:
                    if medium.claim != claim and medium.item != item:
                        raise InUse
                    taken.append(medium)
                    continue
                if medium.claim and medium.claimed_at > now - CLAIM:
                    raise InUse
                taken.append(await repository.save(tx, medium._replace(claim=claim, claimed_at=now)))
            return taken

        return await self._db.write(write)

    async def attach(self, call: Call, item: Item, owner: int, ids: Sequence[int]) -> None:
        """The item is there, says who made it."""
        if not call.system and call.actor != owner:
            raise NotFound
        await self._db.write(lambda tx: self.place(tx, item, owner, ids[:PER_ITEM]))

    async def place(self, tx: Tx, item: Item, owner: int, ids: Sequence[int]) -> None:
        """These stand in an item now, as far as they are its author's and stand nowhere else."""
        if not ids:
            return
        for medium in (await repository.by_ids(tx, list(ids))).values():
            if medium.owner_id == owner and medium.item is None:
                await repository.save(tx, medium._replace(item_kind=item.kind, item_id=item.id))

    async def free(self, tx: Tx, item: Item, ids: Sequence[int]) -> None:
        """These no longer stand in an item, and go."""
        if not ids:
            return
        for medium in (await repository.by_ids(tx, list(ids))).values():
            if medium.item == item:
                await self._removing.bury(tx, medium)

    async def clear(self, tx: Tx, item: Item) -> None:
        """All that stands in an item goes."""
        for medium in await repository.of_item(tx, item):
            await self._removing.bury(tx, medium)
