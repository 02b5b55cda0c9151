"""Every SQL statement of media."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, func, or_, select, update

from samovar.kernel.db import Query, Reads, Row, one_of
from samovar.kernel.store import Tx
from samovar.kernel.upsert import upsert
from samovar.services.media.domain import PROCESSING, READY, REMOVED, Item, Medium
from samovar.services.media.tables import BAN, MEDIUM

_medium = MEDIUM.c
_columns = [_medium[name] for name in Medium._fields]
_there = _medium.state != REMOVED
_shown = or_(_medium.state == PROCESSING, _medium.state == READY)

_ADD = Query(upsert(MEDIUM, [_medium.id]))
_BY_IDS = Query(select(*_columns).where(one_of(_medium.id, "ids"), _there))
_ONE = Query(select(*_columns).where(_medium.id == bindparam("id")))
_OF_ITEM = Query(
    select(*_columns).where(
        _medium.item_kind == bindparam("kind"), _medium.item_id == bindparam("item_id"), _there
    )
)
_SAVE = Query(
    update(MEDIUM)
    .where(_medium.id == bindparam("medium_id"))
    .values({name: bindparam(f"new_{name}") for name in Medium._fields if name != "id"})
)
_REMOVE = Query(delete(MEDIUM).where(_medium.id == bindparam("id")))
_USAGE = Query(
    select(func.count(), func.coalesce(func.sum(_medium.bytes), 0)).where(
        _medium.owner_id == bindparam("owner_id"), _there
    )
)
_OF_USER = Query(
    select(*_columns)
    .where(
        _medium.owner_id == bindparam("owner_id"), _medium.id < bindparam("before"), _shown,
        _medium.purpose == "",
    )
    .order_by(_medium.id.desc())
    .limit(bindparam("limit"))
)  # fmt: skip
_GALLERY = Query(
    select(*_columns)
    .where(
        _medium.id < bindparam("before"), _medium.item_id > 0, _medium.state == READY,
        _medium.review == "approved", _medium.purpose == "",
    )
    .order_by(_medium.id.desc())
    .limit(bindparam("limit"))
)  # fmt: skip
_QUEUE = Query(
    select(*_columns)
    .where(_medium.review == "pending", _medium.id > bindparam("after"), _shown)
    .order_by(_medium.id)
    .limit(bindparam("limit"))
)
_LOOSE = Query(
    select(*_columns)
    .where(
        _medium.item_id == 0, _medium.created_at < bindparam("before"),
        _medium.claimed_at < bindparam("before"), _there,
    )
    .order_by(_medium.created_at)
    .limit(bindparam("limit"))
)  # fmt: skip
_OWNED = Query(
    select(*_columns)
    .where(_medium.owner_id == bindparam("owner_id"))
    .order_by(_medium.id)
    .limit(bindparam("limit"))
)

_BAN = Query(upsert(BAN, [BAN.c.hash]))
_UNBAN = Query(delete(BAN).where(one_of(BAN.c.hash, "hashes")))
_BANS = Query(
    select(BAN.c.hash)
    .where(or_(BAN.c.hash == bindparam("exact"), BAN.c.hash.like("look:%")))
    .order_by(BAN.c.created_at.desc())
    .limit(5000)
)


async def add(tx: Tx, medium: Medium) -> bool:
    """False when the id is taken."""
    return await tx.run(_ADD, **medium._asdict()) > 0


async def save(tx: Tx, medium: Medium) -> Medium:
    """Write a file's row as its next version."""
    fresh = medium._replace(version=medium.version + 1)
    values = {f"new_{name}": value for name, value in fresh._asdict().items() if name != "id"}
    await tx.run(_SAVE, medium_id=medium.id, **values)
    return fresh


async def remove(tx: Tx, medium_id: int) -> None:
    """Take a row away."""
    await tx.run(_REMOVE, id=medium_id)


async def one(db: Reads, medium_id: int) -> Medium | None:
    """A file, also one that is being removed."""
    row = await db.first(_ONE, id=medium_id)
    return None if row is None else Medium._make(row)


async def by_ids(db: Reads, ids: Sequence[int]) -> dict[int, Medium]:
    """Files by id."""
    return {row[0]: Medium._make(row) for row in await db.all(_BY_IDS, ids=ids)} if ids else {}


async def of_item(db: Reads, item: Item) -> list[Medium]:
    """What stands in an item."""
    return _all(await db.all(_OF_ITEM, kind=item.kind, item_id=item.id))


async def usage(db: Reads, owner_id: int) -> tuple[int, int]:
    """A person's files and their bytes."""
    row = await db.first(_USAGE, owner_id=owner_id)
    return (int(row[0]), int(row[1])) if row else (0, 0)


async def of_user(db: Reads, owner_id: int, before: int, limit: int) -> list[Medium]:
    """A person's files, newest first; without faces."""
    return _all(await db.all(_OF_USER, owner_id=owner_id, before=before, limit=limit))


async def gallery(db: Reads, before: int, limit: int) -> list[Medium]:
    """Files that stand in items, newest first."""
    return _all(await db.all(_GALLERY, before=before, limit=limit))


async def queue(db: Reads, after: int, limit: int) -> list[Medium]:
    """Files that wait for judgement, oldest first."""
    return _all(await db.all(_QUEUE, after=after, limit=limit))


async def loose(db: Reads, before: int, limit: int) -> list[Medium]:
    """Files that have stood nowhere since a time."""
    return _all(await db.all(_LOOSE, before=before, limit=limit))


async def owned(db: Reads, owner_id: int, limit: int) -> list[Medium]:
    """Some of a person's files, whatever their state."""
    return _all(await db.all(_OWNED, owner_id=owner_id, limit=limit))


async def ban(tx: Tx, hashes: Sequence[str], reason: str, by_id: int, now: int) -> None:
    """Take these no more."""
    await tx.many(
        _BAN, [{"hash": one, "reason": reason, "by_id": by_id, "created_at": now} for one in hashes]
    )


async def unban(tx: Tx, hashes: Sequence[str]) -> None:
    """Take these again."""
    await tx.run(_UNBAN, hashes=list(hashes))


async def bans(db: Reads, sha256: str) -> list[str]:
    """The ban of these bytes, if any, and all bans of looks."""
    return [row[0] for row in await db.all(_BANS, exact=f"sha256:{sha256}")]


def _all(rows: Sequence[Row]) -> list[Medium]:
    return [Medium._make(row) for row in rows]
