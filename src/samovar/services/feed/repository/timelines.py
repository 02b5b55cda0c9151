"""Statements that read timelines. Hot: a home page is two or three of them.

Lines come as (position, kind, item, by, author, scope, fits), newest first.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from samovar.kernel.db import Flag, Id, Query, Reads, Row, one_of, typed
from samovar.kernel.store import Db
from samovar.services.feed.domain import OPEN, Line, Spot
from samovar.services.feed.tables import FOLLOW, HOME, ITEM, NAMED, PERSON, SHARE, TAG

_home, _item, _share, _follow, _named, _tag = HOME.c, ITEM.c, SHARE.c, FOLLOW.c, NAMED.c, TAG.c
_VIEWER = bindparam("viewer", type_=Id())
_BEFORE = bindparam("before", type_=Id())
_LOW = bindparam("low", type_=Id())
_LIMIT: BindParameter[int] = bindparam("limit")
_TRUE: ColumnElement[Any] = literal_column("1")
_FALSE: ColumnElement[Any] = literal_column("0")
_COLUMNS = Line._fields


def _shown(item: FromClause) -> ColumnElement[bool]:
    return and_(~item.c.removed, ~item.c.hidden)


def _open(item: FromClause) -> ColumnElement[bool]:
    # Constants in the text: binding parameters costs more than comparing.
    return item.c.scope.in_([literal_column(f"'{scope}'") for scope in OPEN])


def _fits(item: FromClause) -> ColumnElement[bool]:
    """Whether an item belongs into the viewer's home: no reply, or one to somebody they follow as well."""
    addressee = FOLLOW.alias("addressee").c
    return or_(
        ~item.c.reply,
        item.c.author_id == _VIEWER,
        item.c.reply_author_id.in_([item.c.author_id, _VIEWER]),
        exists()
        .where(
            addressee.follower_id == _VIEWER,
            addressee.followee_id == item.c.reply_author_id,
            ~addressee.removed,
        )
        .correlate(item),
    )


