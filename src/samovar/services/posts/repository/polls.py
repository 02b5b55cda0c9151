"""Polls and votes."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from samovar.kernel.db import Query, Reads, one_of, values_of
from samovar.kernel.store import Tx
from samovar.kernel.upsert import upsert
from samovar.services.posts.domain.post import Poll
from samovar.services.posts.tables import POLL, VOTE


class Vote(NamedTuple):
    """What somebody chose."""

    post_id: int
    choices: Sequence[int]


_ADD = Query(insert(POLL))
_BY_IDS = Query(select(*[POLL.c[name] for name in Poll._fields]).where(one_of(POLL.c.post_id, "ids")))
_CHOICES = Query(
    select(VOTE.c.post_id, VOTE.c.choices).where(
        one_of(VOTE.c.post_id, "ids"), VOTE.c.user_id == bindparam("user_id")
    )
)
_ADD_VOTE = Query(upsert(VOTE, [VOTE.c.post_id, VOTE.c.user_id]))
_TALLY = Query(
    update(POLL)
    .where(POLL.c.post_id == bindparam("id"))
    .values(votes=bindparam("votes"), voters=bindparam("voters"))
)
_END = Query(
    update(POLL).where(POLL.c.post_id == bindparam("id"), POLL.c.ended.is_(False)).values(ended=True)
)
_VOTES_OF = Query(
    select(VOTE.c.post_id, VOTE.c.choices)
    .where(VOTE.c.user_id == bindparam("user_id"))
    .limit(bindparam("limit"))
)
_VOTERS = Query(
    select(VOTE.c.user_id)
    .where(VOTE.c.post_id == bindparam("id"), VOTE.c.user_id > bindparam("after"))
    .order_by(VOTE.c.user_id)
    .limit(bindparam("limit"))
)
_REMOVE_VOTES = Query(
    delete(VOTE).where(VOTE.c.user_id == bindparam("user_id"), one_of(VOTE.c.post_id, "ids"))
)


async def add(tx: Tx, poll: Poll) -> None:
    await tx.run(_ADD, **poll._asdict(), ended=False)


async def by_ids(db: Reads, ids: Sequence[int]) -> dict[int, Poll]:
    """Polls by their posts."""
    return {row[0]: Poll._make(row) for row in await db.all(_BY_IDS, ids=ids)}


async def choices(db: Reads, ids: Sequence[int], user_id: int) -> dict[int, Sequence[int]]:
    """What a person chose, by post."""
    return {row[0]: row[1] for row in await db.all(_CHOICES, ids=ids, user_id=user_id)}


async def add_vote(tx: Tx, vote: Vote, user_id: int) -> bool:
    """False when they had voted."""
    return await tx.run(_ADD_VOTE, post_id=vote.post_id, user_id=user_id, choices=vote.choices) > 0


async def tally(tx: Tx, poll: Poll) -> None:
    """Write a poll's numbers."""
    await tx.run(_TALLY, id=poll.post_id, votes=poll.votes, voters=poll.voters)


async def end(tx: Tx, post_id: int) -> bool:
    """Mark a poll as over. False when it was, or is gone."""
    return await tx.run(_END, id=post_id) > 0


async def votes_of(tx: Reads, user_id: int, limit: int) -> list[Vote]:
    """Some of a person's votes."""
    return [Vote._make(row) for row in await tx.all(_VOTES_OF, user_id=user_id, limit=limit)]


async def voters(db: Reads, post_id: int, after: int, limit: int) -> list[int]:
    """Some of those who voted, after one of them."""
    return values_of(await db.all(_VOTERS, id=post_id, after=after, limit=limit))


async def remove_votes(tx: Tx, user_id: int, post_ids: Sequence[int]) -> None:
    await tx.run(_REMOVE_VOTES, user_id=user_id, ids=post_ids)
