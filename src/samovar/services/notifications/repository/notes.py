"""Lines of inboxes and who did what they tell of."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, select, update

from samovar.kernel.db import Id, Query, Reads, Text, one_of, rows_of, typed, values_of
from samovar.kernel.store import Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.notifications.domain import Note
from samovar.services.notifications.tables import ACT, NOTE, REMOVED

_note, _act, _gone = NOTE.c, ACT.c, REMOVED.c
_COLUMNS = [_note[name] for name in Note._fields]
_USER = _note.user_id == bindparam("user")
_LIMIT: Any = bindparam("limit")

_subjects = rows_of("subjects", user_id=Id(), subject=Text())
_ALIKE = Query(
    select(*_COLUMNS).select_from(
        _subjects.join(NOTE, and_(_note.user_id == _subjects.c.user_id, _note.subject == _subjects.c.subject))
    )
)
_known = rows_of("known", item_id=Id(), kind=Text(), subject=Text())
_ALIKE_ABOUT = Query(
    select(*_COLUMNS).select_from(
        _known.join(
            NOTE,
            and_(
                _note.item_id == _known.c.item_id,
                _note.kind == _known.c.kind,
                _note.subject == _known.c.subject,
                _note.item_id > 0,
            ),
        )
    )
)
_pairs = rows_of("pairs", note_id=Id(), actor_id=Id())
_ACTS = Query(
    select(_act.note_id, _act.actor_id).select_from(
        _pairs.join(ACT, and_(_act.note_id == _pairs.c.note_id, _act.actor_id == _pairs.c.actor_id))
    )
)
_LATEST = Query(
    select(_act.actor_id)
    .where(_act.note_id == bindparam("note_id"))
    .order_by(_act.position.desc())
    .limit(_LIMIT)
)
_ADD = Query(insert(NOTE))
_CHANGED = ("position", "actors", "number", "read", "updated_at", "data", "slot")
_CHANGE = Query(
    update(NOTE)
    .where(_note.id == bindparam("note_id"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGED})
)
_ADD_ACT = Query(upsert(ACT, [_act.note_id, _act.actor_id], update={"position": excluded("position")}))
_DROP_ACT = Query(
    delete(ACT).where(_act.note_id == bindparam("of_note"), _act.actor_id == bindparam("of_actor"))
)
_DROP = Query(delete(NOTE).where(one_of(_note.id, "ids")))
_DROP_ACTS = Query(delete(ACT).where(one_of(_act.note_id, "ids")))

_PAGE = Query(
    select(*_COLUMNS)
    .where(_USER, _note.position < bindparam("before"))
    .order_by(_note.position.desc())
    .limit(_LIMIT)
)
_PAGE_OF = Query(
    select(*_COLUMNS)
    .where(_USER, _note.position < bindparam("before"), one_of(_note.type, "types"))
    .order_by(_note.position.desc())
    .limit(_LIMIT)
)
_PAGE_UNREAD = Query(
    select(*_COLUMNS)
    .where(_USER, _note.position < bindparam("before"), ~_note.read)
    .order_by(_note.position.desc())
    .limit(_LIMIT)
)
_BY_IDS = Query(select(*_COLUMNS).where(_USER, one_of(_note.id, "ids")))
_MANY = Query(select(*_COLUMNS).where(one_of(_note.id, "ids")))
_READ_UP_TO = Query(
    update(NOTE)
    .where(_USER, ~_note.read, _note.position <= bindparam("up_to"))
    .values(read=True)
    .returning(_note.id)
)
_READ_IDS = Query(
    update(NOTE).where(_USER, ~_note.read, one_of(_note.id, "ids")).values(read=True).returning(_note.id)
)
_UNREAD_SINCE = Query(
    select(*_COLUMNS)
    .where(_USER, ~_note.read, _note.updated_at > bindparam("since"))
    .order_by(_note.position.desc())
    .limit(_LIMIT)
)
_OF_ITEM = Query(
    select(_note.id, _note.user_id, _note.read)
    .where(_note.item_id == bindparam("item_id"), _note.kind == bindparam("kind"), _note.item_id > 0)
    .limit(_LIMIT)
)
_OF_USER = Query(select(_note.id).where(_USER).limit(_LIMIT))
_OF_ACTOR = Query(select(_act.note_id).where(_act.actor_id == bindparam("actor")).limit(_LIMIT))
_OF_ACTOR_FOR = Query(
    select(_act.note_id)
    .where(_act.actor_id == bindparam("actor"), _act.user_id == bindparam("user"))
    .limit(_LIMIT)
)
_FULL = Query(
    select(_note.user_id, func.count()).group_by(_note.user_id).having(func.count() > bindparam("most"))
)
_BEYOND = Query(
    select(_note.id, _note.user_id, _note.read)
    .where(_USER)
    .order_by(_note.position.desc())
    .limit(_LIMIT)
    .offset(bindparam("most"))
)
_MARK_REMOVED = Query(upsert(REMOVED, [_gone.kind, _gone.item_id]))
_FORGET_REMOVED = Query(delete(REMOVED).where(_gone.removed_at < bindparam("before")))
_items = rows_of("items", kind=Text(), item_id=Id())
_REMOVED = Query(
    select(_gone.kind, _gone.item_id).select_from(
        _items.join(REMOVED, and_(_gone.kind == _items.c.kind, _gone.item_id == _items.c.item_id))
    )
)


async def alike(tx: Reads, subjects: Collection[tuple[int, str]]) -> list[Note]:
    """All lines of these people about these subjects, closed ones too."""
    return typed(Note, await tx.all(_ALIKE, subjects=list(subjects))) if subjects else []


async def alike_about(tx: Reads, known: Collection[tuple[int, str, str]]) -> list[Note]:
    """The same, whosever they are, by (item id, kind, subject)."""
    return typed(Note, await tx.all(_ALIKE_ABOUT, known=list(known))) if known else []


async def acts(tx: Reads, pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of the pairs of line and person that are there."""
    return {(row[0], row[1]) for row in await tx.all(_ACTS, pairs=list(pairs))} if pairs else set()


