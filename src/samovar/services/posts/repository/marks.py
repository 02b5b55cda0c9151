"""What people do with posts: reposts, bookmarks, pins; and the removal of what hangs on a post."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Select,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    select,
    tuple_,
    union_all,
)

from samovar.kernel.db import Query, Reads, Row, one_of, values_of
from samovar.kernel.store import Tx
from samovar.kernel.upsert import upsert
from samovar.services.posts.domain.post import Post
from samovar.services.posts.tables import AUTHOR, BOOKMARK, PIN, POLL, REPOST, VERSION, VOTE


class Share(NamedTuple):
    """One act of reposting; the fields are columns, in their order."""

    id: int
    post_id: int
    user_id: int


def _of_viewer(table: Table, mark: str, ids: str) -> Select[Any]:
    return select(table.c.post_id, literal_column(f"'{mark}'")).where(
        table.c.user_id == bindparam("user_id"), one_of(table.c.post_id, ids)
    )


_MARKS = Query(
    union_all(
        _of_viewer(REPOST, "r", "reposted"), _of_viewer(BOOKMARK, "b", "ids"), _of_viewer(PIN, "p", "own")
    )
)

_ADD = {table: Query(upsert(table, [table.c.post_id, table.c.user_id])) for table in (REPOST, BOOKMARK, PIN)}
_REMOVE = {
    table: Query(
        delete(table)
        .where(table.c.post_id == bindparam("post_id"), table.c.user_id == bindparam("user_id"))
        .returning(table.c.id)
    )
    for table in (REPOST, BOOKMARK, PIN)
}
_REPOSTERS = Query(
    select(REPOST.c.id, REPOST.c.user_id)
    .where(
        REPOST.c.post_id == bindparam("post_id"),
        REPOST.c.id < bindparam("before"),
        ~exists().where(and_(AUTHOR.c.user_id == REPOST.c.user_id, AUTHOR.c.gone.is_(True))),
    )
    .order_by(REPOST.c.id.desc())
    .limit(bindparam("limit"))
)
_BOOKMARKS = Query(
    select(BOOKMARK.c.id, BOOKMARK.c.post_id)
    .where(BOOKMARK.c.user_id == bindparam("user_id"), BOOKMARK.c.id < bindparam("before"))
    .order_by(BOOKMARK.c.id.desc())
    .limit(bindparam("limit"))
)
_PINNED = Query(
    select(PIN.c.post_id)
    .where(PIN.c.user_id == bindparam("user_id"))
    .order_by(PIN.c.id.desc())
    .limit(bindparam("limit"))
)
_COUNT_PINS = Query(select(func.count()).where(PIN.c.user_id == bindparam("user_id")))
_REPOSTS_OF = Query(
    select(*[REPOST.c[name] for name in Share._fields])
    .where(REPOST.c.user_id == bindparam("user_id"))
    .limit(bindparam("limit"))
)

_hanging = (REPOST, BOOKMARK, PIN, VOTE, VERSION, POLL)


def _some(table: Table) -> Query:
    keys = list(table.primary_key.columns)
    some = select(*keys).where(one_of(table.c.post_id, "ids")).limit(bindparam("limit"))
    return Query(delete(table).where(tuple_(*keys).in_(some)))


_SWEEP = [_some(table) for table in _hanging]


def _some_of(table: Table) -> Query:
    keys = list(table.primary_key.columns)
    some = select(*keys).where(table.c.user_id == bindparam("user_id")).limit(bindparam("limit"))
    return Query(delete(table).where(tuple_(*keys).in_(some)))


_FORGET = [_some_of(table) for table in (BOOKMARK, PIN)]


async def of_viewer(db: Reads, user_id: int, found: Sequence[Post]) -> set[Row]:
    """The viewer's marks on posts: pairs of id and "r" (reposted), "b" (bookmarked) or "p" (pinned).

    Reposts are looked for only where somebody reposted, pins only on one's own posts.
    """
    rows = await db.all(
        _MARKS,
        user_id=user_id,
        ids=[post.id for post in found],
        reposted=[post.id for post in found if post.reposts],
        own=[post.id for post in found if post.author_id == user_id],
    )
    return set(rows)


async def add_repost(tx: Tx, share: Share, created_at: int) -> bool:
    """False when there was one."""
    return await tx.run(_ADD[REPOST], **share._asdict(), created_at=created_at) > 0


async def remove_repost(tx: Tx, post_id: int, user_id: int) -> int | None:
    """The id of the act of sharing that is taken back, or None when there was none."""
    share_id: int | None = await tx.value(_REMOVE[REPOST], post_id=post_id, user_id=user_id)
    return share_id


async def reposters(db: Reads, post_id: int, before: int, limit: int) -> list[tuple[int, int]]:
    """Pairs of share id and user id, newest first."""
    rows = await db.all(_REPOSTERS, post_id=post_id, before=before, limit=limit)
    return [(row[0], row[1]) for row in rows]


async def reposts_of(tx: Reads, user_id: int, limit: int) -> list[Share]:
    """Some of what a person reposted."""
    return [Share._make(row) for row in await tx.all(_REPOSTS_OF, user_id=user_id, limit=limit)]


async def add_bookmark(tx: Tx, mark_id: int, post_id: int, user_id: int) -> None:
    await tx.run(_ADD[BOOKMARK], id=mark_id, post_id=post_id, user_id=user_id)


async def remove_bookmark(tx: Tx, post_id: int, user_id: int) -> None:
    await tx.run(_REMOVE[BOOKMARK], post_id=post_id, user_id=user_id)


async def bookmarks(db: Reads, user_id: int, before: int, limit: int) -> list[tuple[int, int]]:
    """Pairs of bookmark id and post id, newest first."""
    rows = await db.all(_BOOKMARKS, user_id=user_id, before=before, limit=limit)
    return [(row[0], row[1]) for row in rows]


async def add_pin(tx: Tx, mark_id: int, post_id: int, user_id: int) -> bool:
    """False when it was pinned."""
    return await tx.run(_ADD[PIN], id=mark_id, post_id=post_id, user_id=user_id) > 0


async def remove_pin(tx: Tx, post_id: int, user_id: int) -> None:
    await tx.run(_REMOVE[PIN], post_id=post_id, user_id=user_id)


async def pinned(db: Reads, user_id: int, limit: int) -> list[int]:
    """Posts that a person pinned, newest pin first."""
    return values_of(await db.all(_PINNED, user_id=user_id, limit=limit))


async def count_pins(tx: Reads, user_id: int) -> int:
    return int(await tx.value(_COUNT_PINS, user_id=user_id))


async def sweep(tx: Tx, ids: Sequence[int], limit: int) -> int:
    """Remove at most `limit` rows of each table that hang on posts; answers how many went."""
    return sum([await tx.run(query, ids=ids, limit=limit) for query in _SWEEP])


async def forget(tx: Tx, user_id: int, limit: int) -> int:
    """Remove at most `limit` of a person's bookmarks and pins each; answers how many went."""
    return sum([await tx.run(query, user_id=user_id, limit=limit) for query in _FORGET])
