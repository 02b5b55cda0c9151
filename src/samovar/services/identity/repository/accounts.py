"""Accounts, names that stay taken, recovery codes and known addresses."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from samovar.kernel.db import Query, Reads, one_of
from samovar.kernel.store import Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.identity.domain import ACTIVE, Account
from samovar.services.identity.tables import ACCOUNT, KNOWN_ADDRESS, RECOVERY_CODE, RESERVED_NAME

_a, _code, _known, _reserved = ACCOUNT.c, RECOVERY_CODE.c, KNOWN_ADDRESS.c, RESERVED_NAME.c

COLUMNS = (
    _a.id, _a.username, _a.email, _a.email_verified, _a.pending_email, _a.locale, _a.roles, _a.password_hash,
    _a.otp_secret, _a.otp_pending, _a.otp_last_step, _a.state, _a.created_at, _a.standing,
    _a.standing_until, _a.standing_notice, _a.silenced,
)  # fmt: skip
_ALIVE = select(*COLUMNS).where(_a.state == ACTIVE)

BY_ID = Query(_ALIVE.where(_a.id == bindparam("id")))
IN_ANY_STATE = Query(select(_a.state).where(_a.id == bindparam("id")))
BY_LOGIN = Query(
    _ALIVE.where(or_(_a.username_key == bindparam("name"), _a.email_key == bindparam("name"))).limit(1)
)
BY_IDS = Query(_ALIVE.where(one_of(_a.id, "ids")))
BY_NAMES = Query(_ALIVE.where(one_of(_a.username_key, "names")))
NAME_TAKEN = Query(select(_a.id).where(_a.username_key == bindparam("name")))
EMAIL_TAKEN = Query(select(_a.id).where(_a.email_key == bindparam("email")))
ADD = Query(insert(ACCOUNT))
ERASE = Query(delete(ACCOUNT).where(_a.id == bindparam("id")))


def _set(*columns: str) -> Query:
    return Query(
        update(ACCOUNT)
        .where(_a.id == bindparam("account"), _a.state == ACTIVE)
        .values({name: bindparam(name) for name in columns})
    )


SET_PASSWORD = _set("password_hash")
SET_ROLES = _set("roles")
SET_VERIFIED = _set("email_verified")
SET_PENDING = _set("pending_email")
SET_EMAIL = _set("email", "email_key", "email_verified", "pending_email")
SET_OTP = _set("otp_secret", "otp_pending", "otp_last_step")
HIDE = _set(
    "state", "username_key", "email_key", "email", "pending_email", "password_hash", "otp_secret",
    "otp_pending",
)  # fmt: skip
REHASH = Query(
    update(ACCOUNT)
    .where(_a.id == bindparam("account"), _a.password_hash == bindparam("old"))
    .values(password_hash=bindparam("fresh"))
)
USE_STEP = Query(
    update(ACCOUNT)
    .where(_a.id == bindparam("account"), _a.otp_last_step < bindparam("step"))
    .values(otp_last_step=bindparam("step"))
)

NAME_RESERVED = Query(
    select(_reserved.until).where(
        _reserved.name_hash == bindparam("name_hash"), _reserved.until > bindparam("now")
    )
)
RESERVE = Query(upsert(RESERVED_NAME, [_reserved.name_hash], update={"until": excluded("until")}))
FREE_NAMES = Query(delete(RESERVED_NAME).where(_reserved.until <= bindparam("now")))

CODES_LEFT = Query(select(func.count()).where(_code.user_id == bindparam("user_id")))
ADD_CODE = Query(insert(RECOVERY_CODE))
USE_CODE = Query(
    delete(RECOVERY_CODE).where(
        _code.user_id == bindparam("user_id"), _code.code_hash == bindparam("code_hash")
    )
)
DROP_CODES = Query(delete(RECOVERY_CODE).where(_code.user_id == bindparam("user_id")))

KNOWS = Query(
    select(_known.last_at).where(
        _known.user_id == bindparam("user_id"),
        _known.address_hash == bindparam("address_hash"),
        _known.last_at > bindparam("after"),
    )
)
KNOW = Query(
    upsert(KNOWN_ADDRESS, [_known.user_id, _known.address_hash], update={"last_at": excluded("last_at")})
)
FORGET_OF = Query(delete(KNOWN_ADDRESS).where(_known.user_id == bindparam("user_id")))
FORGET_OLD = Query(delete(KNOWN_ADDRESS).where(_known.last_at <= bindparam("before")))


async def by_id(db: Reads, user_id: int) -> Account | None:
    """The account of an id, unless it is deleted."""
    row = await db.first(BY_ID, id=user_id)
    return Account(*row) if row else None


async def by_login(db: Reads, name: str) -> Account | None:
    """By the key of a username or of an e-mail address: no name holds an @."""
    row = await db.first(BY_LOGIN, name=name)
    return Account(*row) if row else None


async def by_ids(db: Reads, ids: Sequence[int]) -> list[Account]:
    return [Account(*row) for row in await db.all(BY_IDS, ids=list(ids))]


async def by_names(db: Reads, names: Sequence[str]) -> list[Account]:
    return [Account(*row) for row in await db.all(BY_NAMES, names=list(names))]


async def state_of(db: Reads, user_id: int) -> str | None:
    """None when there is no such account."""
    state: str | None = await db.value(IN_ANY_STATE, id=user_id)
    return state


async def name_taken(db: Reads, key: str, reserved_hash: str, now: int) -> bool:
    return (
        await db.value(NAME_TAKEN, name=key) is not None
        or await db.value(NAME_RESERVED, name_hash=reserved_hash, now=now) is not None
    )


async def email_owner(db: Reads, key: str) -> int | None:
    """Whose an e-mail address is."""
    found: int | None = await db.value(EMAIL_TAKEN, email=key)
    return found


async def add(tx: Tx, account: Account, username_key: str, email_key: str) -> None:
    await tx.run(ADD, **account._asdict(), username_key=username_key, email_key=email_key)


async def set_password(tx: Tx, user_id: int, password_hash: str) -> None:
    await tx.run(SET_PASSWORD, account=user_id, password_hash=password_hash)


async def rehash(tx: Tx, user_id: int, old: str, fresh: str) -> None:
    """Replace a hash by one of the same password, unless the password was changed meanwhile."""
    await tx.run(REHASH, account=user_id, old=old, fresh=fresh)


async def set_roles(tx: Tx, user_id: int, roles: list[str]) -> None:
    await tx.run(SET_ROLES, account=user_id, roles=roles)


async def set_pending_email(tx: Tx, user_id: int, email: str) -> None:
    await tx.run(SET_PENDING, account=user_id, pending_email=email)


async def verified(tx: Tx, user_id: int) -> None:
    """The address in force is proved."""
    await tx.run(SET_VERIFIED, account=user_id, email_verified=True)


async def set_email(tx: Tx, user_id: int, email: str, key: str) -> None:
    """The pending address is proved, and comes into force."""
    await tx.run(
        SET_EMAIL, account=user_id, email=email, email_key=key, email_verified=True, pending_email=""
    )


async def set_otp(tx: Tx, user_id: int, secret: bytes | None, pending: bytes | None, last_step: int) -> None:
    await tx.run(SET_OTP, account=user_id, otp_secret=secret, otp_pending=pending, otp_last_step=last_step)


async def use_step(tx: Tx, user_id: int, step: int) -> bool:
    """Use a code's step up; False when it already was."""
    return await tx.run(USE_STEP, account=user_id, step=step) > 0


