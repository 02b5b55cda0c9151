"""Every statement of graph."""

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Final

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from samovar.kernel.db import Count, Flag, Id, Query, Reads, Row, one_of, rows_of
from samovar.kernel.ids import MAX_ID
from samovar.kernel.memo import make_room
from samovar.kernel.store import Db, Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.graph.domain import BITS, GONE, PRIVATE, REQUEST, Link, Person, Tie
from samovar.services.graph.tables import BOND, PERSON

_bond, _person = BOND.c, PERSON.c
#: How many of one's newest followees are asked for whom they follow.
_FRIENDS: Final = 100


def _bit(condition: ColumnElement[bool], bit: int) -> ColumnElement[int]:
    # Constants in the text: binding a score of parameters costs more than the search.
    return case((condition, literal_column(str(bit), Count)), else_=literal_column("0", Count))


def _bits() -> ColumnElement[int]:
    """A bond's stand. A number, because flags would have to be decoded one by one."""
    return reduce(add, (_bit(_bond[side].is_not(None), bit) for side, bit in BITS.items()))


def _other_bits() -> ColumnElement[int]:
    return _bit(_person.private, PRIVATE) + _bit(_person.gone, GONE)


_CLOSED = select(_person.user_id, _other_bits()).where(
    one_of(_person.user_id, "others"), _person.private | _person.gone
)
CLOSED = Query(_CLOSED)
STANDS = Query(
    union_all(
        select(_bond.other_id, _bits()).where(
            _bond.user_id == bindparam("viewer"), one_of(_bond.other_id, "others")
        ),
        _CLOSED,
    )
)
_pairs = rows_of("pairs", user_id=Id(), other_id=Id())
STANDS_OF_PAIRS = Query(
    select(_bond.user_id, _bond.other_id, _bits()).select_from(
        _pairs.join(BOND, and_(_bond.user_id == _pairs.c.user_id, _bond.other_id == _pairs.c.other_id))
    )
)
ENSURE = Query(
    upsert(
        PERSON,
        [_person.user_id],
        insert={"private": False, "hide_followers": False, "gone": False, "followers": 0, "following": 0},
    )
)
GET_PERSON = Query(
    select(_person.private, _person.hide_followers, _person.gone, _person.followers, _person.following).where(
        _person.user_id == bindparam("user")
    )
)
COUNTS = Query(
    select(_person.user_id, _person.followers, _person.following).where(one_of(_person.user_id, "users"))
)
SET_PRIVACY = Query(
    update(PERSON)
    .where(_person.user_id == bindparam("user"))
    .values(private=bindparam("closed"), hide_followers=bindparam("hidden"))
)
LEAVE = Query(
    update(PERSON)
    .where(_person.user_id == bindparam("user"))
    .values(private=True, hide_followers=True, gone=True, followers=0, following=0)
)
ADD_FOLLOWERS = Query(
    update(PERSON)
    .where(one_of(_person.user_id, "users"))
    .values(followers=_person.followers + bindparam("change"))
)
ADD_FOLLOWING = Query(
    update(PERSON)
    .where(one_of(_person.user_id, "users"))
    .values(following=_person.following + bindparam("change"))
)
NEWEST = Query(
    select(_person.user_id)
    .where(_person.gone.is_(False))
    .order_by(_person.user_id.desc())
    .limit(bindparam("limit"))
)

_SET = {
    side: Query(
        upsert(
            BOND,
            [_bond.user_id, _bond.other_id],
            insert={name: None for name in BITS if name != side},
            update={side: excluded(side)},
        )
    )
    for side in BITS
}
_THIS = and_(_bond.user_id == bindparam("user"), _bond.other_id == bindparam("other"))
_CLEAR = {side: Query(update(BOND).where(_THIS).values({side: None})) for side in BITS}
_DROP_EMPTY = Query(delete(BOND).where(_THIS, *(_bond[side].is_(None) for side in BITS)))
_DROP_OWN = Query(delete(BOND).where(_bond.user_id == bindparam("user"), one_of(_bond.other_id, "others")))
_DROP_MIRROR = Query(delete(BOND).where(_bond.other_id == bindparam("user"), one_of(_bond.user_id, "others")))
_BATCH = Query(
    select(_bond.other_id, _bits()).where(_bond.user_id == bindparam("user")).limit(bindparam("limit"))
)
_PENDING = Query(
    select(func.count()).where(_bond.user_id == bindparam("user"), _bond[REQUEST.own] > literal(0))
)

