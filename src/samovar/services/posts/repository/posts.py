"""Posts, their authors and former versions."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import bindparam, exists, func, insert, literal_column, select, update

from samovar.kernel.db import Count, Query, Reads, one_of, typed, values_of
from samovar.kernel.store import Db, Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.posts.domain.post import Post, Version, Written
from samovar.services.posts.tables import AUTHOR, POST, VERSION

#: How far up and down a thread is followed.
_UP: Final = 50
_DOWN: Final = 200

_post = POST.c
_child = POST.alias("posts_child")
_columns = [_post[name] for name in Post._fields]
_alive = _post.deleted.is_(False)

_document = (
    _post.id, _post.author_id, _post.text, _post.content_warning, _post.visibility, _post.mentions,
    _post.reply_to_author_id, _post.language, _post.tags, _post.media_ids, _post.hidden, _post.created_at,
    _post.version,
)  # fmt: skip
_present = (
    select(*_document)
    .join(AUTHOR, AUTHOR.c.user_id == _post.author_id)
    .where(_alive, AUTHOR.c.gone.is_(False))
)
_DOCUMENTS_OF = Query(_present.where(one_of(_post.id, "ids")))
_DOCUMENTS = Query(_present.where(_post.id > bindparam("after")).order_by(_post.id).limit(bindparam("limit")))
_ALL = Query(select(func.count()).where(_alive))
_ONE = Query(select(*_columns).where(_post.id == bindparam("id"), _alive))
_AUTHOR_OF = Query(select(_post.author_id).where(_post.id == bindparam("id")))
_ADD = Query(upsert(POST, [_post.id], insert={"deleted": False}))
_EDIT = Query(
    update(POST)
    .where(_post.id == bindparam("post_id"), _alive)
    .values(
        {
            name: bindparam(name)
            for name in (
                "text", "html", "language", "content_warning", "mentions", "tags", "media_ids", "edited_at",
                "version", "hidden", "held", "sensitive",
            )
        }
    )
)  # fmt: skip
_emptied = {
    "text": "", "html": "", "language": "", "content_warning": "", "mentions": None, "tags": None,
    "media_ids": None, "has_poll": False, "hidden": False, "deleted": True, "held": False,
    "sensitive": False,
}  # fmt: skip
_BURY = Query(update(POST).where(_post.id == bindparam("post_id"), _alive).values(**_emptied))
_COUNT = {
    name: Query(
        update(POST)
        .where(_post.id == bindparam("post_id"), _alive)
        .values({name: _post[name] + bindparam("delta")})
    )
    for name in ("replies", "reposts", "quotes")
}

_PLACE = Query(select(_post.reply_to_id, _post.root_id).where(_post.id == bindparam("id"), _alive))
_up = (
    select(_post.id, _post.reply_to_id, literal_column("1", Count).label("depth"))
    .where(_post.id == bindparam("id"))
    .cte("posts_up", recursive=True)
)
_up = _up.union_all(
    select(_post.id, _post.reply_to_id, _up.c.depth + 1)
    .join(_up, _post.id == _up.c.reply_to_id)
    .where(_up.c.depth < _UP)
)
_ABOVE = Query(select(_up.c.id).order_by(_up.c.depth.desc()))
#: Everything below the first post of a thread: one walk along an index.
_BELOW_ROOT = Query(
    select(_post.id)
    .where(_post.root_id == bindparam("id"), _post.reply_to_id.is_not(None), _post.id > bindparam("after"))
    .order_by(_post.id)
    .limit(bindparam("limit"))
)
_down = (
    select(_post.id, literal_column("1", Count).label("depth"))
    .where(_post.reply_to_id == bindparam("id"))
    .cte("posts_down", recursive=True)
)
_down = _down.union_all(
    select(_post.id, _down.c.depth + 1)
    .join(_down, _post.reply_to_id == _down.c.id)
    .where(_down.c.depth < _DOWN)
)
_BELOW = Query(
    select(_down.c.id).where(_down.c.id > bindparam("after")).order_by(_down.c.id).limit(bindparam("limit"))
)
_QUOTES = Query(
    select(_post.id)
    .where(_post.quote_of_id == bindparam("id"), _post.id < bindparam("before"), _alive)
    .order_by(_post.id.desc())
    .limit(bindparam("limit"))
)

_ADD_VERSION = Query(insert(VERSION))
_VERSIONS = Query(
    select(*[VERSION.c[name] for name in Version._fields])
    .where(VERSION.c.post_id == bindparam("id"))
    .order_by(VERSION.c.version)
)
_COUNT_VERSIONS = Query(select(func.count()).where(VERSION.c.post_id == bindparam("id")))

_COUNT_AUTHOR = Query(
    upsert(
        AUTHOR,
        [AUTHOR.c.user_id],
        insert={"gone": False},
        update={"posts": AUTHOR.c.posts + bindparam("delta")},
    ).returning(AUTHOR.c.gone)
)
_LEAVE = Query(
    upsert(
        AUTHOR,
        [AUTHOR.c.user_id],
        insert={"posts": 0, "gone": True},
        update={"posts": excluded("posts"), "gone": excluded("gone")},
    )
)
_COUNTS = Query(select(AUTHOR.c.user_id, AUTHOR.c.posts).where(one_of(AUTHOR.c.user_id, "ids")))

_AUTHORED = Query(
    select(*_columns, _post.deleted)
    .where(_post.author_id == bindparam("user_id"))
    .order_by(_post.id)
    .limit(bindparam("limit"))
)
_ORPHAN = Query(
    update(POST)
    .where(one_of(_post.reply_to_id, "ids"))
    .values(reply_to_author_id=None, version=_post.version + 1)
)
_REMOVE_LEAVES = Query(
    POST.delete().where(one_of(_post.id, "ids"), ~exists().where(_child.c.reply_to_id == _post.id))
)
_DISOWN = Query(
    update(POST).where(one_of(_post.id, "ids")).values(author_id=0, reply_to_author_id=None, **_emptied)
)


class Authored(NamedTuple):
    """A post about to be erased."""

    post: Post
    deleted: bool


async def written_by_ids(db: Db, ids: Sequence[int]) -> list[Written]:
    """Posts with all their text, in no order; without those of people who have left."""
    return typed(Written, await db.all(_DOCUMENTS_OF, ids=ids))


async def written(db: Db, after: int, limit: int) -> list[Written]:
    """The same of all posts, in the order of their ids."""
    return typed(Written, await db.scan(_DOCUMENTS, after=after, limit=limit))


async def count_all(db: Db) -> int:
    """How many posts there are. Goes through all of them."""
    return int((await db.scan(_ALL))[0][0])


async def one(db: Reads, post_id: int) -> Post | None:
    """A post, unless it is deleted."""
    row = await db.first(_ONE, id=post_id)
    return None if row is None else Post._make(row)


async def author_of(db: Reads, post_id: int) -> int | None:
    """Whose a post is or was: deleted ones still know it."""
    author: int | None = await db.value(_AUTHOR_OF, id=post_id)
    return author


async def add(tx: Tx, post: Post) -> bool:
    """False when the id is taken."""
    return await tx.run(_ADD, **post._asdict()) > 0


async def edit(tx: Tx, post: Post) -> None:
    """Write what an edit may change."""
    await tx.run(
        _EDIT, post_id=post.id, text=post.text, html=post.html, language=post.language,
        content_warning=post.content_warning, mentions=post.mentions, tags=post.tags,
        media_ids=post.media_ids, edited_at=post.edited_at, version=post.version, hidden=post.hidden,
        held=post.held, sensitive=post.sensitive,
    )  # fmt: skip


async def bury(tx: Tx, post_id: int) -> bool:
    """Empty a post and mark it deleted. False when it was."""
    return await tx.run(_BURY, post_id=post_id) > 0


async def count(tx: Tx, name: str, post_id: int, delta: int) -> bool:
    """Change one of a post's numbers (replies, reposts, quotes). False when the post is gone."""
    return await tx.run(_COUNT[name], post_id=post_id, delta=delta) > 0


