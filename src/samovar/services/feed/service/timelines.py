"""Timelines that people read.

What storage offers are candidates: graph's relations are asked once for a page, and decide. A little
more than a page is fetched so that what falls out rarely makes it short; a short page has a cursor.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from samovar.contracts.graph import Relationship
from samovar.kernel.audience import may_see
from samovar.kernel.authz import signed_in
from samovar.kernel.clock import DAY
from samovar.kernel.context import Call
from samovar.kernel.ids import first_id_at
from samovar.kernel.kit import Kit
from samovar.kernel.paging import page_size
from samovar.services.feed.clients import People
from samovar.services.feed.domain import (
    NEAR,
    OPEN,
    TAG_LENGTH,
    Line,
    Spot,
    merged,
    position_of,
    tag_key,
    twins,
)
from samovar.services.feed.repository import timelines as repository

#: Lines fetched beyond a page, and how often a page that came out short is filled up.
SPARE: Final = 5
ROUNDS: Final = 3
#: Lines fetched at once: they have at most two people each, and graph answers for 200.
MOST: Final = 100
TREND_DAYS: Final = 7
TREND_SECONDS: Final = 60
TREND_COUNT: Final = 100

Relations = Mapping[int, Relationship]
#: (before, limit) to candidates.
Read = Callable[[int, int], Awaitable["Stretch"]]
#: Those of the lines that the viewer is shown.
Shown = Callable[[Sequence[Line], Relations], Sequence[Line]]


class Stretch(NamedTuple):
    """A stretch of a timeline, newest first."""

    lines: Sequence[Line]
    #: Lines just below, for leaving out repetitions; None where each line stands for itself.
    below: Sequence[Spot] | None
    #: Whether there may be more below `lines`.
    more: bool


class Timeline(NamedTuple):
    """A page of a timeline."""

    lines: Sequence[Line]
    #: Where the next page begins, empty at the end.
    next: str


class Timelines:
    """Home, public, tag and one person's timeline, and trends."""

    def __init__(self, kit: Kit, people: People) -> None:
        self._db = kit.db
        self._cache = kit.cache
        self._clock = kit.clock
        self._people = people

    async def home(self, call: Call, cursor: str, limit: int) -> Timeline:
        """Lines of those whom the caller follows, and their own. Raises Unauthenticated, Invalid."""
        viewer = signed_in(call)

        async def read(before: int, size: int) -> Stretch:
            return await self._home(viewer, before, size)

        def shown(lines: Sequence[Line], relations: Relations) -> Sequence[Line]:
            return _coming_home(lines, viewer, relations)

        return await self._page(viewer, cursor, limit, read, shown)

    async def _home(self, viewer: int, before: int, size: int) -> Stretch:
        kept, others = await repository.kept(self._db, viewer, before, size)
        if len(kept) < size:
            return await self._below_window(viewer, before, size, kept)
        lines = kept
        if others and (partly := await repository.partly(self._db, viewer, before, kept[-1].position, size)):
            lines = merged((*kept, *partly), size)
        below: Sequence[Spot] = ()
        if any(line.shared for line in lines):
            below = await repository.spots(self._db, viewer, lines[-1].position, NEAR)
        return Stretch(lines, below, more=True)

    async def _below_window(self, viewer: int, before: int, size: int, kept: Sequence[Line]) -> Stretch:
        """Home at and below the end of what is kept: read through to what there is."""
        through = await repository.through(self._db, viewer, before, size + NEAR)
        lines = merged((*kept, *through), size + NEAR)
        below = [Spot(line.position, line.kind, line.item_id, line.by_id) for line in lines[size:]]
        return Stretch(lines[:size], below, more=len(lines) > size)

    async def public(self, call: Call, cursor: str, limit: int) -> Timeline:
        """Public items of all, without replies and shares. Raises Invalid."""

        async def read(before: int, size: int) -> Stretch:
            lines = await repository.public(self._db, before, size)
            return Stretch(lines, None, more=len(lines) == size)

        return await self._listed(call, cursor, limit, read)

    async def tag(self, call: Call, tag: str, cursor: str, limit: int) -> Timeline:
        """Public items with a tag. Raises Invalid."""
        key = tag_key(tag)

        async def read(before: int, size: int) -> Stretch:
            if not key or len(key) > TAG_LENGTH:
                return Stretch((), None, more=False)
            lines = await repository.tagged(self._db, key, before, size)
            return Stretch(lines, None, more=len(lines) == size)

        return await self._listed(call, cursor, limit, read)

    async def _listed(self, call: Call, cursor: str, limit: int, read: Read) -> Timeline:
        viewer = _viewer(call)

        def shown(lines: Sequence[Line], relations: Relations) -> Sequence[Line]:
            return lines if call.system else [line for line in lines if _may_read(line, viewer, relations)]

        return await self._page(viewer, cursor, limit, read, shown)

    async def person(
        self, call: Call, user_id: int, cursor: str, limit: int, *, with_replies: bool
    ) -> Timeline:
        """What one person brought, as far as the caller may see it. Raises Invalid."""
        viewer = _viewer(call)
        relation = (await self._people.relations([user_id])).get(user_id) if viewer != user_id else None
        if relation is not None and (relation.blocking or relation.blocked_by) and not call.system:
            return Timeline((), "")
        own = viewer == user_id or call.system
        scopes = [scope for scope in OPEN if own or may_see(scope, user_id, (), viewer, relation)]
        if own:
            scopes += ["mentioned", "group", "only_me"]

        async def read(before: int, size: int) -> Stretch:
            lines = await repository.person_lines(
                self._db, user_id, viewer or 0, scopes, before, size, with_replies=with_replies
            )
            return Stretch(lines, None, more=len(lines) == size)

        def shown(lines: Sequence[Line], relations: Relations) -> Sequence[Line]:
            # Their own items were chosen by scope or name; someone muted is still to be read on their page.
            return [
                line
                for line in lines
                if not line.shared or call.system or (scopes and _may_read(line, viewer, relations))
            ]

        return await self._page(viewer, cursor, limit, read, shown)

    async def trends(self, limit: int) -> Sequence[tuple[str, int, int]]:
        """Tags of public items of the last days by number of people: (tag, people, items)."""
        found = await self._cache.get("feed.trends", list[tuple[str, int, int]])
        if found is None:
            since = first_id_at(self._clock.now() - TREND_DAYS * DAY)
            found = await repository.trends(self._db, since, TREND_COUNT)
            await self._cache.set("feed.trends", found, TREND_SECONDS)
        trends: Sequence[tuple[str, int, int]] = found
        return trends[: page_size(limit)]

    async def _page(self, viewer: int | None, cursor: str, limit: int, read: Read, shown: Shown) -> Timeline:
        before, size = position_of(cursor), page_size(limit)
        fetched = min(size + SPARE, MOST)
        relations: dict[int, Relationship] = {}
        lines: list[Line] = []
        for _ in range(ROUNDS):
            stretch = await read(before, fetched)
            twin = {} if stretch.below is None else twins(stretch.lines, stretch.below)
            people = _people_of(stretch.lines, twin)
            unknown = [user_id for user_id in people if user_id not in relations and user_id != viewer]
            relations.update(await self._people.relations(unknown))
            found = shown(stretch.lines, relations)
            if twin:
                found = [line for line in found if not _stands_below(line, twin, viewer, relations)]
            lines += found[: size + 1 - len(lines)]
            if len(lines) > size or (len(lines) == size and stretch.more):
                return Timeline(lines[:size], str(lines[size - 1].position))
            if not stretch.more:
                return Timeline(lines, "")
            before = stretch.lines[-1].position
        return Timeline(lines, str(before))