_seen = BOND.alias("seen")


def _page(side: str) -> Query:
    """A list of one person, newest first, without those who left or whom a block hides from the viewer."""
    order = _bond[side]
    stands = and_(_seen.c.user_id == bindparam("viewer"), _seen.c.other_id == _bond.other_id)
    return Query(
        select(_bond.other_id, order)
        .join(PERSON, and_(_person.user_id == _bond.other_id, _person.gone.is_(False)))
        .join(_seen, stands, isouter=True)
        .where(_bond.user_id == bindparam("user"), order < bindparam("before"))
        .where(
            or_(
                bindparam("everyone", type_=Flag()),
                and_(_seen.c.blocking.is_(None), _seen.c.blocked_by.is_(None)),
            )
        )
        .order_by(order.desc())
        .limit(bindparam("limit"))
    )


_PAGES = {side: _page(side) for side in ("following", "follower", "requester", "blocking", "muting")}

_friend = BOND.alias("friend")
_FRIENDS_OF = (
    select(_friend.c.other_id)
    .where(_friend.c.user_id == bindparam("user"), _friend.c.following > literal(0))
    .order_by(_friend.c.following.desc())
    .limit(_FRIENDS)
)
FRIENDS_OF_FRIENDS = Query(
    select(_bond.other_id, func.count())
    .where(_bond.user_id.in_(_FRIENDS_OF), _bond.following > literal(0))
    .group_by(_bond.other_id)
    .order_by(func.count().desc(), _bond.other_id.desc())
    .limit(bindparam("limit"))
)


async def stands(db: Reads, viewer: int | None, others: Sequence[int]) -> dict[int, int]:
    """How the viewer stands to each of these people; those without anything to say are left out."""
    if viewer is None:
        return dict(await db.all(CLOSED, others=others))
    found: dict[int, int] = {}
    for other, bits in await db.all(STANDS, viewer=viewer, others=others):
        found[other] = found.get(other, 0) | bits
    return found


class Known:
    """How people stand to each other, as far as it was asked before: by viewer and other."""

    def __init__(self, db: Db, size: int) -> None:
        self._db = db
        self._size = size
        self._stands: dict[tuple[int, int], int] = {}
        #: Whether what has changed is forgotten by itself.
        self._told = db.watch(BOND, ["user_id", "other_id"], self._bond_changed) and db.watch(
            PERSON, ["user_id", "private", "gone"], self._person_changed
        )

    def _bond_changed(self, before: Row | None, after: Row | None) -> None:
        row = after or before
        if row is not None:
            self._stands.pop((row[0], row[1]), None)

    def _person_changed(self, before: Row | None, after: Row | None) -> None:
        now, then = after or (0, 0, 0), before or (0, 0, 0)
        if now[1:] != then[1:]:
            for pair in [pair for pair in self._stands if pair[1] in (now[0], then[0])]:
                del self._stands[pair]

    async def stands(self, viewer: int, others: Sequence[int]) -> dict[int, int]:
        """How the viewer stands to each of these people. No statement for what was asked before when the
        database tells of changes."""
        if not self._told:
            return await stands(self._db, viewer, others)
        known = self._stands
        make_room(known, self._size)
        missing = [other for other in others if (viewer, other) not in known]
        if missing:
            found = await stands(self._db, viewer, missing)
            for other in missing:
                known[viewer, other] = found.get(other, 0)
        return {other: known[viewer, other] for other in others}


