"""Every statement of realtime."""

from collections.abc import Collection, Sequence

from sqlalchemy import and_, bindparam, cast, delete, exists, func, insert, or_, select, update

from samovar.kernel.db import Id, Query, Reads, one_of, typed, values_of
from samovar.kernel.store import Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.realtime.domain import Entry, Log
from samovar.services.realtime.tables import EVENT, FOLLOW, LISTENER

_listener, _event, _follow = LISTENER.c, EVENT.c, FOLLOW.c
_USER = _listener.user_id == bindparam("user")
_EVENTS = _event.user_id == bindparam("user")

GET_LOG = Query(select(_listener.number, _listener.seen_at).where(_USER))
POSITIONS = Query(
    select(_listener.user_id, _listener.number, _listener.seen_at).where(one_of(_listener.user_id, "users"))
)
#: Whoever was away for long missed what was not written meanwhile: a number without an event says so.
SEEN = Query(
    upsert(
        LISTENER,
        [_listener.user_id],
        insert={"number": 0},
        update={"seen_at": excluded("seen_at")},
    )
)
SKIP = Query(update(LISTENER).where(_USER).values(number=_listener.number + 1))
FORGET_EVENTS = Query(delete(EVENT).where(_EVENTS))
SINCE = Query(
    select(_event.number, _event.type, _event.data)
    .where(_EVENTS, _event.number > bindparam("after"))
    .order_by(_event.number)
    .limit(bindparam("limit"))
)

_LISTENS = _listener.seen_at > bindparam("since")
_NEXT = update(LISTENER).values(number=_listener.number + 1).returning(_listener.user_id, _listener.number)
NUMBER_THESE = Query(_NEXT.where(one_of(_listener.user_id, "users"), _LISTENS))
_follows = and_(
    _follow.followee_id == bindparam("followee"),
    ~_follow.removed,
    _follow.follower_id == _listener.user_id,
)
_other = FOLLOW.alias("other")
_ADDRESSEE = cast(bindparam("addressee"), Id)
#: A reply comes home to those alone who follow its addressee too, or are it.
_fits = or_(
    _ADDRESSEE == 0,
    _listener.user_id == _ADDRESSEE,
    exists().where(
        _other.c.followee_id == _ADDRESSEE,
        _other.c.follower_id == _listener.user_id,
        ~_other.c.removed,
    ),
)
NUMBER_FOLLOWERS = Query(_NEXT.where(exists().where(_follows), _LISTENS, _fits))
_SOME = (
    select(_listener.user_id)
    .join(FOLLOW, _follow.follower_id == _listener.user_id)
    .where(_follow.followee_id == bindparam("followee"), ~_follow.removed, _LISTENS)
    .limit(bindparam("limit"))
    .subquery()
)
COUNT_FOLLOWERS = Query(select(func.count()).select_from(_SOME))
ADD = Query(insert(EVENT))

PUT_FOLLOW = Query(
    upsert(
        FOLLOW,
        [_follow.followee_id, _follow.follower_id],
        update={name: excluded(name) for name in ("version", "removed")},
    )
)
LEARN_FOLLOW = Query(
    upsert(FOLLOW, [_follow.followee_id, _follow.follower_id], insert={"version": 0, "removed": False})
)
GET_VERSION = Query(
    select(_follow.version).where(
        _follow.followee_id == bindparam("followee"), _follow.follower_id == bindparam("follower")
    )
)
AMONG = Query(
    select(_follow.follower_id).where(
        _follow.followee_id == bindparam("followee"), one_of(_follow.follower_id, "users"), ~_follow.removed
    )
)

_OLD = (
    select(_event.user_id, _event.number)
    .where(_event.at < bindparam("before"))
    .order_by(_event.at)
    .limit(bindparam("limit"))
)
OLD = Query(_OLD)
LONG_LOGS = Query(
    select(_event.user_id, func.max(_event.number))
    .where(_event.user_id > bindparam("after"))
    .group_by(_event.user_id)
    .having(func.count() > bindparam("kept"))
    .order_by(_event.user_id)
    .limit(bindparam("limit"))
)
CUT = Query(delete(EVENT).where(_EVENTS, _event.number <= bindparam("number")))
ERASE_LISTENER = Query(delete(LISTENER).where(_USER))
ERASE_FOLLOWS = Query(
    delete(FOLLOW).where(
        or_(_follow.followee_id == bindparam("user"), _follow.follower_id == bindparam("user"))
    )
)


async def log_of(db: Reads, user_id: int) -> Log | None:
    """Somebody's log; None when they never listened."""
    row = await db.first(GET_LOG, user=user_id)
    return None if row is None else Log._make(row)


