"""People who leave: nothing about them, and nothing they said, is kept."""

from samovar.kernel.context import Call
from samovar.kernel.errors import NotFound
from samovar.kernel.store import Tx
from samovar.services.moderation.domain import DISMISSED, OPEN, is_id
from samovar.services.moderation.repository import cases, decisions
from samovar.services.moderation.service.book import Book
from samovar.services.moderation.service.common import Desk

BATCH = 200


class Leaving:
    """Erasure. The log keeps ids, which then belong to nobody."""

    def __init__(self, desk: Desk, book: Book) -> None:
        self._desk = desk
        self._book = book

    async def erase(self, call: Call, user_id: int) -> None:
        """Close cases about a person and erase what they hold; take their name from what they reported."""
        if not call.system or not is_id(user_id):
            raise NotFound
        desk = self._desk

        async def words(tx: Tx) -> None:
            await cases.mark_gone(tx, user_id, desk.now())
            await cases.erase_words(tx, user_id)
            await decisions.erase(tx, user_id)

        async def close(tx: Tx) -> int:
            found = await cases.about(tx, user_id, BATCH)
            for case in found:
                state = DISMISSED if case.state == OPEN else case.state
                await cases.save(
                    tx,
                    case._replace(
                        person_id=0,
                        excerpt="",
                        state=state,
                        closed_at=case.closed_at or desk.now(),
                        held=False,
                    ),
                )
            return len(found)

        await desk.db.write(words)
        while await desk.db.write(close):
            pass
        await self._book.changed()
