"""Statements of analytics' own tables; those of facts are the kernel's."""

from collections.abc import Collection

from sqlalchemy import bindparam, delete, func, insert, select, update

from samovar.kernel.db import Query, Reads, one_of
from samovar.kernel.store import Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.analytics.domain import Export
from samovar.services.analytics.tables import CHOICE, EXPORT, FORGET

_CHOICES = Query(
    select(CHOICE.c.user_id, CHOICE.c.counted, CHOICE.c.gone).where(one_of(CHOICE.c.user_id, "ids"))
)
_CHOOSE = Query(
    upsert(CHOICE, [CHOICE.c.user_id], insert={"gone": False}, update={"counted": excluded("counted")})
)
_LEAVE = Query(
    upsert(
        CHOICE,
        [CHOICE.c.user_id],
        insert={"counted": False, "gone": True},
        update={"counted": excluded("counted"), "gone": excluded("gone")},
    )
)
_FORGET = Query(upsert(FORGET, [FORGET.c.user_id], insert={"whole": False}))
_FORGET_WHOLE = Query(
    upsert(FORGET, [FORGET.c.user_id], insert={"whole": True}, update={"whole": excluded("whole")})
)
_TO_FORGET = Query(
    select(FORGET.c.user_id, FORGET.c.stand_in, FORGET.c.whole)
    .order_by(FORGET.c.user_id)
    .limit(bindparam("limit"))
)
_STAND_IN = Query(select(FORGET.c.stand_in).where(FORGET.c.user_id == bindparam("user_id")))
_FORGOTTEN = Query(
    delete(FORGET).where(FORGET.c.user_id == bindparam("user_id"), FORGET.c.whole == bindparam("whole"))
)
_ADD_EXPORT = Query(insert(EXPORT))
_EXPORT = select(*EXPORT.c)
_BY_ID = Query(_EXPORT.where(EXPORT.c.id == bindparam("id")))
_OF_USER = Query(
    _EXPORT.where(EXPORT.c.user_id == bindparam("user_id"))
    .order_by(EXPORT.c.id.desc())
    .limit(bindparam("limit"))
)
_UNDER_WAY = Query(
    select(func.count()).where(EXPORT.c.user_id == bindparam("user_id"), one_of(EXPORT.c.state, "states"))
)
_WRITTEN = Query(
    update(EXPORT)
    .where(EXPORT.c.id == bindparam("export_id"))
    .values(
        state=bindparam("to_state"), done=bindparam("to_done"), rows=bindparam("to_rows"),
        bytes=bindparam("to_bytes"),
    )
)  # fmt: skip
_EXPIRED = Query(
    _EXPORT.where(EXPORT.c.expires_at <= bindparam("now"))
    .order_by(EXPORT.c.expires_at)
    .limit(bindparam("limit"))
)
_DROP = Query(delete(EXPORT).where(one_of(EXPORT.c.id, "ids")))


async def unnamed(db: Reads, people: Collection[int]) -> dict[int, bool]:
    """Those of some people who are not to be named; True for those who are gone."""
    rows = await db.all(_CHOICES, ids=list(people)) if people else ()
    return {user_id: gone for user_id, counted, gone in rows if gone or not counted}


async def choose(tx: Tx, user_id: int, *, counted: bool) -> None:
    """Note whether somebody is to be counted by name."""
    await tx.run(_CHOOSE, user_id=user_id, counted=counted)


async def leave(tx: Tx, user_id: int) -> None:
    """Note that somebody is gone, for good."""
    await tx.run(_LEAVE, user_id=user_id)


async def forget(tx: Tx, user_id: int, stand_in: int, *, whole: bool) -> int:
    """Have somebody forgotten; answers who stands in for them, as it was settled first."""
    await tx.run(_FORGET_WHOLE if whole else _FORGET, user_id=user_id, stand_in=stand_in)
    return int(await tx.value(_STAND_IN, user_id=user_id))


async def to_forget(db: Reads, limit: int) -> list[tuple[int, int, bool]]:
    """People that are to be forgotten: who, who stands in, and whether wholly."""
    return [(row[0], row[1], row[2]) for row in await db.all(_TO_FORGET, limit=limit)]


async def is_to_forget(db: Reads, user_id: int) -> bool:
    return await db.value(_STAND_IN, user_id=user_id) is not None


async def forgotten(tx: Tx, user_id: int, *, whole: bool) -> None:
    """It is done, so far as it was asked for."""
    await tx.run(_FORGOTTEN, user_id=user_id, whole=whole)


async def add_export(tx: Tx, export: Export) -> None:
    await tx.run(
        _ADD_EXPORT, id=export.id, user_id=export.user_id, what=export.what, first=export.first,
        last=export.last, state=export.state, done=export.done, rows=export.rows, bytes=export.bytes,
        created_at=export.created_at, expires_at=export.expires_at,
    )  # fmt: skip


async def export(db: Reads, id: int) -> Export | None:
    """One export, whosever it is."""
    row = await db.first(_BY_ID, id=id)
    return None if row is None else Export(*row)


async def exports(db: Reads, user_id: int, limit: int) -> list[Export]:
    """Somebody's exports, newest first."""
    return [Export(*row) for row in await db.all(_OF_USER, user_id=user_id, limit=limit)]


async def under_way(db: Reads, user_id: int) -> int:
    """How many of somebody's exports are not done."""
    return int(await db.value(_UNDER_WAY, user_id=user_id, states=["waiting", "writing"]))


async def written(tx: Tx, id: int, state: str, done: int, rows: int, bytes: int) -> bool:
    """Note how far an export is; False when it is there no more."""
    changed = await tx.run(_WRITTEN, export_id=id, to_state=state, to_done=done, to_rows=rows, to_bytes=bytes)
    return changed > 0


async def expired(db: Reads, now: int, limit: int) -> list[Export]:
    """Exports whose time is over."""
    return [Export(*row) for row in await db.all(_EXPIRED, now=now, limit=limit)]


async def drop_exports(tx: Tx, ids: Collection[int]) -> None:
    await tx.run(_DROP, ids=list(ids))