async def logs_of(db: Reads, user_ids: Sequence[int]) -> dict[int, Log]:
    """Logs of those who listened ever."""
    return {row[0]: Log(row[1], row[2]) for row in await db.all(POSITIONS, users=user_ids)}


async def seen(tx: Tx, user_id: int, now: int) -> None:
    """Somebody listens."""
    await tx.run(SEEN, user_id=user_id, seen_at=now)


async def begin_anew(tx: Tx, user_id: int) -> None:
    """Drop a log that has holes, and have everybody who goes on from it told of a gap."""
    await tx.run(FORGET_EVENTS, user=user_id)
    await tx.run(SKIP, user=user_id)


async def since(db: Reads, user_id: int, after: int, limit: int) -> list[Entry]:
    return typed(Entry, await db.all(SINCE, user=user_id, after=after, limit=limit))


async def append(
    tx: Tx, user_ids: Collection[int], listening_since: int, now: int, type: str, data: str
) -> list[tuple[int, int]]:
    """Tell those of these people who listen; answers (person, number)."""
    numbers = await tx.all(NUMBER_THESE, users=sorted(user_ids), since=listening_since)
    return await _write(tx, numbers, now, type, data)


async def append_to_followers(
    tx: Tx, followee_id: int, addressee: int, listening_since: int, now: int, type: str, data: str
) -> list[tuple[int, int]]:
    """Tell those who follow somebody, and the addressee too unless it is 0; answers (person, number)."""
    numbers = await tx.all(NUMBER_FOLLOWERS, followee=followee_id, addressee=addressee, since=listening_since)
    return await _write(tx, numbers, now, type, data)


async def _write(
    tx: Tx, numbers: Sequence[tuple[int, ...]], now: int, type: str, data: str
) -> list[tuple[int, int]]:
    found = [(user_id, number) for user_id, number in numbers]
    rows = (
        {"user_id": user, "number": number, "at": now, "type": type, "data": data} for user, number in found
    )
    await tx.many(ADD, rows)
    return found


async def listening_followers(tx: Reads, followee_id: int, listening_since: int, limit: int) -> int:
    """How many followers of somebody listen, counted up to a limit."""
    number: int = await tx.value(COUNT_FOLLOWERS, followee=followee_id, since=listening_since, limit=limit)
    return number


async def put_follow(tx: Tx, follower_id: int, followee_id: int, version: int, *, removed: bool) -> None:
    """Note a follow's state, unless a later one is known."""
    known = await tx.value(GET_VERSION, followee=followee_id, follower=follower_id)
    if known is None or version > known:
        await tx.run(
            PUT_FOLLOW, followee_id=followee_id, follower_id=follower_id, version=version, removed=removed
        )


async def learn_follows(tx: Tx, follower_id: int, followee_ids: Sequence[int]) -> None:
    """Note follows that were there before anything was heard of them."""
    await tx.many(
        LEARN_FOLLOW, ({"followee_id": followee, "follower_id": follower_id} for followee in followee_ids)
    )


async def followers_among(db: Reads, followee_id: int, user_ids: Sequence[int]) -> list[int]:
    return values_of(await db.all(AMONG, followee=followee_id, users=user_ids))


async def drop_old(tx: Tx, before: int, limit: int) -> int:
    """Remove some events from before a time; answers how many."""
    rows = await tx.all(OLD, before=before, limit=limit)
    highest: dict[int, int] = {}
    for user_id, number in rows:
        highest[user_id] = max(number, highest.get(user_id, 0))
    await tx.many(CUT, ({"user": user_id, "number": number} for user_id, number in highest.items()))
    return len(rows)


async def long_logs(db: Reads, after: int, kept: int, limit: int) -> list[tuple[int, int]]:
    """Some people with more events than are kept: (person, number of the latest)."""
    rows = await db.all(LONG_LOGS, after=after, kept=kept, limit=limit)
    return [(row[0], row[1]) for row in rows]


async def cut(tx: Tx, floors: Sequence[tuple[int, int]]) -> None:
    """Remove each person's events up to a number."""
    await tx.many(CUT, ({"user": user_id, "number": number} for user_id, number in floors))


async def drop_log(tx: Tx, user_id: int) -> None:
    """Remove somebody's log; they listen no more."""
    await tx.run(FORGET_EVENTS, user=user_id)
    await tx.run(ERASE_LISTENER, user=user_id)


async def drop_follows(tx: Tx, user_id: int, limit: int) -> int:
    """Remove some of those whom somebody follows or is followed by; answers how many."""
    return await tx.run(ERASE_FOLLOWS, user=user_id, limit=limit)
