"""Removing files: the row goes out of sight at once, the bytes right after, then the row."""

from typing import Final

from samovar.contracts.media import MediaDeleted
from samovar.kernel.authz import may, signed_in
from samovar.kernel.clock import SECOND
from samovar.kernel.context import Call
from samovar.kernel.errors import Forbidden, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.media import repository
from samovar.services.media.domain import FILES, REMOVED, Medium, is_id, key_of
from samovar.services.media.service.common import ERASE, MAKE, SWEEP
from samovar.services.media.settings import Settings

#: Files that one step of a long removal takes.
_BATCH: Final = 100


class Removing:
    """Every byte goes."""

    def __init__(self, kit: Kit) -> None:
        self._settings: Settings = kit.settings
        self._db = kit.db
        self._blobs = kit.blobs
        self._clock = kit.clock

    async def delete(self, call: Call, medium_id: int) -> None:
        """Remove one's own file; moderators any. Asking again is answered like the first time."""
        actor = None if call.system else signed_in(call)

        async def write(tx: Tx) -> None:
            medium = await repository.one(tx, medium_id) if is_id(medium_id) else None
            if medium is None or (medium.owner_id != actor and not may(call, "content.delete")):
                raise NotFound
            await self.bury(tx, medium)

        await self._db.write(write)

    async def bury(self, tx: Tx, medium: Medium) -> None:
        """Put a file out of sight and have its bytes removed."""
        if medium.state == REMOVED:
            return
        await repository.save(tx, medium._replace(state=REMOVED, alt="", item_kind="", item_id=0))
        await tx.cancel(MAKE, str(medium.id))
        await tx.schedule(SWEEP, str(medium.id), self._clock.now())
        await tx.publish(MediaDeleted(media_id=medium.id, owner_id=medium.owner_id))

    async def sweep(self, medium_id: int) -> None:
        """Remove the bytes of a buried file, then its row."""
        medium = await repository.one(self._db, medium_id)
        if medium is None or medium.state != REMOVED:
            return
        await self._blobs.delete([key_of(medium_id, file) for file in FILES])

        async def write(tx: Tx) -> None:
            await repository.remove(tx, medium_id)

        await self._db.write(write)

    async def collect(self) -> None:
        """Remove files that stand nowhere after a day, and what uploads that broke off left."""
        before = self._clock.now() - self._settings.unused_seconds * SECOND

        async def write(tx: Tx) -> int:
            found = await repository.loose(tx, before, _BATCH)
            for medium in found:
                await self.bury(tx, medium)
            return len(found)

        while await self._db.write(write) == _BATCH:
            pass

    async def leave(self, tx: Tx, user_id: int) -> None:
        """An account is going: its files go in small steps."""
        await tx.schedule(ERASE, str(user_id), self._clock.now())

    async def erase(self, call: Call, user_id: int) -> None:
        """Remove all of a person's files with all their bytes."""
        if not call.system or not is_id(user_id):
            raise Forbidden if call.actor else NotFound
        while found := await repository.owned(self._db, user_id, _BATCH):
            await self._blobs.delete([key_of(medium.id, file) for medium in found for file in FILES])
            ids = [medium.id for medium in found]
            alive = [medium for medium in found if medium.state != REMOVED]

            async def write(tx: Tx, ids: list[int] = ids, alive: list[Medium] = alive) -> None:
                for medium_id in ids:
                    await repository.remove(tx, medium_id)
                for medium in alive:
                    await tx.publish(MediaDeleted(media_id=medium.id, owner_id=user_id))

            await self._db.write(write)
