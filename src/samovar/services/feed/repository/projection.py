"""Statements that keep feed's projections: items, shares, follows, homes."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Delete,
    Select,
    Table,
    bindparam,
    cast,
    delete,
    literal_column,
    select,
    union_all,
    update,
)

from samovar.kernel.db import Id, Query, Reads, Text, one_of, values_of
from samovar.kernel.ids import MAX_ID
from samovar.kernel.store import Tx
from samovar.kernel.upsert import excluded, insert_from, upsert
from samovar.services.feed.domain import Follow, Item, Person, Spot
from samovar.services.feed.tables import FOLLOW, HOME, ITEM, NAMED, PERSON, SHARE, TAG

_home, _item, _share, _follow, _named, _tag = HOME.c, ITEM.c, SHARE.c, FOLLOW.c, NAMED.c, TAG.c
_person = PERSON.c
_LIMIT: BindParameter[int] = bindparam("limit")
_USER = bindparam("user", type_=Id())

GET_PERSON = Query(
    select(_person.user_id, _person.followers, _person.heavy, _person.gone).where(_person.user_id == _USER)
)
ADD_PERSON = Query(
    upsert(
        PERSON, [_person.user_id], insert={"followers": 0, "heavy": False, "gone": False, "floor": 0}
    )
)  # fmt: skip
FOLLOW_SELF = Query(
    upsert(
        FOLLOW,
        [_follow.follower_id, _follow.followee_id],
        insert={"whole_from": 0, "version": 0, "removed": False},
    )
)
COUNT_FOLLOWERS = Query(
    update(PERSON)
    .where(one_of(_person.user_id, "users"))
    .values(followers=_person.followers + bindparam("change"))
)
SET_HEAVY = Query(update(PERSON).where(_person.user_id == _USER).values(heavy=True))
SET_GONE = Query(update(PERSON).where(_person.user_id == _USER).values(gone=True))

GET_FOLLOW = Query(
    select(_follow.removed, _follow.version).where(
        _follow.follower_id == bindparam("follower"), _follow.followee_id == bindparam("followee")
    )
)
PUT_FOLLOW = Query(
    upsert(
        FOLLOW,
        [_follow.follower_id, _follow.followee_id],
        update={name: excluded(name) for name in ("whole_from", "version", "removed")},
    )
)
_UNMARKED = (
    select(_follow.follower_id)
    .where(_follow.followee_id == _USER, _follow.whole_from < literal_column(str(MAX_ID)))
    .limit(_LIMIT)
    .correlate(None)
)
MARK_HEAVY = Query(
    update(FOLLOW)
    .where(_follow.followee_id == _USER, _follow.follower_id.in_(_UNMARKED))
    .values(whole_from=MAX_ID)
)

ADD_ITEM = Query(upsert(ITEM, [_item.id, _item.kind]))
GET_ITEM = Query(
    select(_item.author_id, _item.scope, _item.removed, _item.version).where(
        _item.id == bindparam("item"), _item.kind == bindparam("of")
    )
)
CHANGE_ITEM = Query(
    update(ITEM)
    .where(_item.id == bindparam("item"), _item.kind == bindparam("of"))
    .values({name: bindparam(name) for name in ("scope", "hidden", "version")})
)
REMOVE_ITEM = Query(
    upsert(
        ITEM,
        [_item.id, _item.kind],
        insert={"scope": "", "reply": False, "reply_author_id": 0, "hidden": False, "removed": True},
        update={"removed": True, "version": excluded("version")},
    )
)
ADD_TAG = Query(upsert(TAG, [_tag.tag, _tag.id, _tag.kind]))
ADD_NAMED = Query(upsert(NAMED, [_named.person_id, _named.id, _named.kind]))


def _of_item(table: Table) -> Delete:
    return delete(table).where(table.c.id == bindparam("item"), table.c.kind == bindparam("of"))


DROP_TAGS = Query(_of_item(TAG))
DROP_NAMED = Query(_of_item(NAMED))

ADD_SHARE = Query(upsert(SHARE, [_share.id]))
GET_SHARE = Query(select(_share.removed).where(_share.id == bindparam("share")))
REMOVE_SHARE = Query(
    upsert(SHARE, [_share.id], insert={"removed": True}, update={"removed": True}),
)

_POSITION = cast(bindparam("position"), Id)
_FOLLOWERS = (
    select(_follow.follower_id)
    .where(_follow.followee_id == bindparam("by"), ~_follow.removed)
    .where(_follow.follower_id > bindparam("after"), _follow.follower_id <= bindparam("until"))
)
FAN_OUT = Query(
    insert_from(
        HOME,
        ["viewer_id", "by_id", "position", "kind", "item_id"],
        _FOLLOWERS.add_columns(
            _follow.followee_id, _POSITION, cast(bindparam("kind"), Text), cast(bindparam("item_id"), Id)
        ),
    )
)
FAN_IN = Query(
    delete(HOME).where(
        _home.viewer_id.in_(_FOLLOWERS), _home.position == _POSITION, _home.kind == bindparam("kind")
    )
)
LAST_OF_CHUNK = Query(
    _FOLLOWERS.order_by(_follow.follower_id).limit(literal_column("1")).offset(bindparam("skip"))
)


def _recent() -> CompoundSelect[Any]:
    """Newest lines of one person, shown or not: what is hidden now may be shown again."""
    items = (
        select(
            _item.id.label("position"), _item.kind, _item.id.label("item_id"), _item.author_id.label("by_id")
        )
        .where(_item.author_id == _USER, ~_item.removed)
        .order_by(_item.id.desc())
        .limit(_LIMIT)
        .subquery()
    )
    shares = (
        select(_share.id.label("position"), _share.kind, _share.item_id, _share.by_id)
        .where(_share.by_id == _USER, ~_share.removed)
        .order_by(_share.id.desc())
        .limit(_LIMIT)
        .subquery()
    )
    both = union_all(select(items), select(shares))
    return both.order_by(literal_column("position").desc()).limit(_LIMIT)


RECENT = Query(_recent())
PUT_HOME = Query(upsert(HOME, [_home.viewer_id, _home.position, _home.kind]))
TAKE_OUT = Query(delete(HOME).where(_home.viewer_id == bindparam("viewer"), _home.by_id == bindparam("by")))

_kept = HOME.alias("kept")


def _nth(skip: ColumnElement[Any]) -> ColumnElement[Any]:
    return (
        select(_kept.c.position)
        .where(_kept.c.viewer_id == _person.user_id)
        .order_by(_kept.c.position.desc())
        .limit(literal_column("1"))
        .offset(skip)
        .correlate(PERSON)
        .scalar_subquery()
    )


#: Next people by id: the position of the last line within the window, and of the one after it.
WINDOWS = Query(
    select(_person.user_id, _nth(bindparam("last")), _nth(bindparam("window")))
    .where(_person.user_id > bindparam("after"))
    .order_by(_person.user_id)
    .limit(_LIMIT)
)
RAISE_FLOOR = Query(
    update(PERSON)
    .where(_person.user_id == _USER, _person.floor < bindparam("position"))
    .values(floor=bindparam("position"))
)
CUT = Query(delete(HOME).where(_home.viewer_id == _USER, _home.position < bindparam("position")))


def _newest(column: ColumnElement[Any], *which: ColumnElement[bool]) -> Select[Any]:
    return select(column).where(*which).order_by(column.desc()).limit(_LIMIT).correlate(None)


#: Hide what somebody brought, and whom they brought it to; some at a time, newest first.
HIDE_ITEMS = Query(
    update(ITEM)
    .where(_item.id.in_(_newest(_item.id, _item.author_id == _USER, ~_item.removed)))
    .where(_item.author_id == _USER)
    .values(removed=True)
)
HIDE_SHARES = Query(
    update(SHARE)
    .where(_share.id.in_(_newest(_share.id, _share.by_id == _USER, ~_share.removed)))
    .values(removed=True)
)
HIDE_FOLLOWERS = Query(
    update(FOLLOW)
    .where(
        _follow.follower_id.in_(_newest(_follow.follower_id, _follow.followee_id == _USER, ~_follow.removed))
    )
    .where(_follow.followee_id == _USER)
    .values(removed=True)
)

#: Erase them, some at a time.
SOME_ITEMS = Query(select(_item.id, _item.kind).where(_item.author_id == _USER).limit(_LIMIT))
ERASE_ITEM = Query(_of_item(ITEM))
ERASE_ITEM_SHARES = Query(
    delete(SHARE).where(_share.item_id == bindparam("item"), _share.kind == bindparam("of"))
)
ERASE_SHARES = Query(delete(SHARE).where(_share.id.in_(_newest(_share.id, _share.by_id == _USER))))
ERASE_NAMED = Query(
    delete(NAMED).where(
        _named.person_id == _USER, _named.id.in_(_newest(_named.id, _named.person_id == _USER))
    )
)
ERASE_HOME = Query(
    delete(HOME).where(
        _home.viewer_id == _USER, _home.position.in_(_newest(_home.position, _home.viewer_id == _USER))
    )
)
SOME_FOLLOWERS = Query(select(_follow.follower_id).where(_follow.followee_id == _USER).limit(_LIMIT))
TAKE_OUT_OF_ALL = Query(
    delete(HOME).where(one_of(_home.viewer_id, "viewers"), _home.by_id == _USER)
)  # fmt: skip
ERASE_FOLLOWERS = Query(
    delete(FOLLOW).where(_follow.followee_id == _USER, one_of(_follow.follower_id, "followers"))
)
SOME_FOLLOWEES = Query(
    select(_follow.followee_id, _follow.removed).where(_follow.follower_id == _USER).limit(_LIMIT)
)
ERASE_FOLLOWEES = Query(
    delete(FOLLOW).where(_follow.follower_id == _USER, one_of(_follow.followee_id, "followees"))
)


async def person(db: Reads, user_id: int) -> Person | None:
    """What feed knows of a person."""
    row = await db.first(GET_PERSON, user=user_id)
    return None if row is None else Person._make(row)


async def person_or_new(tx: Tx, user_id: int) -> Person:
    """A person's row, made at the first mention; everybody follows themself."""
    found = await person(tx, user_id)
    if found is not None:
        return found
    await tx.run(ADD_PERSON, user_id=user_id)
    await tx.run(FOLLOW_SELF, follower_id=user_id, followee_id=user_id)
    return Person(user_id, followers=0, heavy=False, gone=False)