async def count_many(tx: Tx, name: str, deltas: dict[int, int]) -> None:
    """The same for many posts."""
    if deltas:
        await tx.many(_COUNT[name], [{"post_id": key, "delta": delta} for key, delta in deltas.items()])


async def place(db: Reads, post_id: int) -> tuple[int | None, int] | None:
    """The post above and the first of the thread."""
    row = await db.first(_PLACE, id=post_id)
    return None if row is None else (row[0], row[1])


async def above(db: Reads, post_id: int) -> list[int]:
    """A post and those above it, from the top."""
    return values_of(await db.all(_ABOVE, id=post_id))


async def below_root(db: Reads, root_id: int, after: int, limit: int) -> list[int]:
    """Posts of a thread, oldest first."""
    return values_of(await db.all(_BELOW_ROOT, id=root_id, after=after, limit=limit))


async def below(db: Db, post_id: int, after: int, limit: int) -> list[int]:
    """Posts below one in the middle of a thread, oldest first."""
    return values_of(await db.scan(_BELOW, id=post_id, after=after, limit=limit))


async def quotes(db: Reads, post_id: int, before: int, limit: int) -> list[int]:
    """Posts that quote one, newest first."""
    return values_of(await db.all(_QUOTES, id=post_id, before=before, limit=limit))


async def add_version(tx: Tx, post_id: int, number: int, version: Version) -> None:
    await tx.run(_ADD_VERSION, post_id=post_id, version=number, **version._asdict())


async def versions(db: Reads, post_id: int) -> list[Version]:
    """Former versions, oldest first."""
    return [Version._make(row) for row in await db.all(_VERSIONS, id=post_id)]


async def count_versions(db: Reads, post_id: int) -> int:
    return int(await db.value(_COUNT_VERSIONS, id=post_id))


async def count_author(tx: Tx, user_id: int, delta: int) -> bool:
    """Change a person's number of posts. False when they have left."""
    gone = await tx.value(_COUNT_AUTHOR, user_id=user_id, posts=max(0, delta), delta=delta)
    return not gone


async def leave(tx: Tx, user_id: int) -> None:
    """Nobody sees this person's posts from now on."""
    await tx.run(_LEAVE, user_id=user_id)


async def counts(db: Reads, user_ids: Sequence[int]) -> dict[int, int]:
    """How many posts people have; those without any are missing."""
    return {row[0]: row[1] for row in await db.all(_COUNTS, ids=user_ids)}


async def authored(tx: Reads, user_id: int, limit: int) -> list[Authored]:
    """A person's oldest posts, deleted ones too."""
    rows = await tx.all(_AUTHORED, user_id=user_id, limit=limit)
    return [Authored(Post._make(row[:-1]), row[-1]) for row in rows]


async def erase(tx: Tx, ids: Sequence[int]) -> None:
    """Remove posts for good; of those that were answered an empty, nameless row stays."""
    await tx.run(_ORPHAN, ids=ids)
    await tx.run(_REMOVE_LEAVES, ids=ids)
    await tx.run(_DISOWN, ids=ids)