async def stands_of_pairs(db: Reads, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """How the first of each pair stands to the second; pairs without anything to say are left out."""
    others = sorted({other for _, other in pairs})
    closed: dict[int, int] = dict(await db.all(CLOSED, others=others))
    found = {pair: closed[pair[1]] for pair in pairs if pair[1] in closed}
    for user, other, bits in await db.all(STANDS_OF_PAIRS, pairs=[list(pair) for pair in pairs]):
        found[user, other] = found.get((user, other), 0) | bits
    return found


async def stand(db: Reads, viewer: int | None, other: int) -> int:
    """How the viewer stands to one person."""
    return (await stands(db, viewer, [other])).get(other, 0)


async def person(db: Reads, user_id: int) -> Person | None:
    """A person's privacy and counts."""
    row = await db.first(GET_PERSON, user=user_id)
    return None if row is None else Person(*row)


async def ensure(tx: Tx, *user_ids: int) -> None:
    """Make sure that these people have a row."""
    await tx.many(ENSURE, [{"user_id": user_id} for user_id in user_ids])


async def counts(db: Reads, user_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Numbers of followers and followees by person."""
    return {row[0]: (row[1], row[2]) for row in await db.all(COUNTS, users=user_ids)}


async def set_privacy(tx: Tx, user_id: int, *, private: bool, hide_followers: bool) -> None:
    await tx.run(SET_PRIVACY, user=user_id, closed=private, hidden=hide_followers)


async def count_follows(tx: Tx, followers: Sequence[int], followees: Sequence[int], change: int) -> None:
    """Correct the counters of both ends of follows that came (1) or went (-1)."""
    await tx.run(ADD_FOLLOWING, users=followers, change=change)
    await tx.run(ADD_FOLLOWERS, users=followees, change=change)


async def tie(tx: Tx, kind: Tie, user_id: int, other_id: int, order: int) -> None:
    """Put a tie between two people, on both sides."""
    await tx.run(_SET[kind.own], user_id=user_id, other_id=other_id, **{kind.own: order})
    await tx.run(_SET[kind.mirror], user_id=other_id, other_id=user_id, **{kind.mirror: order})


async def untie(tx: Tx, kind: Tie, user_id: int, other_id: int) -> None:
    """Take a tie away, on both sides."""
    ends = ({"user": user_id, "other": other_id}, {"user": other_id, "other": user_id})
    await tx.run(_CLEAR[kind.own], **ends[0])
    await tx.run(_CLEAR[kind.mirror], **ends[1])
    await tx.many(_DROP_EMPTY, ends)


async def pending(db: Reads, user_id: int) -> int:
    """How many requests of a person wait."""
    return int(await db.value(_PENDING, user=user_id))


async def page(
    db: Reads,
    side: str,
    user_id: int,
    viewer: int | None,
    before: int | None,
    limit: int,
    *,
    everyone: bool = False,
) -> list[Link]:
    """People on one side of somebody's ties, newest first. `everyone` leaves in whom a block hides."""
    rows = await db.all(
        _PAGES[side],
        user=user_id,
        viewer=viewer or 0,
        before=before or MAX_ID,
        limit=limit,
        everyone=everyone,
    )
    return [Link(*row) for row in rows]


async def leave(tx: Tx, user_id: int) -> None:
    """Mark a person as gone: the row stays, so that nothing late can bring them back."""
    await ensure(tx, user_id)
    await tx.run(LEAVE, user=user_id)


async def take_bonds(tx: Tx, user_id: int, limit: int) -> list[tuple[int, int]]:
    """Delete up to so many bonds of a person from both sides; answers (other, stand) of each."""
    rows = [(other, bits) for other, bits in await tx.all(_BATCH, user=user_id, limit=limit)]
    others = [other for other, _ in rows]
    await tx.run(_DROP_OWN, user=user_id, others=others)
    await tx.run(_DROP_MIRROR, user=user_id, others=others)
    return rows


async def newest(db: Reads, limit: int) -> list[int]:
    return [row[0] for row in await db.all(NEWEST, limit=limit)]


async def friends_of_friends(db: Db, user_id: int, limit: int) -> list[tuple[int, int]]:
    """Whom one's followees follow and how many of these do, most first. Goes through many rows."""
    return [(row[0], row[1]) for row in await db.scan(FRIENDS_OF_FRIENDS, user=user_id, limit=limit)]