async def count_followers(tx: Tx, user_ids: Sequence[int], change: int) -> None:
    await tx.run(COUNT_FOLLOWERS, users=user_ids, change=change)


async def mark_heavy(tx: Tx, user_id: int, limit: int) -> bool:
    """Have followers merge somebody's lines at read; some of them at a time. True when all do."""
    if await tx.run(MARK_HEAVY, user=user_id, limit=limit) >= limit:
        return False
    await tx.run(SET_HEAVY, user=user_id)
    return True


async def follow(db: Reads, follower: int, followee: int) -> Follow | None:
    """How one person follows another, past follows too."""
    row = await db.first(GET_FOLLOW, follower=follower, followee=followee)
    return None if row is None else Follow._make(row)


async def put_follow(
    tx: Tx, follower: int, followee: int, version: int, *, whole_from: int = 0, removed: bool = False
) -> None:
    await tx.run(
        PUT_FOLLOW,
        follower_id=follower,
        followee_id=followee,
        version=version,
        whole_from=whole_from,
        removed=removed,
    )


async def add_item(
    tx: Tx, kind: str, item_id: int, author: int, scope: str, version: int, *, reply: bool, reply_author: int
) -> bool:
    """False when its removal was heard of before."""
    return bool(
        await tx.run(
            ADD_ITEM, id=item_id, kind=kind, author_id=author, scope=scope, version=version, reply=reply,
            reply_author_id=reply_author, hidden=False, removed=False,
        )
    )  # fmt: skip


