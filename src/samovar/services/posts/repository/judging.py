"""What moderators say of posts, and posts as they look through them."""

from sqlalchemy import bindparam, select, update

from samovar.kernel.db import Query
from samovar.kernel.store import Db, Tx
from samovar.services.posts.domain.post import Post
from samovar.services.posts.tables import AUTHOR, POST

_post = POST.c
_columns = [_post[name] for name in Post._fields]
_alive = _post.deleted.is_(False)

_HIDE = Query(
    update(POST)
    .where(_post.id == bindparam("post_id"), _alive)
    .values(
        hidden=bindparam("hidden"),
        held=bindparam("held"),
        told=bindparam("told"),
        sensitive=bindparam("sensitive"),
        version=_post.version + 1,
    )
)
_LATEST = Query(
    select(*_columns)
    .join(AUTHOR, AUTHOR.c.user_id == _post.author_id)
    .where(_post.id < bindparam("before"), _alive, AUTHOR.c.gone.is_(False))
    .order_by(_post.id.desc())
    .limit(bindparam("limit"))
)
_LATEST_OF = Query(
    select(*_columns)
    .where(_post.author_id == bindparam("author_id"), _post.id < bindparam("before"), _alive)
    .order_by(_post.id.desc())
    .limit(bindparam("limit"))
)
_HIDDEN = Query(
    select(*_columns)
    .where(_post.hidden.is_(True), _post.id < bindparam("before"), _alive)
    .order_by(_post.id.desc())
    .limit(bindparam("limit"))
)


async def judge(tx: Tx, post: Post) -> None:
    """Write what moderators say of a post."""
    await tx.run(
        _HIDE, post_id=post.id, hidden=post.hidden, held=post.held, told=post.told, sensitive=post.sensitive
    )


async def latest(db: Db, author_id: int, hidden: bool, before: int, limit: int) -> list[Post]:
    """The newest posts, of one person or of all, all or those that are hidden."""
    if author_id:
        rows = await db.all(_LATEST_OF, author_id=author_id, before=before, limit=limit)
    else:
        rows = await db.scan(_HIDDEN if hidden else _LATEST, before=before, limit=limit)
    found = [Post._make(row) for row in rows]
    return [post for post in found if post.hidden] if hidden else found
