"""Every SQL statement of reactions."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, delete, or_, select, tuple_, update

from samovar.kernel.db import Query, Reads, Row, one_of
from samovar.kernel.memo import make_room
from samovar.kernel.store import Db, Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.reactions.domain import Item, Reaction
from samovar.services.reactions.tables import COUNT, REACTION, REMOVED

#: Of items with more reactions than these it is not kept whose they are.
CROWD: Final = 100

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
_PEOPLE = Query(
    select(_reaction.item_id, _reaction.user_id, _reaction.type).where(
        _reaction.kind == bindparam("kind"), one_of(_reaction.item_id, "ids")
    )
)
_OWN = Query(
    select(_reaction.item_id, _reaction.type).where(
        _reaction.kind == bindparam("kind"),
        one_of(_reaction.item_id, "ids"),
        _reaction.user_id == bindparam("user_id"),
    )
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


class Tally(NamedTuple):
    """How many reactions of each type an item has, and whose they are; None when they are too many."""

    counts: dict[str, int]
    people: dict[int, str] | None


class Known:
    """Reactions to items that were asked for before, by kind and id."""

    def __init__(self, db: Db, size: int) -> None:
        self._db = db
        self._size = size
        self._tallies: dict[tuple[str, int], Tally] = {}
        key = ["kind", "item_id"]
        #: Whether what has changed is forgotten by itself.
        self._told = db.watch(COUNT, key, self._changed) and db.watch(REACTION, key, self._changed)

    def _changed(self, before: Row | None, after: Row | None) -> None:
        for row in (before, after):
            if row is not None:
                self._tallies.pop((row[0], row[1]), None)

    async def of(
        self, kind: str, ids: Sequence[int], user_id: int | None
    ) -> tuple[dict[int, dict[str, int]], dict[int, str]]:
        """Numbers by type, and how that person reacted, both by item; nothing for items without any."""
        if not self._told:
            return await _asked(self._db, kind, ids, user_id)
        known = self._tallies
        make_room(known, self._size)
        missing = [item_id for item_id in ids if (kind, item_id) not in known]
        if missing:
            await self._learn(kind, missing)
        counts: dict[int, dict[str, int]] = {}
        own: dict[int, str] = {}
        crowded = []
        for item_id in ids:
            tally = known[kind, item_id]
            if not tally.counts:
                continue
            counts[item_id] = tally.counts
            if tally.people is None:
                crowded.append(item_id)
            elif user_id in tally.people:
                own[item_id] = tally.people[user_id]
        if crowded and user_id is not None:
            own |= dict(await self._db.all(_OWN, kind=kind, ids=crowded, user_id=user_id))
        return counts, own

    async def _learn(self, kind: str, ids: Sequence[int]) -> None:
        found: dict[int, dict[str, int]] = {item_id: {} for item_id in ids}
        for item_id, type, number in await self._db.all(_COUNTS, kind=kind, ids=ids):
            found[item_id][type] = number
        people: dict[int, dict[int, str]] = {
            item_id: {} for item_id, counts in found.items() if sum(counts.values()) <= CROWD
        }
        some = [item_id for item_id in people if found[item_id]]
        if some:
            for item_id, user_id, type in await self._db.all(_PEOPLE, kind=kind, ids=some):
                people[item_id][user_id] = type
        for item_id, counts in found.items():
            self._tallies[kind, item_id] = Tally(counts, people.get(item_id))


async def _asked(
    db: Reads, kind: str, ids: Sequence[int], user_id: int | None
) -> tuple[dict[int, dict[str, int]], dict[int, str]]:
    counts: dict[int, dict[str, int]] = {}
    own: dict[int, str] = {}
    if user_id is None:
        for item_id, type, number in await db.all(_COUNTS, kind=kind, ids=ids):
            counts.setdefault(item_id, {})[type] = number
        return counts, own
    for item_id, type, number, mine in await db.all(_COUNTS_AND_OWN, kind=kind, ids=ids, user_id=user_id):
        counts.setdefault(item_id, {})[type] = number
        if mine is not None:
            own[item_id] = mine
    return counts, own


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
