"""Every statement of analytics."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select

from samovar.kernel.db import Query, Reads, one_of
from samovar.kernel.store import Tx
from samovar.services.analytics.domain import Note
from samovar.services.analytics.tables import note

ADD = Query(insert(note))
BY_IDS = Query(
    select(note.c.id, note.c.owner_id, note.c.text).where(
        one_of(note.c.id, "ids"), note.c.owner_id == bindparam("owner_id")
    )
)
ERASE = Query(delete(note).where(note.c.owner_id == bindparam("owner_id")))


async def add(tx: Tx, value: Note) -> None:
    await tx.run(ADD, id=value.id, owner_id=value.owner_id, text=value.text)


async def by_ids(db: Reads, ids: Sequence[int], owner_id: int) -> list[Note]:
    return [Note(*row) for row in await db.all(BY_IDS, ids=list(ids), owner_id=owner_id)]


async def erase(tx: Tx, owner_id: int) -> None:
    await tx.run(ERASE, owner_id=owner_id)
