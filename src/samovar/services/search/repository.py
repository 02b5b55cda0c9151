"""Every SQL statement of search."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, func, select

from samovar.kernel.db import Query, Reads, one_of, typed
from samovar.kernel.store import Tx
from samovar.kernel.upsert import excluded, upsert, upsert_rows
from samovar.services.search.domain.values import Build, Dirty, Interest, Saved
from samovar.services.search.tables import BUILD, DIRTY, GONE, INTEREST, SAVED

_dirty, _build, _saved, _interest, _gone = DIRTY.c, BUILD.c, SAVED.c, INTEREST.c, GONE.c

_MARK = Query(
    upsert_rows(
        DIRTY, ["kind", "item_id", "mark", "at"], [_dirty.kind, _dirty.item_id],
        update={"mark": excluded("mark")},
    )
)  # fmt: skip
_DIRTY = Query(
    select(*[_dirty[name] for name in Dirty._fields])
    .order_by(_dirty.at, _dirty.mark)
    .limit(bindparam("limit"))
)
_CLEAN = Query(
    delete(DIRTY).where(
        _dirty.kind == bindparam("of_kind"),
        _dirty.item_id == bindparam("of_id"),
        _dirty.mark == bindparam("mark"),
    )
)
_BACKLOG = Query(select(func.count(), func.min(_dirty.at)))

_STATE = Query(select(*[_build[name] for name in Build._fields]))
_KEEP_STATE = Query(
    upsert(BUILD, [_build.id], insert={"id": 1}, update={name: excluded(name) for name in Build._fields})
)

_ADD_SAVED = Query(upsert(SAVED, [_saved.user_id, _saved.query, _saved.kind, _saved.newest]))
_columns = [_saved[name] for name in Saved._fields]
_SAVED = Query(select(*_columns).where(_saved.user_id == bindparam("user_id")).order_by(_saved.id.desc()))
_DROP_SAVED = Query(
    delete(SAVED)
    .where(_saved.user_id == bindparam("user_id"), _saved.id == bindparam("id"))
    .returning(*_columns)
)

_ADD_INTEREST = Query(
    upsert_rows(
        INTEREST, ["user_id", "tag", "wrote", "liked", "at"], [_interest.user_id, _interest.tag],
        update={
            "wrote": lambda old, new: old + new, "liked": lambda old, new: old + new, "at": excluded("at"),
        },
    )
)  # fmt: skip
_weight = _interest.wrote * 3 + _interest.liked
_OF_PERSON = Query(
    select(*[_interest[name] for name in Interest._fields])
    .where(_interest.user_id == bindparam("user_id"))
    .order_by(_weight.desc(), _interest.at.desc(), _interest.tag)
    .limit(bindparam("limit"))
)
_WRITERS = Query(
    select(*[_interest[name] for name in Interest._fields])
    .where(_interest.tag == bindparam("tag"), _interest.wrote > 0)
    .order_by(_interest.wrote.desc(), _interest.user_id)
    .limit(bindparam("limit"))
)
_OLD_INTEREST = Query(delete(INTEREST).where(_interest.at < bindparam("before")))

_LEAVE = Query(upsert(GONE, [_gone.user_id]))
_WHO_LEFT = Query(select(_gone.user_id).where(one_of(_gone.user_id, "ids")))
_FORGET_LEFT = Query(delete(GONE).where(_gone.at < bindparam("before")))
_ERASE = tuple(
    Query(delete(table).where(table.c.user_id == bindparam("user_id"))) for table in (SAVED, INTEREST)
)


async def mark(tx: Tx, changed: Sequence[tuple[str, int]], mark: int, now: int) -> None:
    """Remember that documents changed: kind and id of each."""
    if changed:
        await tx.all(_MARK, rows=[[kind, item_id, mark, now] for kind, item_id in dict.fromkeys(changed)])


async def dirty(db: Reads, limit: int) -> list[Dirty]:
    """Some that changed, the longest waiting first."""
    return typed(Dirty, await db.all(_DIRTY, limit=limit))


async def clean(tx: Tx, taken: Sequence[Dirty]) -> None:
    """These are in the index, unless they have changed once more."""
    await tx.many(_CLEAN, [{"of_kind": one.kind, "of_id": one.item_id, "mark": one.mark} for one in taken])


async def backlog(db: Reads) -> tuple[int, int]:
    """How many wait, and since when the first of them does (0: none)."""
    row = await db.first(_BACKLOG)
    return (row[0], row[1] or 0) if row else (0, 0)


async def state(db: Reads) -> Build:
    """How the index stands."""
    row = await db.first(_STATE)
    return Build._make(row) if row else Build()


async def keep_state(tx: Tx, state: Build) -> None:
    await tx.run(_KEEP_STATE, **state._asdict())


async def save(tx: Tx, user_id: int, saved: Saved) -> None:
    """Keep a search, unless the same is there."""
    await tx.run(_ADD_SAVED, user_id=user_id, **saved._asdict())


async def saved(db: Reads, user_id: int) -> list[Saved]:
    """Somebody's searches, newest first."""
    return typed(Saved, await db.all(_SAVED, user_id=user_id))


async def forget(tx: Tx, user_id: int, saved_id: int) -> Saved | None:
    """Keep a search no more; answers it, None when it is not theirs."""
    row = await tx.first(_DROP_SAVED, user_id=user_id, id=saved_id)
    return None if row is None else Saved._make(row)


async def add_interest(tx: Tx, found: Sequence[Interest], now: int) -> None:
    """Add to what people write and like; no two of one person and tag."""
    if found:
        await tx.all(_ADD_INTEREST, rows=[[*one, now] for one in found])


async def interests(db: Reads, user_id: int, limit: int) -> list[Interest]:
    """What somebody writes about and likes most."""
    return typed(Interest, await db.all(_OF_PERSON, user_id=user_id, limit=limit))


async def writers(db: Reads, tag: str, limit: int) -> list[Interest]:
    """Who writes most about a tag."""
    return typed(Interest, await db.all(_WRITERS, tag=tag, limit=limit))


async def leave(tx: Tx, user_id: int, now: int) -> None:
    """Somebody leaves: forget what they keep and like, and remember that they left."""
    await tx.run(_LEAVE, user_id=user_id, at=now)
    for query in _ERASE:
        await tx.run(query, user_id=user_id)


async def who_left(db: Reads, ids: Sequence[int]) -> set[int]:
    return {row[0] for row in await db.all(_WHO_LEFT, ids=ids)}


async def prune(tx: Tx, interest_before: int, left_before: int) -> None:
    """Forget what is too old to matter."""
    await tx.run(_OLD_INTEREST, before=interest_before)
    await tx.run(_FORGET_LEFT, before=left_before)