async def item(db: Reads, kind: str, item_id: int) -> Item | None:
    """What feed knows of an item, removed ones too."""
    row = await db.first(GET_ITEM, of=kind, item=item_id)
    return None if row is None else Item._make(row)


async def change_item(tx: Tx, kind: str, item_id: int, scope: str, version: int, *, hidden: bool) -> None:
    await tx.run(CHANGE_ITEM, of=kind, item=item_id, scope=scope, version=version, hidden=hidden)


async def remove_item(tx: Tx, kind: str, item_id: int, author: int, version: int) -> None:
    """Leaves a tombstone, so that a late creation has no effect."""
    await tx.run(REMOVE_ITEM, id=item_id, kind=kind, author_id=author, version=version)
    await drop_words(tx, kind, item_id)


async def add_words(
    tx: Tx, kind: str, item_id: int, tags: Iterable[str], people: Iterable[int]
) -> None:  # fmt: skip
    """What an item is found by: its tags, and the people it is meant for."""
    await tx.many(ADD_TAG, [{"tag": tag, "id": item_id, "kind": kind} for tag in tags])
    await tx.many(ADD_NAMED, [{"person_id": person, "id": item_id, "kind": kind} for person in people])


async def drop_words(tx: Tx, kind: str, item_id: int) -> None:
    """Take an item off its tags and from those it names."""
    await tx.run(DROP_TAGS, of=kind, item=item_id)
    await tx.run(DROP_NAMED, of=kind, item=item_id)


async def add_share(tx: Tx, share: Spot) -> bool:
    """False when it was taken back before it was heard of."""
    return bool(
        await tx.run(
            ADD_SHARE,
            id=share.position,
            by_id=share.by_id,
            kind=share.kind,
            item_id=share.item_id,
            removed=False,
        )
    )


