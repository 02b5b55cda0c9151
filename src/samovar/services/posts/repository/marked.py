"""Who reposted, bookmarked or pinned the posts that were asked for before, kept for the next reader."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, Table, literal_column, select, union_all

from samovar.kernel.db import Query, Row, one_of
from samovar.kernel.memo import make_room
from samovar.kernel.store import Db
from samovar.services.posts.domain.post import Post
from samovar.services.posts.repository.marks import of_viewer
from samovar.services.posts.tables import BOOKMARK, PIN, REPOST

#: So many marks are read at once. Of a post that has more each viewer's are asked for.
CROWD: Final = 1000


def _marks(table: Table, mark: str) -> Select[Any]:
    return select(table.c.post_id, table.c.user_id, literal_column(f"'{mark}'")).where(
        one_of(table.c.post_id, "ids")
    )


_EVERY = (_marks(REPOST, "r"), _marks(BOOKMARK, "b"), _marks(PIN, "p"))
_OF_POSTS = Query(union_all(*_EVERY).limit(literal_column(str(CROWD + 1))))


class Marked:
    """Marks by post and person, as `of_viewer` answers them for one person."""

    def __init__(self, db: Db, size: int) -> None:
        self._db = db
        self._size = size
        #: By post, the marks of each person; None when they are too many to keep.
        self._people: dict[int, dict[int, str] | None] = {}
        #: Whether what has changed is forgotten by itself.
        self._told = all(db.watch(table, ["post_id"], self._changed) for table in (REPOST, BOOKMARK, PIN))

    def _changed(self, before: Row | None, after: Row | None) -> None:
        for row in (before, after):
            if row is not None:
                self._people.pop(row[0], None)

    async def of(self, viewer: int, found: Sequence[Post]) -> set[Row]:
        """Pairs of a post's id and "r" (reposted), "b" (bookmarked) or "p" (pinned) of the viewer.

        No statement when all the posts were asked for before and the database tells of changes.
        """
        if not self._told:
            return await of_viewer(self._db, viewer, found)
        known = self._people
        make_room(known, self._size)
        missing = [post.id for post in found if post.id not in known]
        if missing:
            await self._learn(missing)
        own: set[Row] = set()
        crowded = []
        for post in found:
            people = known[post.id]
            if people is None:
                crowded.append(post)
            elif viewer in people:
                own.update((post.id, mark) for mark in people[viewer])
        return own | await of_viewer(self._db, viewer, crowded) if crowded else own

    async def _learn(self, ids: Sequence[int]) -> None:
        rows = await self._db.all(_OF_POSTS, ids=ids)
        if len(rows) > CROWD:
            if len(ids) == 1:
                self._people[ids[0]] = None
            for post_id in ids if len(ids) > 1 else ():
                await self._learn([post_id])
            return
        found: dict[int, dict[int, str]] = {post_id: {} for post_id in ids}
        for post_id, user_id, mark in rows:
            found[post_id][user_id] = found[post_id].get(user_id, "") + mark
        self._people.update(found)
