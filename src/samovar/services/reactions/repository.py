"""Every SQL statement of reactions."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, or_, select, tuple_, update

from samovar.kernel.db import Query, Reads, one_of
from samovar.kernel.store import Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.reactions.domain import Item, Reaction
from samovar.services.reactions.tables import COUNT, REACTION, REMOVED

_reaction = REACTION.c
_count = COUNT.c


def _of_item(columns: Any) -> ColumnElement[bool]:
    return and_(columns.kind == bindparam("kind"), columns.item_id == bindparam("item_id"))


_of_person = and_(_of_item(_reaction), _reaction.user_id == bindparam("user_id"))
_COUNTS = Query(
    select(_count.item_id, _count.type, _count.count).where(
        _count.kind == bindparam("kind"), one_of(_count.item_id, "ids"), _count.count > 0
    )
)
_COUNTS_AND_OWN = Query(
    select(_count.item_id, _count.type, _count.count, _reaction.type)
    .join(
        REACTION,
        and_(
            _reaction.kind == _count.kind,
            _reaction.item_id == _count.item_id,
            _reaction.user_id == bindparam("user_id"),
        ),
        isouter=True,
    )
    .where(_count.kind == bindparam("kind"), one_of(_count.item_id, "ids"), _count.count > 0)
)
_TYPE = Query(select(_reaction.type).where(_of_person))
_PUT = Query(
    upsert(
        REACTION,
        [_reaction.kind, _reaction.item_id, _reaction.user_id],
        update={name: excluded(name) for name in ("id", "type", "created_at")},
    )
)
_REMOVE = Query(delete(REACTION).where(_of_person, _reaction.type == bindparam("type")))
_ADD_ONE = Query(
    upsert(
        COUNT,
        [_count.kind, _count.item_id, _count.type],
        insert={"count": 1},
        update={"count": _count.count + 1},
    )
)
_TAKE_ONE = Query(
    update(COUNT).where(_of_item(_count), _count.type == bindparam("of_type")).values(count=_count.count - 1)
)
_WHO = Query(
    select(*[_reaction[name] for name in Reaction._fields])
    .where(
        _of_item(_reaction),
        _reaction.id < bindparam("before"),
        or_(bindparam("type") == "", _reaction.type == bindparam("type")),
    )
    .order_by(_reaction.id.desc())
    .limit(bindparam("limit"))
)
_MARK_REMOVED = Query(upsert(REMOVED, [REMOVED.c.kind, REMOVED.c.item_id]))
_IS_REMOVED = Query(select(REMOVED.c.removed_at).where(_of_item(REMOVED.c)))
_FORGET_REMOVED = Query(delete(REMOVED).where(REMOVED.c.removed_at < bindparam("before")))
_DROP_COUNTS = Query(delete(COUNT).where(_of_item(_count)))
_key = (_reaction.kind, _reaction.item_id, _reaction.user_id)
_DROP_SOME = Query(
    delete(REACTION).where(
        tuple_(*_key).in_(select(*_key).where(_of_item(_reaction)).limit(bindparam("limit")))
    )
)
_OF_USER = Query(
    select(_reaction.kind, _reaction.item_id, _reaction.type)
    .where(_reaction.user_id == bindparam("user_id"))
    .limit(bindparam("limit"))
)


async def counts(
    db: Reads, kind: str, ids: Sequence[int], user_id: int | None
) -> list[tuple[int, str, int, str | None]]:
    """Item, type, number, and how that person reacted to the item; nothing for items without reactions."""
    if user_id is None:
        return [(*row, None) for row in await db.all(_COUNTS, kind=kind, ids=ids)]
    return await db.all(_COUNTS_AND_OWN, kind=kind, ids=ids, user_id=user_id)


async def type_of(tx: Reads, item: Item, user_id: int) -> str | None:
    """How somebody reacted, or None."""
    found: str | None = await tx.value(_TYPE, kind=item.kind, item_id=item.id, user_id=user_id)
    return found


async def put(tx: Tx, item: Item, reaction: Reaction) -> None:
    """Write a reaction over any earlier one of that person."""
    await tx.run(_PUT, kind=item.kind, item_id=item.id, **reaction._asdict())


async def remove(tx: Tx, item: Item, user_id: int, type: str) -> bool:
    """False when there was none of that type."""
    changed = await tx.run(_REMOVE, kind=item.kind, item_id=item.id, user_id=user_id, type=type)
    return changed > 0


async def add_one(tx: Tx, item: Item, type: str) -> None:
    """One more of a type."""
    await tx.run(_ADD_ONE, kind=item.kind, item_id=item.id, type=type)


async def take_one(tx: Tx, item: Item, type: str) -> None:
    """One less of a type."""
    await tx.run(_TAKE_ONE, kind=item.kind, item_id=item.id, of_type=type)


async def who(db: Reads, item: Item, type: str, before: int, limit: int) -> list[Reaction]:
    """Reactions to an item, newest first; of all types when `type` is empty."""
    rows = await db.all(_WHO, kind=item.kind, item_id=item.id, type=type, before=before, limit=limit)
    return [Reaction._make(row) for row in rows]


async def mark_removed(tx: Tx, item: Item, now: int) -> None:
    """Remember that an item is gone, and drop its numbers."""
    await tx.run(_MARK_REMOVED, kind=item.kind, item_id=item.id, removed_at=now)
    await tx.run(_DROP_COUNTS, kind=item.kind, item_id=item.id)


async def is_removed(tx: Reads, item: Item) -> bool:
    return await tx.value(_IS_REMOVED, kind=item.kind, item_id=item.id) is not None


async def forget_removed(tx: Tx, before: int) -> None:
    """Forget items that went before a time."""
    await tx.run(_FORGET_REMOVED, before=before)


async def drop_some(tx: Tx, item: Item, limit: int) -> int:
    """Remove at most `limit` reactions to an item; answers how many."""
    return await tx.run(_DROP_SOME, kind=item.kind, item_id=item.id, limit=limit)


async def of_user(tx: Reads, user_id: int, limit: int) -> list[tuple[Item, str]]:
    """Some of a person's reactions: item and type."""
    rows = await tx.all(_OF_USER, user_id=user_id, limit=limit)
    return [(Item(row[0], row[1]), row[2]) for row in rows]
