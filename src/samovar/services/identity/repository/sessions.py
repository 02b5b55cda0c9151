"""Sessions and their revocations."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from samovar.kernel.db import Query, Reads, one_of, values_of
from samovar.kernel.store import Tx
from samovar.kernel.upsert import upsert
from samovar.services.identity.domain import Session
from samovar.services.identity.tables import ACCOUNT, REVOCATION, SESSION

_s, _r, _a = SESSION.c, REVOCATION.c, ACCOUNT.c

_SESSIONS = select(
    _s.id, _s.user_id, _s.browser, _s.device, _s.address, _s.created_at, _s.last_seen_at, _s.expires_at,
    _s.ends_at, _s.family, _s.refresh_number, _s.refreshed_at, _a.username, _a.roles, _a.state,
).join_from(SESSION, ACCOUNT, _s.user_id == _a.id)  # fmt: skip

BY_ID = Query(_SESSIONS.where(_s.id == bindparam("id")))
BY_COOKIE = Query(_SESSIONS.where(_s.cookie_hash == bindparam("cookie_hash")))
OF_USER = Query(
    _SESSIONS.where(_s.user_id == bindparam("user_id"), _s.expires_at > bindparam("now"))
    .order_by(_s.id.desc())
    .limit(bindparam("limit"))
)
IDS_BY_USE = Query(
    select(_s.id).where(_s.user_id == bindparam("user_id")).order_by(_s.last_seen_at.desc(), _s.id.desc())
)
ADD = Query(insert(SESSION))
SEEN = Query(
    update(SESSION)
    .where(_s.id == bindparam("session"), _s.last_seen_at < bindparam("seen"))
    .values(last_seen_at=bindparam("seen"), expires_at=bindparam("until"), address=bindparam("where"))
)
ROTATE = Query(
    update(SESSION)
    .where(_s.id == bindparam("session"), _s.refresh_number == bindparam("number"))
    .values(
        refresh_number=_s.refresh_number + 1,
        refreshed_at=bindparam("now"),
        last_seen_at=bindparam("now"),
        expires_at=bindparam("until"),
        address=bindparam("where"),
    )
)
END = Query(delete(SESSION).where(one_of(_s.id, "ids"), _s.user_id == bindparam("user_id")).returning(_s.id))
REVOKE = Query(upsert(REVOCATION, [_r.session_id]))
REVOKED_BY = Query(
    select(_r.session_id).where(_r.session_id == bindparam("session"), _r.user_id == bindparam("user_id"))
)
SINCE = Query(
    select(_r.session_id, _r.at)
    .where(_r.at >= bindparam("since"))
    .order_by(_r.at, _r.session_id)
    .limit(bindparam("limit"))
)
EXPIRED = Query(delete(SESSION).where(_s.expires_at <= bindparam("now")))
OLD_REVOCATIONS = Query(delete(REVOCATION).where(_r.at <= bindparam("before")))


async def by_id(db: Reads, session_id: int) -> Session | None:
    """The session of an id."""
    row = await db.first(BY_ID, id=session_id)
    return Session(*row) if row else None


async def by_cookie(db: Reads, cookie_hash: str) -> Session | None:
    """The session that a cookie stands for."""
    row = await db.first(BY_COOKIE, cookie_hash=cookie_hash)
    return Session(*row) if row else None


async def of_user(db: Reads, user_id: int, now: int, limit: int) -> list[Session]:
    """Live ones, newest first."""
    return [Session(*row) for row in await db.all(OF_USER, user_id=user_id, now=now, limit=limit)]


async def ids_of_user(db: Reads, user_id: int) -> list[int]:
    """All of an account's, the last used first."""
    return values_of(await db.all(IDS_BY_USE, user_id=user_id))


async def add(tx: Tx, session: Session, cookie_hash: str | None) -> None:
    """A new session."""
    row = session._asdict()
    for joined in ("username", "roles", "state"):
        del row[joined]
    await tx.run(ADD, **row, cookie_hash=cookie_hash)


async def seen(tx: Tx, notes: Iterable[dict[str, Any]]) -> None:
    """Note when and where sessions were used: `session`, `seen`, `until`, `where`."""
    await tx.many(SEEN, notes)


async def rotate(tx: Tx, session: Session, now: int, until: int, address: str) -> None:
    """Put the next refresh token in force."""
    await tx.run(
        ROTATE, session=session.id, number=session.refresh_number, now=now, until=until, where=address
    )


async def end(tx: Tx, user_id: int, ids: Sequence[int], now: int) -> list[int]:
    """End sessions of an account, for edges too; answers those that were live."""
    if not ids:
        return []
    ended: list[int] = values_of(await tx.all(END, ids=list(ids), user_id=user_id))
    await tx.many(REVOKE, [{"session_id": session_id, "user_id": user_id, "at": now} for session_id in ended])
    return ended


async def was_revoked(db: Reads, user_id: int, session_id: int) -> bool:
    return await db.value(REVOKED_BY, session=session_id, user_id=user_id) is not None


async def revoked_since(db: Reads, since: int, limit: int) -> list[tuple[int, int]]:
    """Session ids with times, in the order of the times."""
    return [(row[0], row[1]) for row in await db.all(SINCE, since=since, limit=limit)]


async def prune(tx: Tx, now: int, revoked_before: int) -> None:
    """Drop sessions that are over and revocations that no edge needs any more."""
    await tx.run(EXPIRED, now=now)
    await tx.run(OLD_REVOCATIONS, before=revoked_before)
