"""How accounts stand, and roles of the community's own."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy import cast as as_
from sqlalchemy.sql import ColumnElement

from samovar.kernel.db import Count, Query, Reads, Text, one_of
from samovar.kernel.store import Db, Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.identity.domain import ACTIVE, Account, Role
from samovar.services.identity.repository.accounts import COLUMNS
from samovar.services.identity.tables import ACCOUNT, BANNED_EMAIL, ROLE, SESSION

_a, _role, _banned, _s = ACCOUNT.c, ROLE.c, BANNED_EMAIL.c, SESSION.c

SET = Query(
    update(ACCOUNT)
    .where(_a.id == bindparam("account"), _a.state == ACTIVE)
    .values({name: bindparam(name) for name in ("standing", "standing_until", "standing_notice", "silenced")})
)
BAN = Query(upsert(BANNED_EMAIL, [_banned.email_hash], update={"at": excluded("at")}))
UNBAN = Query(delete(BANNED_EMAIL).where(_banned.email_hash == bindparam("email_hash")))
BANNED = Query(select(_banned.at).where(_banned.email_hash == bindparam("email_hash")))

_roles_text = as_(_a.roles, Text)
_HAS: Final = _roles_text.like(bindparam("pattern"))
WITH_ROLE = Query(select(func.count()).where(_a.state == ACTIVE, _HAS))
OF_ROLE = Query(select(_a.id, _a.roles).where(_a.state == ACTIVE, _HAS).limit(bindparam("limit")))
ALL_ROLES = Query(select(_role.name, _role.permissions).order_by(_role.name).limit(200))
PUT_ROLE = Query(
    upsert(
        ROLE,
        [_role.name],
        update={"permissions": excluded("permissions"), "changed_at": excluded("changed_at")},
    )
)
DROP_ROLE = Query(delete(ROLE).where(_role.name == bindparam("name")))

_FILTERS: Final[dict[str, ColumnElement[bool]]] = {
    "": _a.id > 0,
    "staff": _roles_text != '["user"]',
    "suspended": _a.standing != "",
    "silenced": _a.silenced.is_(True),
}
_holds = or_(
    _a.username_key.like(bindparam("pattern"), escape="!"),
    _a.email_key.like(bindparam("pattern"), escape="!"),
)
FIND = {
    name: Query(
        select(*COLUMNS)
        .where(_a.state == ACTIVE, _a.id < bindparam("before"), _holds, which)
        .order_by(_a.id.desc())
        .limit(bindparam("limit"))
    )
    for name, which in _FILTERS.items()
}
SESSIONS_OF = Query(
    select(_s.user_id, func.count(_s.id, type_=Count()), func.max(_s.last_seen_at))
    .where(one_of(_s.user_id, "ids"), _s.expires_at > bindparam("now"))
    .group_by(_s.user_id)
)


async def put(tx: Tx, user_id: int, standing: str, until: int, notice: str, silenced: bool) -> None:
    """How an account stands from now on."""
    await tx.run(
        SET, account=user_id, standing=standing, standing_until=until, standing_notice=notice,
        silenced=silenced,
    )  # fmt: skip


async def ban_email(tx: Tx, email_hash: str, now: int) -> None:
    await tx.run(BAN, email_hash=email_hash, at=now)


async def unban_email(tx: Tx, email_hash: str) -> None:
    await tx.run(UNBAN, email_hash=email_hash)


async def email_banned(db: Reads, email_hash: str) -> bool:
    return await db.value(BANNED, email_hash=email_hash) is not None


async def with_role(db: Reads, name: str) -> int:
    """How many have a role."""
    return int(await db.value(WITH_ROLE, pattern=f'%"{name}"%'))


async def of_role(tx: Tx, name: str, limit: int) -> list[tuple[int, list[str]]]:
    """Some who have a role, with all their roles."""
    return [(row[0], row[1]) for row in await tx.all(OF_ROLE, pattern=f'%"{name}"%', limit=limit)]


async def roles(db: Reads) -> list[Role]:
    """The community's own."""
    return [Role(row[0], tuple(row[1])) for row in await db.all(ALL_ROLES)]


async def put_role(tx: Tx, role: Role, now: int) -> None:
    await tx.run(PUT_ROLE, name=role.name, permissions=list(role.permissions), changed_at=now)


async def drop_role(tx: Tx, name: str) -> bool:
    return await tx.run(DROP_ROLE, name=name) > 0


async def find(db: Db, text: str, which: str, before: int, limit: int) -> list[Account]:
    """Accounts whose name or address holds a text, newest first."""
    for special in "!%_":
        text = text.replace(special, f"!{special}")
    rows = await db.scan(FIND[which], pattern=f"%{text}%", before=before, limit=limit)
    return [Account(*row) for row in rows]


async def sessions_of(db: Reads, ids: Sequence[int], now: int) -> dict[int, tuple[int, int]]:
    """How many sessions people have, and when one was last used."""
    return {row[0]: (row[1], row[2]) for row in await db.all(SESSIONS_OF, ids=list(ids), now=now)}