def _line(*values: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [value.label(name) for value, name in zip(values, _COLUMNS, strict=True)]


def _item_line(item: FromClause) -> list[ColumnElement[Any]]:
    """An item as its author brought it."""
    columns = item.c
    return _line(
        columns.id, columns.kind, columns.id, columns.author_id, columns.author_id, columns.scope, _TRUE
    )


def _share_line(share: FromClause, item: FromClause, fits: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """An item as somebody shared it."""
    columns = share.c
    return _line(
        columns.id, columns.kind, columns.item_id, columns.by_id, item.c.author_id, item.c.scope, fits
    )


def _floor() -> ColumnElement[Any]:
    floor = select(PERSON.c.floor).where(PERSON.c.user_id == _VIEWER).scalar_subquery()
    return func.coalesce(floor, 0)


def _kept() -> Query:
    """Lines kept in a person's home, above its floor; and whether there may be any that are not kept.

    Whoever is unfollowed is taken out of it, so who brought a line is not asked for again.
    """
    fits = _fits(ITEM)
    partial, closed = FOLLOW.alias("partial").c, NAMED.alias("closed").c
    # A number, because flags are decoded row by row.
    others = case(
        (exists().where(partial.follower_id == _VIEWER, partial.whole_from > 0), _TRUE),
        (exists().where(closed.person_id == _VIEWER), _TRUE),
        else_=_FALSE,
    )
    return Query(
        select(
            *_line(
                _home.position, _home.kind, _home.item_id, _home.by_id, _item.author_id, _item.scope,
                case((fits, _TRUE), else_=_FALSE),
            ),
            select(others).scalar_subquery().label("others"),
        )
        .select_from(HOME)
        .join(ITEM, and_(_item.id == _home.item_id, _item.kind == _home.kind))
        .where(_home.viewer_id == _VIEWER, _home.position < _BEFORE, _home.position >= _floor())
        .where(_shown(ITEM), _open(ITEM))
        .where(or_(_home.position != _home.item_id, fits))
        .order_by(_home.position.desc())
        .limit(_LIMIT)
    )  # fmt: skip


def _merged(bound: ColumnElement[Any], *which: ColumnElement[bool]) -> Query:
    """Lines that are not kept in a person's home: of followees, below a bound of each; and closed
    items that name the person."""
    return Query(
        union_all(
            _of_followees(bound, *which), _shares_of_followees(bound, *which), _naming()
        ).order_by(literal_column("position").desc()).limit(_LIMIT)
    )  # fmt: skip


def _of_followees(bound: ColumnElement[Any], *which: ColumnElement[bool]) -> Select[Any]:
    newest = ITEM.alias("newest")
    ids = (
        select(newest.c.id)
        .where(newest.c.author_id == _follow.followee_id)
        .where(newest.c.id < _BEFORE, newest.c.id < bound, newest.c.id >= _LOW)
        .where(_shown(newest), _open(newest), _fits(newest))
        .order_by(newest.c.id.desc())
        .limit(_LIMIT)
        .correlate(FOLLOW)
    )
    item = ITEM.alias("item")
    return (
        select(*_item_line(item))
        .select_from(FOLLOW)
        .join(item, and_(item.c.author_id == _follow.followee_id, item.c.id.in_(ids)))
        .where(_follow.follower_id == _VIEWER, ~_follow.removed, *which)
    )


def _shares_of_followees(bound: ColumnElement[Any], *which: ColumnElement[bool]) -> Select[Any]:
    newest, item = SHARE.alias("newest"), ITEM.alias("shared")
    ids = (
        select(newest.c.id)
        .join(item, and_(item.c.id == newest.c.item_id, item.c.kind == newest.c.kind))
        .where(newest.c.by_id == _follow.followee_id, ~newest.c.removed)
        .where(newest.c.id < _BEFORE, newest.c.id < bound, newest.c.id >= _LOW)
        .where(_shown(item), _open(item))
        .order_by(newest.c.id.desc())
        .limit(_LIMIT)
        .correlate(FOLLOW)
    )
    share, about = SHARE.alias("share"), ITEM.alias("about")
    return (
        select(*_share_line(share, about, case((_fits(about), _TRUE), else_=_FALSE)))
        .select_from(FOLLOW)
        .join(share, and_(share.c.by_id == _follow.followee_id, share.c.id.in_(ids)))
        .join(about, and_(about.c.id == share.c.item_id, about.c.kind == share.c.kind))
        .where(_follow.follower_id == _VIEWER, ~_follow.removed, *which)
    )


def _naming() -> Select[Any]:
    item = ITEM.alias("closed")
    ids = (
        select(_named.id)
        .join(ITEM, and_(_item.id == _named.id, _item.kind == _named.kind))
        .where(_named.person_id == _VIEWER, _named.id < _BEFORE, _named.id >= _LOW)
        .where(_shown(ITEM), ~_open(ITEM))
        .order_by(_named.id.desc())
        .limit(_LIMIT)
    )
    return (
        select(*_item_line(item))
        .select_from(NAMED.join(item, and_(item.c.id == _named.id, item.c.kind == _named.kind)))
        .where(_named.person_id == _VIEWER, _named.id.in_(ids), ~_open(item))
    )


_bound = case((_follow.whole_from > _floor(), _follow.whole_from), else_=_floor())

KEPT = _kept()
#: Of followees whose lines at this height are not all kept. Usually none.
PARTLY = _merged(_follow.whole_from, _follow.whole_from > _LOW)
#: Of all followees, past the window.
THROUGH = _merged(_bound)
SPOTS = Query(
    select(_home.position, _home.kind, _home.item_id, _home.by_id)
    .where(_home.viewer_id == _VIEWER, _home.position < _BEFORE)
    .order_by(_home.position.desc())
    .limit(_LIMIT)
)


PUBLIC = Query(
    select(*_item_line(ITEM))
    .where(_item.id < _BEFORE, _item.scope == literal_column("'public'"))
    .where(~_item.reply, ~_item.hidden, ~_item.removed)
    .order_by(_item.id.desc())
    .limit(_LIMIT)
)
TAGGED = Query(
    select(*_item_line(ITEM))
    .join(TAG, and_(_tag.id == _item.id, _tag.kind == _item.kind))
    .where(_tag.tag == bindparam("tag"), _tag.id < _BEFORE)
    .where(_item.scope == literal_column("'public'"), _shown(ITEM))
    .order_by(_tag.id.desc())
    .limit(_LIMIT)
)
TRENDS = Query(
    select(
        _tag.tag,
        func.count(_item.author_id.distinct()).label("people"),
        func.count().label("items"),
    )
    .join(ITEM, and_(_item.id == _tag.id, _item.kind == _tag.kind))
    .where(_tag.id >= bindparam("since"), _item.scope == literal_column("'public'"), _shown(ITEM))
    .group_by(_tag.tag)
    .order_by(literal_column("people").desc(), literal_column("items").desc(), _tag.tag)
    .limit(_LIMIT)
)


def _person() -> CompoundSelect[Any]:
    """One person's lines in scopes that the viewer may see, or that name the viewer."""
    user = bindparam("user", type_=Id())
    named = exists().where(_named.person_id == _VIEWER, _named.id == _item.id, _named.kind == _item.kind)
    items = (
        select(*_item_line(ITEM))
        .where(_item.author_id == user, _item.id < _BEFORE, _shown(ITEM))
        .where(or_(one_of(_item.scope, "scopes"), named.correlate(ITEM)))
        .where(
            or_(
                bindparam("with_replies", type_=Flag()),
                ~_item.reply,
                _item.reply_author_id == _item.author_id,
            )
        )
        .order_by(_item.id.desc())
        .limit(_LIMIT)
        .subquery("items")
    )
    about = ITEM.alias("about")
    shares = (
        select(*_share_line(SHARE, about, _TRUE))
        .join(about, and_(about.c.id == _share.item_id, about.c.kind == _share.kind))
        .where(_share.by_id == user, _share.id < _BEFORE, ~_share.removed, _shown(about), _open(about))
        .order_by(_share.id.desc())
        .limit(_LIMIT)
        .subquery("shares")
    )
    return union_all(select(items), select(shares)).order_by(literal_column("position").desc()).limit(_LIMIT)


PERSON_LINES = Query(_person())


def _lines(rows: Sequence[Row]) -> list[Line]:
    return typed(Line, rows)


async def kept(db: Reads, viewer: int, before: int, limit: int) -> tuple[list[Line], bool]:
    """Lines ready in a person's home, from `before` down to its floor; and whether `partly` may have more."""
    rows = await db.all(KEPT, viewer=viewer, before=before, limit=limit)
    return typed(Line, [row[:-1] for row in rows]), bool(rows and rows[0][-1])


async def partly(db: Reads, viewer: int, before: int, low: int, limit: int) -> list[Line]:
    """Lines between `before` and `low` that home doesn't keep although they are within its window."""
    return _lines(await db.all(PARTLY, viewer=viewer, before=before, low=low, limit=limit))


async def through(db: Db, viewer: int, before: int, limit: int) -> list[Line]:
    """All lines below `before` that home doesn't keep. Goes through many rows."""
    return _lines(await db.scan(THROUGH, viewer=viewer, before=before, low=0, limit=limit))


async def spots(db: Reads, viewer: int, before: int, limit: int) -> list[Spot]:
    """The next lines kept in a home, as they are."""
    return typed(Spot, await db.all(SPOTS, viewer=viewer, before=before, limit=limit))


async def public(db: Reads, before: int, limit: int) -> list[Line]:
    return _lines(await db.all(PUBLIC, before=before, limit=limit))


async def tagged(db: Reads, tag: str, before: int, limit: int) -> list[Line]:
    return _lines(await db.all(TAGGED, tag=tag, before=before, limit=limit))


async def person_lines(
    db: Reads, user: int, viewer: int, scopes: Sequence[str], before: int, limit: int, *, with_replies: bool
) -> list[Line]:
    """What one person brought; `viewer` is 0 for a stranger."""
    return _lines(
        await db.all(
            PERSON_LINES,
            user=user,
            viewer=viewer,
            scopes=scopes,
            before=before,
            limit=limit,
            with_replies=with_replies,
        )
    )


async def trends(db: Db, since: int, limit: int) -> list[tuple[str, int, int]]:
    """Tags of public items since a position: tag, people, items. Goes through many rows."""
    return [(tag, people, items) for tag, people, items in await db.scan(TRENDS, since=since, limit=limit)]