async def hide(tx: Tx, user_id: int, state: str) -> None:
    """Take an account out of sight and free what was unique about it."""
    gone = f"deleted:{user_id}"
    await tx.run(
        HIDE, account=user_id, state=state, username_key=gone, email_key=gone, email="", pending_email="",
        password_hash="", otp_secret=None, otp_pending=None,
    )  # fmt: skip


async def erase(tx: Tx, user_id: int) -> None:
    await tx.run(ERASE, id=user_id)


async def reserve_name(tx: Tx, name_hash: str, until: int) -> None:
    await tx.run(RESERVE, name_hash=name_hash, until=until)


async def codes_left(db: Reads, user_id: int) -> int:
    return int(await db.value(CODES_LEFT, user_id=user_id))


async def replace_codes(tx: Tx, user_id: int, hashes: Sequence[str]) -> None:
    """New recovery codes instead of all old ones."""
    await tx.run(DROP_CODES, user_id=user_id)
    await tx.many(ADD_CODE, [{"user_id": user_id, "code_hash": code_hash} for code_hash in hashes])


async def use_code(tx: Tx, user_id: int, code_hash: str) -> bool:
    """Use a recovery code up; False when there is no such one."""
    return await tx.run(USE_CODE, user_id=user_id, code_hash=code_hash) > 0


async def knows(db: Reads, user_id: int, address_hash: str, after: int) -> bool:
    """Whether the account was signed in to from that address after a time."""
    return await db.value(KNOWS, user_id=user_id, address_hash=address_hash, after=after) is not None


async def know(tx: Tx, user_id: int, address_hash: str, now: int) -> None:
    await tx.run(KNOW, user_id=user_id, address_hash=address_hash, last_at=now)


async def forget_addresses(tx: Tx, user_id: int) -> None:
    await tx.run(FORGET_OF, user_id=user_id)


async def prune(tx: Tx, now: int, known_before: int) -> None:
    """Forget addresses not used for long, and free names whose time is over."""
    await tx.run(FREE_NAMES, now=now)
    await tx.run(FORGET_OLD, before=known_before)
