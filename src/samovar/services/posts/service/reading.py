"""Reading posts: one question of visibility under all of it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from samovar.kernel.audience import may_see
from samovar.kernel.authz import guard, may, signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.paging import below, number, page_size
from samovar.services.posts.clients import Graph
from samovar.services.posts.domain.post import (
    OPEN,
    PINS,
    Post,
    Seen,
    Version,
    Written,
    is_id,
)
from samovar.services.posts.repository import judging, marks, polls, posts
from samovar.services.posts.repository.known import Known
from samovar.services.posts.repository.marked import Marked

#: Most posts that search takes at once.
DOCUMENTS: Final = 500
#: Posts kept for the next reader.
KNOWN: Final = 10_000


class Page(NamedTuple):
    """A part of a list; `next` continues it, empty at the end."""

    items: list[Seen]
    next: str


class Thread(NamedTuple):
    """A post with what is above and below it."""

    above: list[Seen]
    post: Seen
    below: list[Seen]
    next: str


class Reading:
    """Posts as a caller may see them."""

    def __init__(self, kit: Kit, graph: Graph) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self.graph = graph
        self._known = Known(kit.db, KNOWN)
        self._marked = Marked(kit.db, KNOWN)

    async def posts(self, call: Call, ids: Sequence[int]) -> list[Post]:
        """Those among the ids that the caller may see, in the order asked. At most 100."""
        if len(ids) > 100:
            raise Invalid(fields={"ids": "Ask for at most 100 at once."})
        return await self._posts(call, ids)

    async def get_many(self, call: Call, ids: Sequence[int]) -> list[Seen]:
        """The same with the caller's own marks and the polls."""
        return await self._dressed(call, await self.posts(call, ids))

    async def examine(self, call: Call, ids: Sequence[int]) -> list[Post]:
        """Posts as they are, whoever may see them. For moderators; others find nothing here."""
        guard(call, "content.hide")
        if len(ids) > 100:
            raise Invalid(fields={"ids": "Ask for at most 100 at once."})
        rows = await self._known.by_ids([id for id in ids if is_id(id)])
        return [rows[id] for id in dict.fromkeys(ids) if id in rows]

    async def latest(
        self, call: Call, author_id: int, hidden: bool, cursor: str, limit: int
    ) -> tuple[list[Post], str]:
        """The newest posts for moderators, and where to go on."""
        guard(call, "content.hide")
        start, size = below(cursor), page_size(limit)
        found = await judging.latest(self._db, author_id, hidden, start, size + 1)
        return found[:size], str(found[size - 1].id) if len(found) > size else ""

    async def one(self, call: Call, post_id: int) -> Seen:
        """Raises NotFound when it isn't there or is not for the caller."""
        found = await self._dressed(call, await self._posts(call, (post_id,)))
        if not found:
            raise NotFound
        return found[0]

    async def _posts(self, call: Call, ids: Sequence[int]) -> list[Post]:
        rows = await self._known.by_ids([id for id in ids if is_id(id)])
        found = [rows[id] for id in dict.fromkeys(ids) if id in rows]
        if call.system:
            return found
        viewer = call.actor
        authors = {post.author_id for post in found}
        if viewer is not None:
            authors.discard(viewer)
        relations = await self.graph.relations(authors)
        moderates = may(call, "content.hide")
        return [
            post
            for post in found
            if (not post.hidden or moderates or post.author_id == viewer)
            and may_see(
                post.visibility,
                post.author_id,
                () if post.visibility in OPEN else post.people,
                viewer,
                relations.get(post.author_id),
            )
        ]

    async def _dressed(self, call: Call, found: list[Post]) -> list[Seen]:
        viewer = call.actor
        polled = [post.id for post in found if post.has_poll]
        own = await self._marked.of(viewer, found) if found and viewer is not None else ()
        if not own and not polled:
            return [Seen(post) for post in found]
        by_post = await polls.by_ids(self._db, polled) if polled else {}
        chosen = await polls.choices(self._db, polled, viewer) if polled and viewer is not None else {}
        now = self._clock.now()
        seen = []
        for post in found:
            poll = by_post.get(post.id) if post.has_poll else None
            seen.append(
                Seen(
                    post,
                    poll,
                    poll is not None and poll.expires_at <= now,
                    chosen.get(post.id),
                    (post.id, "r") in own,
                    (post.id, "b") in own,
                    (post.id, "p") in own,
                )
            )
        return seen

    async def history(self, call: Call, post_id: int) -> list[Version]:
        """All versions, oldest first, the present one last."""
        post = (await self.one(call, post_id)).post
        former = await posts.versions(self._db, post_id) if post.edited_at else []
        at = post.edited_at or post.created_at
        return [*former, Version(post.text, post.html, post.content_warning, at)]

    async def thread(self, call: Call, post_id: int, limit: int, cursor: str) -> Thread:
        """What is above a post, and a page of what is below it."""
        after = number(cursor)
        place = await posts.place(self._db, post_id) if is_id(post_id) else None
        if place is None:
            raise NotFound
        parent_id, root_id = place
        above = await posts.above(self._db, parent_id) if parent_id is not None else []
        size = page_size(limit)
        if root_id == post_id:
            below = await posts.below_root(self._db, root_id, after, size + 1)
        else:
            below = await posts.below(self._db, post_id, after, size + 1)
        following = str(below[size - 1]) if len(below) > size else ""
        ids = [*above, post_id, *below[:size]]
        seen = {item.post.id: item for item in await self._dressed(call, await self._posts(call, ids))}
        if post_id not in seen:
            raise NotFound
        return Thread(
            [seen[id] for id in above if id in seen],
            seen[post_id],
            [seen[id] for id in below[:size] if id in seen],
            following,
        )

    async def quotes(self, call: Call, post_id: int, cursor: str, limit: int) -> Page:
        """Quotes of a post, newest first."""
        start, size = below(cursor), page_size(limit)
        await self.one(call, post_id)
        asked = _over(size)
        ids = await posts.quotes(self._db, post_id, start, asked)
        return await self._page(call, [(id, id) for id in ids], size, asked)

    async def bookmarks(self, call: Call, cursor: str, limit: int) -> Page:
        """The caller's bookmarks, newest first."""
        viewer, start, size = signed_in(call), below(cursor), page_size(limit)
        asked = _over(size)
        return await self._page(call, await marks.bookmarks(self._db, viewer, start, asked), size, asked)

    async def _page(self, call: Call, keys: list[tuple[int, int]], size: int, asked: int) -> Page:
        """Of pairs of order key and post id, as many as fit and may be seen."""
        found = await self._posts(call, [post_id for _, post_id in keys])
        order = {post_id: key for key, post_id in keys}
        kept = found[:size]
        # Where a full page stopped, or else where reading stopped.
        last = order[kept[-1].id] if len(found) >= size else keys[-1][0] if keys else 0
        more = bool(keys) and (len(keys) == asked or last != keys[-1][0])
        return Page(await self._dressed(call, kept), str(last) if more else "")

    async def reposters(self, call: Call, post_id: int, cursor: str, limit: int) -> tuple[list[int], str]:
        """Who reposted, newest first, without people whom a block keeps apart from the caller."""
        start, size = below(cursor), page_size(limit)
        await self.one(call, post_id)
        rows = await marks.reposters(self._db, post_id, start, size + 1)
        following = str(rows[size - 1][0]) if len(rows) > size else ""
        people = [user_id for _, user_id in rows[:size]]
        if call.actor is None:
            return people, following
        relations = await self.graph.relations([id for id in people if id != call.actor])
        apart = {id for id, relation in relations.items() if relation.blocking or relation.blocked_by}
        return [id for id in people if id not in apart], following

    async def pinned(self, call: Call, user_id: int) -> list[Seen]:
        """A person's pinned posts, newest pin first."""
        if not is_id(user_id):
            return []
        ids = await marks.pinned(self._db, user_id, PINS)
        return await self._dressed(call, await self._posts(call, ids)) if ids else []

    async def documents(
        self, call: Call, ids: Sequence[int], after: int, limit: int
    ) -> tuple[list[Written], int]:
        """Posts as search keeps them, for the system: these, or those after an id; and, asked from the
        beginning, how many there are."""
        if not call.system:
            raise NotFound
        if len(ids) > DOCUMENTS:
            raise Invalid(fields={"ids": f"Ask for at most {DOCUMENTS} at once."})
        if ids:
            return await posts.written_by_ids(self._db, [id for id in ids if is_id(id)]), 0
        size = max(1, min(limit or DOCUMENTS, DOCUMENTS))
        total = 0 if after else await posts.count_all(self._db)
        return await posts.written(self._db, max(0, after), size), total

    async def counts(self, user_ids: Sequence[int]) -> list[tuple[int, int]]:
        """How many posts each of these people has. At most 100."""
        if len(user_ids) > 100:
            raise Invalid(fields={"user_ids": "Ask for at most 100 at once."})
        found = await posts.counts(self._db, [id for id in user_ids if is_id(id)])
        return [(id, found.get(id, 0)) for id in user_ids]


def _over(size: int) -> int:
    """How many to read so that a page is full though some may not be seen."""
    return size + size // 2 + 1
