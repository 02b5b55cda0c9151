"""Tokens of letters, letters not yet sent, signing keys, tombstones."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select, update

from samovar.kernel.db import Query, Reads, Row, values_of
from samovar.kernel.store import Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.identity.domain import Erasure, Proof
from samovar.services.identity.tables import ERASURE, LETTER, PROOF, SIGNING_KEY

_p, _l, _k, _e = PROOF.c, LETTER.c, SIGNING_KEY.c, ERASURE.c

FIND = Query(
    select(_p.user_id, _p.purpose, _p.email, _p.expires_at).where(_p.token_hash == bindparam("token_hash"))
)
ADD_PROOF = Query(insert(PROOF))
DROP_PROOF = Query(delete(PROOF).where(_p.token_hash == bindparam("token_hash")))
DROP_PROOFS = Query(
    delete(PROOF).where(_p.user_id == bindparam("user_id"), _p.purpose == bindparam("purpose"))
)
ERASE_PROOFS = Query(delete(PROOF).where(_p.user_id == bindparam("user_id")))
OLD_PROOFS = Query(delete(PROOF).where(_p.expires_at <= bindparam("now")))

ADD_LETTER = Query(insert(LETTER))
GET_LETTER = Query(select(_l.user_id, _l.sealed).where(_l.id == bindparam("id")))
DROP_LETTER = Query(delete(LETTER).where(_l.id == bindparam("id")))
ERASE_LETTERS = Query(delete(LETTER).where(_l.user_id == bindparam("user_id")))
OLD_LETTERS = Query(delete(LETTER).where(_l.created_at <= bindparam("before")))

KEYS = Query(select(_k.kid, _k.jwk, _k.sealed, _k.active_at).order_by(_k.active_at.desc(), _k.kid).limit(20))
ADD_KEY = Query(insert(SIGNING_KEY))
DROP_KEY = Query(delete(SIGNING_KEY).where(_k.kid == bindparam("kid")))

_ERASURES = select(_e.user_id, _e.at, _e.confirmed, _e.done_at)
GET_ERASURE = Query(_ERASURES.where(_e.user_id == bindparam("user_id")))
ADD_ERASURE = Query(
    upsert(ERASURE, [_e.user_id], update={"confirmed": excluded("confirmed"), "done_at": excluded("done_at")})
)
OPEN_ERASURES = Query(select(_e.user_id).where(_e.done_at.is_(None)).limit(bindparam("limit")))
CONFIRM = Query(
    update(ERASURE)
    .where(_e.user_id == bindparam("whose"))
    .values(confirmed=bindparam("confirmed"), done_at=bindparam("done_at"))
)


async def find(db: Reads, token_hash: str) -> Proof | None:
    """What a letter's token proves."""
    row = await db.first(FIND, token_hash=token_hash)
    return Proof(*row) if row else None


async def add(tx: Tx, token_hash: str, proof: Proof) -> None:
    await tx.run(ADD_PROOF, token_hash=token_hash, **proof._asdict())


async def drop(tx: Tx, token_hash: str) -> bool:
    """Use a token up; False when it already was."""
    return await tx.run(DROP_PROOF, token_hash=token_hash) > 0


async def drop_of(tx: Tx, user_id: int, purpose: str) -> None:
    await tx.run(DROP_PROOFS, user_id=user_id, purpose=purpose)


async def add_letter(tx: Tx, letter_id: int, user_id: int, sealed: bytes, now: int) -> None:
    await tx.run(ADD_LETTER, id=letter_id, user_id=user_id, sealed=sealed, created_at=now)


async def letter(db: Reads, letter_id: int) -> tuple[int, bytes] | None:
    """An unsent letter: whose it is, and itself, sealed."""
    row = await db.first(GET_LETTER, id=letter_id)
    return (row[0], row[1]) if row else None


async def drop_letter(tx: Tx, letter_id: int) -> None:
    await tx.run(DROP_LETTER, id=letter_id)


async def erase(tx: Tx, user_id: int) -> None:
    """Tokens and unsent letters of a person."""
    await tx.run(ERASE_PROOFS, user_id=user_id)
    await tx.run(ERASE_LETTERS, user_id=user_id)


async def prune(tx: Tx, now: int, letters_before: int) -> None:
    """Drop tokens that are over and letters that were never sent."""
    await tx.run(OLD_PROOFS, now=now)
    await tx.run(OLD_LETTERS, before=letters_before)


async def signing_keys(db: Reads) -> list[Row]:
    """Kid, JWK, sealed private key and first time of use, the newest first."""
    return await db.all(KEYS)


async def add_signing_key(tx: Tx, kid: str, jwk: str, sealed: bytes, active_at: int) -> None:
    await tx.run(ADD_KEY, kid=kid, jwk=jwk, sealed=sealed, active_at=active_at)


async def drop_signing_key(tx: Tx, kid: str) -> None:
    await tx.run(DROP_KEY, kid=kid)


async def erasure(db: Reads, user_id: int) -> Erasure | None:
    """How far the erasure of an account is."""
    row = await db.first(GET_ERASURE, user_id=user_id)
    return Erasure(*row) if row else None


async def add_erasure(tx: Tx, user_id: int, now: int) -> None:
    """Begin an erasure, from the beginning if there was one."""
    await tx.run(ADD_ERASURE, user_id=user_id, at=now, confirmed=[], done_at=None)


async def confirm(tx: Tx, user_id: int, confirmed: Sequence[str], done_at: int | None) -> None:
    await tx.run(CONFIRM, whose=user_id, confirmed=list(confirmed), done_at=done_at)


async def open_erasures(db: Reads, limit: int) -> list[int]:
    return values_of(await db.all(OPEN_ERASURES, limit=limit))
