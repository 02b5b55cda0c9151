"""Messages and what became of them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update

from samovar.kernel.db import Query, Reads, one_of
from samovar.kernel.store import Tx
from samovar.kernel.upsert import upsert
from samovar.services.delivery.domain import Attempt, Message
from samovar.services.delivery.tables import ATTEMPT, MESSAGE

_message = MESSAGE.c
_attempt = ATTEMPT.c
_columns = [_message[name] for name in Message._fields]

_ADD = Query(upsert(MESSAGE, [_message.name]))
_DUE = Query(
    select(*_columns)
    .where(
        _message.channel == bindparam("channel"),
        _message.ended_at.is_(None),
        _message.due_at <= bindparam("now"),
    )
    .order_by(_message.priority, _message.due_at)
    .limit(bindparam("limit"))
)
_TAKE = Query(
    update(MESSAGE)
    .where(one_of(_message.id, "ids"))
    .values(state="sending", due_at=bindparam("until"), attempts=_message.attempts + 1)
)
# A message whose lease ran out may be somebody else's by now: it is left alone then.
_held = and_(
    _message.id == bindparam("message_id"), _message.due_at == bindparam("until"), _message.ended_at.is_(None)
)
_FINISH = Query(
    update(MESSAGE)
    .where(_held)
    .values(state=bindparam("to"), reason=bindparam("why"), ended_at=bindparam("now"), data=None)
)
_DEFER = Query(
    update(MESSAGE)
    .where(_held)
    .values(state="deferred", reason=bindparam("why"), due_at=bindparam("again"), attempts=bindparam("tries"))
)
_FOUND = Query(
    update(MESSAGE)
    .where(_message.id == bindparam("message_id"))
    .values(address=bindparam("sealed"), masked=bindparam("shown"))
)
_BOUNCE = Query(
    update(MESSAGE)
    .where(_message.id == bindparam("message_id"))
    .values(state="bounced", reason=bindparam("why"), ended_at=bindparam("now"), data=None)
)
_ATTEMPTED = Query(insert(ATTEMPT))
_BY_NAME = Query(select(*_columns).where(_message.name == bindparam("name")))
_PAGE = Query(
    select(*_columns)
    .where(
        _message.user_id == bindparam("user_id"),
        _message.id < bindparam("before"),
        or_(bindparam("name") == "", _message.name == bindparam("name")),
    )
    .order_by(_message.id.desc())
    .limit(bindparam("limit"))
)
_ATTEMPTS = Query(
    select(*[_attempt[name] for name in Attempt._fields])
    .where(one_of(_attempt.message_id, "ids"))
    .order_by(_attempt.id)
    .limit(bindparam("limit"))
)
_OLDEST = Query(
    select(_message.channel, func.count(), func.min(_message.created_at))
    .where(_message.ended_at.is_(None))
    .group_by(_message.channel)
)
_ENDED_BEFORE = Query(
    select(_message.id).where(_message.ended_at < bindparam("before")).limit(bindparam("limit"))
)
_OF_USER = Query(
    select(_message.id).where(_message.user_id == bindparam("user_id")).limit(bindparam("limit"))
)
_DROP = Query(delete(MESSAGE).where(one_of(_message.id, "ids")))
_DROP_ATTEMPTS = Query(delete(ATTEMPT).where(one_of(_attempt.message_id, "ids")))


async def add(tx: Tx, message: Message) -> None:
    """Store a message, unless one of that name is there."""
    await tx.run(_ADD, **message._asdict())


async def due(db: Reads, channel: str, now: int, limit: int) -> list[Message]:
    """Those whose time has come, the most urgent first."""
    return [Message._make(row) for row in await db.all(_DUE, channel=channel, now=now, limit=limit)]


async def take(tx: Tx, ids: Sequence[int], until: int) -> None:
    """Have messages for oneself until a time."""
    await tx.run(_TAKE, ids=list(ids), until=until)


async def finish(tx: Tx, message_id: int, until: int, state: str, reason: str, now: int) -> bool:
    """A message has come to its end; what it said is wiped. False when it is somebody else's by now."""
    changed = await tx.run(_FINISH, message_id=message_id, until=until, to=state, why=reason, now=now)
    return changed > 0


async def defer(tx: Tx, message_id: int, until: int, reason: str, again: int, tries: int) -> bool:
    """Try a message again at a time. False when it is somebody else's by now."""
    changed = await tx.run(_DEFER, message_id=message_id, until=until, why=reason, again=again, tries=tries)
    return changed > 0


async def found(tx: Tx, message_id: int, sealed: bytes, masked: str) -> None:
    """The person's own address became known."""
    await tx.run(_FOUND, message_id=message_id, sealed=sealed, shown=masked)


async def bounce(tx: Tx, message_id: int, reason: str, now: int) -> None:
    """A message came back."""
    await tx.run(_BOUNCE, message_id=message_id, why=reason, now=now)


async def attempted(tx: Tx, attempt: Attempt) -> None:
    """Log a try."""
    await tx.run(_ATTEMPTED, **attempt._asdict())


async def by_name(db: Reads, name: str) -> Message | None:
    """The message that its sender gave this name."""
    row = await db.first(_BY_NAME, name=name)
    return Message._make(row) if row else None


async def page(db: Reads, user_id: int, name: str, before: int, limit: int) -> list[Message]:
    """A person's messages, newest first; only that of a name, unless it is empty."""
    rows = await db.all(_PAGE, user_id=user_id, name=name, before=before, limit=limit)
    return [Message._make(row) for row in rows]


async def attempts_of(db: Reads, ids: Iterable[int]) -> list[Attempt]:
    """The tries of messages, oldest first; at most 2000."""
    return [Attempt._make(row) for row in await db.all(_ATTEMPTS, ids=list(ids), limit=2000)]


async def waiting(db: Reads) -> list[tuple[str, int, int]]:
    """Channel, number of messages without an end, and when the oldest came."""
    return [(row[0], row[1], row[2]) for row in await db.all(_OLDEST)]


async def ended_before(db: Reads, before: int, limit: int) -> list[int]:
    """Some messages whose end was before a time."""
    return [row[0] for row in await db.all(_ENDED_BEFORE, before=before, limit=limit)]


async def of_user(db: Reads, user_id: int, limit: int) -> list[int]:
    """Some messages of a person."""
    return [row[0] for row in await db.all(_OF_USER, user_id=user_id, limit=limit)]


async def drop(tx: Tx, ids: Sequence[int]) -> None:
    """Remove messages with all that is known of them."""
    await tx.run(_DROP_ATTEMPTS, ids=list(ids))
    await tx.run(_DROP, ids=list(ids))
