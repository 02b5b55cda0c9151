"""What people do not want, addresses that are dead, and our own keys."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, or_, select

from samovar.kernel.db import Query, Reads, one_of
from samovar.kernel.store import Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.delivery.tables import DEAD, KEY, REFUSAL

_refusal = REFUSAL.c
_REFUSE = Query(upsert(REFUSAL, [_refusal.user_id, _refusal.channel, _refusal.category]))
_ALLOW = Query(
    delete(REFUSAL).where(
        _refusal.user_id == bindparam("of_user"),
        _refusal.channel == bindparam("of_channel"),
        or_(bindparam("of_category") == "", _refusal.category == bindparam("of_category")),
    )
)
_REFUSED = Query(
    select(_refusal.user_id, _refusal.category).where(
        one_of(_refusal.user_id, "user_ids"), _refusal.channel == bindparam("channel")
    )
)
_FORGET_REFUSALS = Query(delete(REFUSAL).where(_refusal.user_id == bindparam("of_user")))
_BURY = Query(upsert(DEAD, [DEAD.c.mark], update={"died_at": excluded("died_at")}))
_REVIVE = Query(delete(DEAD).where(DEAD.c.mark == bindparam("of_mark")))
_ARE_DEAD = Query(select(DEAD.c.mark).where(one_of(DEAD.c.mark, "marks")))
_FORGET_DEAD = Query(delete(DEAD).where(DEAD.c.died_at < bindparam("before")))
_FORGET_DEAD_OF = Query(delete(DEAD).where(DEAD.c.user_id == bindparam("of_user")))
_ADD_KEY = Query(upsert(KEY, [KEY.c.name]))
_KEY = Query(select(KEY.c.public, KEY.c.sealed).where(KEY.c.name == bindparam("name")))


async def refuse(tx: Tx, user_id: int, channel: str, category: str, now: int) -> bool:
    """Note that somebody does not want a kind of messages. False when that was known."""
    changed = await tx.run(_REFUSE, user_id=user_id, channel=channel, category=category, refused_at=now)
    return changed > 0


async def allow(tx: Tx, user_id: int, channel: str, category: str) -> bool:
    """Forget that; all kinds of a channel without a category. False when there was nothing to forget."""
    return await tx.run(_ALLOW, of_user=user_id, of_channel=channel, of_category=category) > 0


async def refused(db: Reads, user_ids: Sequence[int], channel: str) -> set[tuple[int, str]]:
    """Pairs of person and category that are not wanted by a channel."""
    return {(row[0], row[1]) for row in await db.all(_REFUSED, user_ids=list(user_ids), channel=channel)}


async def bury(tx: Tx, mark: str, user_id: int, now: int) -> None:
    """Note that an address is dead."""
    await tx.run(_BURY, mark=mark, user_id=user_id, died_at=now)


async def revive(tx: Tx, mark: str) -> None:
    """An address that was dead works."""
    await tx.run(_REVIVE, of_mark=mark)


async def dead(db: Reads, marks: Sequence[str]) -> set[str]:
    """Those of the addresses that are dead."""
    return {row[0] for row in await db.all(_ARE_DEAD, marks=list(marks))}


async def forget_dead(tx: Tx, before: int) -> None:
    """Give addresses that died before a time another chance."""
    await tx.run(_FORGET_DEAD, before=before)


async def forget_person(tx: Tx, user_id: int) -> None:
    """Remove what is known of a person beside messages."""
    await tx.run(_FORGET_REFUSALS, of_user=user_id)
    await tx.run(_FORGET_DEAD_OF, of_user=user_id)


async def add_key(tx: Tx, name: str, public: str, sealed: bytes, now: int) -> None:
    """Store a key, unless one of that name is there."""
    await tx.run(_ADD_KEY, name=name, public=public, sealed=sealed, created_at=now)


async def key(db: Reads, name: str) -> tuple[str, bytes] | None:
    """The public half of a key and the sealed private one."""
    row = await db.first(_KEY, name=name)
    return (row[0], row[1]) if row else None