def _viewer(call: Call) -> int | None:
    return None if call.system else call.actor


def _people_of(lines: Sequence[Line], twin: Mapping[Line, set[int]]) -> Iterable[int]:
    """All whom the lines concern, each once; those who matter least last."""
    people = dict.fromkeys([line.author_id for line in lines])
    people.update(dict.fromkeys([line.by_id for line in lines]))
    for bringers in twin.values():
        people.update(dict.fromkeys(bringers))
    return people


def _brings(user_id: int, viewer: int | None, relations: Relations) -> bool:
    """Whether the viewer follows somebody and wants to hear of them."""
    if user_id == viewer:
        return True
    relation = relations.get(user_id)
    return relation is not None and relation.following and not relation.muting


def _may_read(line: Line, viewer: int | None, relations: Relations, named: tuple[int, ...] = ()) -> bool:
    """Whether the viewer may see the item, and has not muted its author."""
    relation = relations.get(line.author_id)
    if relation is not None and relation.muting:
        return False
    return may_see(line.scope, line.author_id, named, viewer, relation)


def _coming_home(lines: Sequence[Line], viewer: int, relations: Relations) -> list[Line]:
    """Lines that come into the viewer's home. What they may see of whom is found out once."""
    brings = {user_id for user_id, to in relations.items() if to.following and not to.muting}
    brings.add(viewer)
    readable: dict[tuple[int, str], bool] = {}
    found = []
    for line in lines:
        opened = line.scope in OPEN
        if opened and line.by_id not in brings:
            continue
        about = (line.author_id, line.scope)
        may = readable.get(about)
        if may is None:
            # Home offers a closed item to those only who are named in it.
            named = () if opened else (viewer,)
            may = readable[about] = _may_read(line, viewer, relations, named)
        if may:
            found.append(line)
    return found


def _stands_below(
    line: Line, twin: Mapping[Line, set[int]], viewer: int | None, relations: Relations
) -> bool:
    bringers = twin.get(line)
    return bringers is not None and any(_brings(user_id, viewer, relations) for user_id in bringers)