async def remove_share(tx: Tx, share: Spot) -> None:
    """Leaves a tombstone, so that a late act of sharing has no effect."""
    await tx.run(REMOVE_SHARE, id=share.position, by_id=share.by_id, kind=share.kind, item_id=share.item_id)


async def stands(db: Reads, spot: Spot) -> bool:
    """Whether a line is still to be spread."""
    if spot.position == spot.item_id:
        found = await item(db, spot.kind, spot.item_id)
        return found is not None and not found.removed
    removed = await db.value(GET_SHARE, share=spot.position)
    return removed is False


async def last_of_chunk(db: Reads, by: int, after: int, size: int) -> int | None:
    """The last of the next `size` followers by id, or None when there are fewer."""
    found = await db.value(LAST_OF_CHUNK, by=by, after=after, until=MAX_ID, skip=size - 1)
    return None if found is None else int(found)


async def fan_out(tx: Tx, spot: Spot, after: int = 0, until: int = MAX_ID) -> None:
    """Put a line into the homes of those who follow whoever brought it, of a range of ids."""
    await tx.run(FAN_OUT, **_spread(spot), item_id=spot.item_id, after=after, until=until)


async def fan_in(tx: Tx, spot: Spot, after: int = 0, until: int = MAX_ID) -> None:
    """Take a line out of homes again."""
    await tx.run(FAN_IN, **_spread(spot), after=after, until=until)


def _spread(spot: Spot) -> dict[str, Any]:
    return {"by": spot.by_id, "position": spot.position, "kind": spot.kind}


async def recent(db: Reads, user_id: int, limit: int) -> list[Spot]:
    """The newest lines that somebody brought."""
    return [Spot._make(row) for row in await db.all(RECENT, user=user_id, limit=limit)]


async def put_home(tx: Tx, viewer: int, spots: Iterable[Spot]) -> None:
    await tx.many(PUT_HOME, [{"viewer_id": viewer, **spot._asdict()} for spot in spots])


async def take_out(tx: Tx, viewer: int, by: int) -> None:
    """Take all lines that one person brought out of another's home."""
    await tx.run(TAKE_OUT, viewer=viewer, by=by)


async def windows(db: Reads, after: int, limit: int, window: int) -> list[tuple[int, int | None]]:
    """The next people by id, each with where their home is to end, or None when it is short enough."""
    rows = await db.all(WINDOWS, after=after, limit=limit, last=window - 1, window=window)
    return [(user, None if beyond is None else last) for user, last, beyond in rows]


async def cut(tx: Tx, floors: Iterable[tuple[int, int]]) -> None:
    """End homes at these positions; below them they are read through."""
    rows = [{"user": user, "position": position} for user, position in floors]
    await tx.many(RAISE_FLOOR, rows)
    await tx.many(CUT, rows)


async def hide_some(tx: Tx, user_id: int, limit: int) -> bool:
    """Hide some of what a leaver brought; True when there is more."""
    await tx.run(SET_GONE, user=user_id)
    changed = [
        await tx.run(query, user=user_id, limit=limit) for query in (HIDE_FOLLOWERS, HIDE_ITEMS, HIDE_SHARES)
    ]
    return max(changed) >= limit


async def erase_some(tx: Tx, user_id: int, limit: int) -> bool:
    """Erase some of what is kept of a leaver; True when there is more."""
    items = await tx.all(SOME_ITEMS, user=user_id, limit=limit)
    about = [{"item": item_id, "of": kind} for item_id, kind in items]
    for query in (DROP_TAGS, DROP_NAMED, ERASE_ITEM_SHARES, ERASE_ITEM):
        await tx.many(query, about)
    changed = [
        await tx.run(query, user=user_id, limit=limit) for query in (ERASE_SHARES, ERASE_NAMED, ERASE_HOME)
    ]
    followers = values_of(await tx.all(SOME_FOLLOWERS, user=user_id, limit=limit))
    await tx.run(TAKE_OUT_OF_ALL, viewers=followers, user=user_id)
    await tx.run(ERASE_FOLLOWERS, followers=followers, user=user_id)
    followees = await tx.all(SOME_FOLLOWEES, user=user_id, limit=limit)
    await count_followers(tx, [followee for followee, removed in followees if not removed], -1)
    await tx.run(ERASE_FOLLOWEES, followees=[followee for followee, _ in followees], user=user_id)
    return max(len(items), len(followers), len(followees), *changed) >= limit
