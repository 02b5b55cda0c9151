"""Posts that were read before, kept for the next reader."""

from collections.abc import Sequence

from sqlalchemy import select

from samovar.kernel.db import Query, Row, one_of
from samovar.kernel.memo import make_room
from samovar.kernel.store import Db
from samovar.services.posts.domain.post import Post
from samovar.services.posts.tables import AUTHOR, POST

_post = POST.c
_columns = [_post[name] for name in Post._fields]
_alive = _post.deleted.is_(False)

_BY_IDS = Query(
    select(*_columns)
    .join(AUTHOR, AUTHOR.c.user_id == _post.author_id)
    .where(one_of(_post.id, "ids"), _alive, AUTHOR.c.gone.is_(False))
)
#: What tells whether a post that was read before is still as it was: whatever else changes, changes
#: the version.
_STATES = Query(
    select(_post.id, _post.version, _post.replies, _post.reposts, _post.quotes)
    .join(AUTHOR, AUTHOR.c.user_id == _post.author_id)
    .where(one_of(_post.id, "ids"), _alive, AUTHOR.c.gone.is_(False))
)


class Known:
    """Posts read before, by id, each with the state in which it was read."""

    def __init__(self, db: Db, size: int) -> None:
        self._db = db
        self._size = size
        self._posts: dict[int, tuple[Row, Post]] = {}
        #: Whether what has changed is forgotten by itself.
        self._told = db.watch(POST, ["id"], self._post_changed) and db.watch(
            AUTHOR, ["gone"], self._author_changed
        )

    def _post_changed(self, before: Row | None, after: Row | None) -> None:
        for row in (before, after):
            if row is not None:
                self._posts.pop(row[0], None)

    def _author_changed(self, before: Row | None, after: Row | None) -> None:
        if after is None or after[0] or (before is not None and before[0]):
            self._posts.clear()

    async def by_ids(self, ids: Sequence[int]) -> dict[int, Post]:
        """Those that are there, in no order; without posts of people who have left.

        No statement when all were read before and the database tells of changes; else a short one, and one
        for those that have changed since.
        """
        known = self._posts
        if self._told:
            found = {post_id: known[post_id][1] for post_id in ids if post_id in known}
        else:
            found = await self._unchanged(ids)
        unsure = [post_id for post_id in ids if post_id not in found]
        if unsure:
            for post_id in unsure:
                known.pop(post_id, None)
            for post in map(Post._make, await self._db.all(_BY_IDS, ids=unsure)):
                found[post.id] = post
                make_room(known, self._size)
                state = (post.id, post.version, post.replies, post.reposts, post.quotes)
                known[post.id] = (state, post)
        return found

    async def _unchanged(self, ids: Sequence[int]) -> dict[int, Post]:
        found: dict[int, Post] = {}
        if self._posts.keys() >= set(ids):
            for state in await self._db.all(_STATES, ids=ids):
                kept = self._posts.get(state[0])
                if kept is not None and kept[0] == state:
                    found[state[0]] = kept[1]
        return found
