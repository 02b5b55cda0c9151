"""How people stand to each other: the question every page asks."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from samovar.contracts.graph import Count, Relationship
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.kit import Kit
from samovar.services.graph import repository
from samovar.services.graph.domain import (
    BLOCKED_BY,
    BLOCKING,
    FOLLOWER,
    FOLLOWING,
    GONE,
    MUTING,
    PRIVATE,
    REQUESTED,
    REQUESTER,
)

MAX_RELATIONS = 200
MAX_COUNTS = 100
MAX_PAIRS = 500
#: Pairs of people that are kept for the next question.
KNOWN = 100_000

_NAMES = {
    FOLLOWING: "following",
    FOLLOWER: "followed_by",
    REQUESTED: "requested",
    REQUESTER: "requested_by",
    BLOCKING: "blocking",
    BLOCKED_BY: "blocked_by",
    MUTING: "muting",
    PRIVATE: "private",
}


@cache
def _words(stand: int) -> Mapping[str, bool]:
    """The fields of a relationship that are true. Those who left are closed to everybody."""
    if stand & GONE:
        return {"private": True}
    return {name: True for bit, name in _NAMES.items() if stand & bit}


@lru_cache(20_000)
def relationship(user_id: int, stand: int) -> Relationship:
    return Relationship(user_id=user_id, **_words(stand))


def forget_relations(call: Call) -> None:
    """Drop what was remembered during this request, after a change."""
    call.memo.pop(("graph.relations", call.actor), None)


class Relations:
    """Reads that go with every page, many people at once."""

    def __init__(self, kit: Kit) -> None:
        self._db = kit.db
        self._known = repository.Known(kit.db, KNOWN)

    async def many(self, call: Call, user_ids: Sequence[int]) -> tuple[Relationship, ...]:
        """How the caller stands to each of these people. One statement; none for what was asked before
        in this request."""
        if len(user_ids) > MAX_RELATIONS:
            raise Invalid(fields={"user_ids": f"At most {MAX_RELATIONS} at a time."})
        viewer = call.actor
        # For a stranger the answer is too cheap to be kept.
        known: dict[int, Relationship] = {}
        if viewer is not None:
            known = call.memo.setdefault(("graph.relations", viewer), known)
        missing = [user_id for user_id in user_ids if user_id not in known]
        if missing:
            stands = (
                await repository.stands(self._db, None, missing)
                if viewer is None
                else await self._known.stands(viewer, missing)
            )
            for user_id in missing:
                known[user_id] = relationship(user_id, stands.get(user_id, 0))
        return tuple([known[user_id] for user_id in user_ids])

    async def of_pairs(self, call: Call, pairs: Sequence[tuple[int, int]]) -> tuple[Relationship, ...]:
        """How the first of each pair stands to the second. One statement; for the system only."""
        if not call.system:
            raise NotFound
        if len(pairs) > MAX_PAIRS:
            raise Invalid(fields={"pairs": f"At most {MAX_PAIRS} at a time."})
        stands = await repository.stands_of_pairs(self._db, pairs) if pairs else {}
        return tuple([relationship(pair[1], stands.get(pair, 0)) for pair in pairs])

    async def counts(self, user_ids: Sequence[int]) -> tuple[Count, ...]:
        """Followers and followees of each of these people."""
        if len(user_ids) > MAX_COUNTS:
            raise Invalid(fields={"user_ids": f"At most {MAX_COUNTS} at a time."})
        found = await repository.counts(self._db, user_ids)
        nobody = (0, 0)
        return tuple(
            Count(user_id=user_id, followers=numbers[0], following=numbers[1])
            for user_id in user_ids
            for numbers in (found.get(user_id, nobody),)
        )
