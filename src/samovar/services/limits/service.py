"""Use cases of limits."""

from collections.abc import Sequence

from samovar.contracts.limits import NoteKept
from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.limits import repository
from samovar.services.limits.domain import Note, checked


class LimitsService:
    """What can be done with notes."""

    def __init__(self, kit: Kit) -> None:
        self._db = kit.db
        self._ids = kit.ids

    async def keep(self, call: Call, text: str) -> Note:
        """Write a note down."""
        owner_id, text = signed_in(call), checked(text)

        async def work(tx: Tx) -> Note:
            value = Note(self._ids(), owner_id, text)
            await repository.add(tx, value)
            await tx.publish(NoteKept(note_id=value.id, owner_id=owner_id))
            return value

        return await self._db.write(work)

    async def get_many(self, call: Call, ids: Sequence[int]) -> list[Note]:
        return await repository.by_ids(self._db, ids[:100], signed_in(call))

    async def erase(self, user_id: int) -> None:
        await self._db.write(lambda tx: repository.erase(tx, user_id))