async def latest_actors(tx: Reads, note_id: int, limit: int) -> list[int]:
    return values_of(await tx.all(_LATEST, note_id=note_id, limit=limit))


async def add(tx: Tx, notes: Iterable[Note]) -> None:
    await tx.many(_ADD, [note._asdict() for note in notes])


async def change(tx: Tx, notes: Iterable[Note]) -> None:
    """Write what changes in a line."""
    await tx.many(
        _CHANGE,
        [{"note_id": note.id, **{f"new_{name}": getattr(note, name) for name in _CHANGED}} for note in notes],
    )


async def add_acts(tx: Tx, rows: Iterable[tuple[int, int, int, int]]) -> None:
    """Rows of line, person, whose line, position."""
    names = ("note_id", "actor_id", "user_id", "position")
    await tx.many(_ADD_ACT, [dict(zip(names, row, strict=True)) for row in rows])


async def drop_acts(tx: Tx, pairs: Iterable[tuple[int, int]]) -> None:
    await tx.many(_DROP_ACT, [{"of_note": note, "of_actor": actor} for note, actor in pairs])


async def drop(tx: Tx, ids: Sequence[int]) -> None:
    """Remove lines with all that belongs to them."""
    if ids:
        await tx.run(_DROP_ACTS, ids=ids)
        await tx.run(_DROP, ids=ids)


async def page(
    db: Reads, user: int, filter: str, types: Sequence[str], before: int, limit: int
) -> list[Note]:
    """Lines of an inbox below a position, newest first."""
    if filter == "unread":
        rows = await db.all(_PAGE_UNREAD, user=user, before=before, limit=limit)
    elif filter:
        rows = await db.all(_PAGE_OF, user=user, before=before, limit=limit, types=types)
    else:
        rows = await db.all(_PAGE, user=user, before=before, limit=limit)
    return typed(Note, rows)


async def by_ids(db: Reads, user: int, ids: Sequence[int]) -> list[Note]:
    """Those of a person's lines."""
    return typed(Note, await db.all(_BY_IDS, user=user, ids=ids))


async def many(db: Reads, ids: Sequence[int]) -> list[Note]:
    """Lines, whosever they are."""
    return typed(Note, await db.all(_MANY, ids=ids)) if ids else []


async def read_up_to(tx: Tx, user: int, position: int) -> list[int]:
    """Mark lines as read; answers those that were not."""
    return values_of(await tx.all(_READ_UP_TO, user=user, up_to=position))


async def read_ids(tx: Tx, user: int, ids: Sequence[int]) -> list[int]:
    return values_of(await tx.all(_READ_IDS, user=user, ids=ids)) if ids else []


async def unread_since(db: Reads, user: int, since: int, limit: int) -> list[Note]:
    """Unread lines in which something happened after a time."""
    return typed(Note, await db.all(_UNREAD_SINCE, user=user, since=since, limit=limit))


async def of_item(tx: Reads, kind: str, item_id: int, limit: int) -> list[tuple[int, int, bool]]:
    """Some lines about an item: id, whose, read."""
    rows = await tx.all(_OF_ITEM, kind=kind, item_id=item_id, limit=limit)
    return [(row[0], row[1], row[2]) for row in rows]


async def of_user(tx: Reads, user: int, limit: int) -> list[int]:
    return values_of(await tx.all(_OF_USER, user=user, limit=limit))


async def of_actor(tx: Reads, actor: int, limit: int, user: int | None = None) -> list[int]:
    """Some lines that tell of what a person did; those of one inbox when it is named."""
    if user is None:
        return values_of(await tx.all(_OF_ACTOR, actor=actor, limit=limit))
    return values_of(await tx.all(_OF_ACTOR_FOR, actor=actor, user=user, limit=limit))


async def full(db: Reads, most: int) -> list[int]:
    """Whose inboxes hold more lines than that."""
    return values_of(await db.all(_FULL, most=most))


async def beyond(tx: Reads, user: int, most: int, limit: int) -> list[tuple[int, int, bool]]:
    """Some of the oldest lines past the bound: id, whose, read."""
    rows = await tx.all(_BEYOND, user=user, most=most, limit=limit)
    return [(row[0], row[1], row[2]) for row in rows]


async def mark_removed(tx: Tx, kind: str, item_id: int, now: int) -> None:
    """Remember that an item is gone."""
    await tx.run(_MARK_REMOVED, kind=kind, item_id=item_id, removed_at=now)


async def removed(tx: Reads, items: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
    """Those of the items that are gone."""
    return {(row[0], row[1]) for row in await tx.all(_REMOVED, items=list(items))} if items else set()


async def forget_removed(tx: Tx, before: int) -> None:
    await tx.run(_FORGET_REMOVED, before=before)
