"""What somebody may like to see, and why: from the tags they write and like, and from whom they follow."""

from collections.abc import Collection
from typing import Final, NamedTuple

from samovar.kernel.authz import signed_in
from samovar.kernel.clock import DAY
from samovar.kernel.context import Call
from samovar.kernel.fulltext import Ask, Viewer
from samovar.kernel.kit import Kit
from samovar.kernel.paging import page_size
from samovar.services.search import repository
from samovar.services.search.clients import MOST, Kinds, Ties
from samovar.services.search.domain.query import PERSON

#: A person's strongest interests, and the people looked at for each.
_INTERESTS: Final = 8
_WRITERS: Final = 20
#: How old items may be.
_RECENT: Final = 30 * DAY


class Person(NamedTuple):
    """Somebody, and why: so many of those one follows follow them, or both write about a tag."""

    user_id: int
    followed_by: int = 0
    tag: str = ""


class Item(NamedTuple):
    """An item, and the tag for which it is recommended."""

    kind: str
    id: int
    tag: str


class Recommending:
    """Recommendations; never what the caller follows, mutes, blocks, made or reacted to."""

    def __init__(self, kit: Kit, kinds: Kinds, ties: Ties) -> None:
        self._kit = kit
        self._kinds = kinds
        self._ties = ties

    async def people(self, call: Call, limit: int) -> list[Person]:
        """People to follow: friends of friends first, those with the same interests between them."""
        user, size = signed_in(call), page_size(limit)
        close = [Person(*one) for one in await self._ties.friends_of_friends(MOST)]
        near: dict[int, Person] = {}
        for interest in await repository.interests(self._kit.db, user, _INTERESTS):
            for writer in await repository.writers(self._kit.db, interest.tag, _WRITERS):
                near.setdefault(writer.user_id, Person(writer.user_id, tag=interest.tag))
        found: dict[int, Person] = {}
        for pair in _in_turn(close, list(near.values())):
            found.setdefault(pair.user_id, pair)
        found.pop(user, None)
        few = dict(list(found.items())[: 2 * MOST])
        fit = await self._strange(few.keys(), open_only={one.user_id for one in few.values() if one.tag})
        shown = [one for one in few.values() if one.user_id in fit][:MOST]
        there = await self._kinds.seen([(PERSON, one.user_id) for one in shown])
        return [one for one in shown if (PERSON, one.user_id) in there][:size]

    async def items(self, call: Call, limit: int) -> list[Item]:
        """Items that everybody may see, about the caller's interests, by people they don't follow."""
        user, size = signed_in(call), page_size(limit)
        interests = [one.tag for one in await repository.interests(self._kit.db, user, _INTERESTS)]
        kinds = self._kinds.items()
        if not interests or not kinds:
            return []
        since = max(0, self._kit.clock.now() - _RECENT)
        ask = Ask(kinds=kinds, viewer=Viewer(), any_tags=tuple(interests), since=since, limit=MOST)
        hits = await self._kit.fulltext.find(ask)
        authors = {hit.author_id for hit in hits} - {user}
        strange = await self._strange(authors, open_only=authors)
        near = [(hit.kind, hit.id) for hit in hits if hit.author_id in strange]
        seen = await self._kinds.seen(near)
        liked = await self._kinds.liked(seen)
        found = []
        for key in near:
            tag = next((tag for tag in interests if key in seen and tag in seen[key].tags), "")
            if tag and key not in liked:
                found.append(Item(*key, tag))
        return found[:size]

    async def _strange(self, ids: Collection[int], *, open_only: set[int]) -> set[int]:
        """Those whom the caller neither follows, mutes nor blocks, nor is blocked by."""
        relations = await self._ties.relations(ids)
        return {
            user_id
            for user_id, tie in relations.items()
            if not (tie.following or tie.requested or tie.blocking or tie.blocked_by or tie.muting)
            and not (tie.private and user_id in open_only)
        }


def _in_turn(first: list[Person], second: list[Person]) -> list[Person]:
    """Two of the first, one of the second, and so on."""
    found, left, right = list[Person](), list(first), list(second)
    while left or right:
        found += left[:2] + right[:1]
        del left[:2], right[:1]
    return found
