"""Polls: voting, and their end."""

from collections.abc import Sequence

from samovar.contracts.posts import AlreadyVoted, PollClosed, PollEnded
from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.paging import number, page_size
from samovar.kernel.store import Tx
from samovar.services.posts.domain.post import Poll, Seen, choice_problem
from samovar.services.posts.repository import polls, posts
from samovar.services.posts.service.common import Pace
from samovar.services.posts.service.reading import Reading


class Voting:
    """What people do with polls."""

    def __init__(self, kit: Kit, reading: Reading) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self._pace = Pace(kit)
        self._reading = reading

    async def vote(self, call: Call, post_id: int, choices: Sequence[int]) -> Seen:
        """Choose in a poll, once. Raises PollClosed and AlreadyVoted."""
        voter = signed_in(call)
        seen = await self._reading.one(call, post_id)
        if seen.poll is None:
            raise NotFound
        if seen.post.author_id == voter:
            raise Invalid("You can't vote in your own poll.")
        if seen.choices is not None:
            raise AlreadyVoted
        if seen.expired:
            raise PollClosed
        problem = choice_problem(seen.poll, choices)
        if problem is not None:
            raise Invalid(fields={"choices": problem})
        await self._pace.keep(call)
        chosen = sorted(choices)

        async def write(tx: Tx) -> Poll:
            poll = (await polls.by_ids(tx, [post_id])).get(post_id)
            if poll is None:
                raise NotFound
            if poll.expires_at <= self._clock.now():
                raise PollClosed
            if not await polls.add_vote(tx, polls.Vote(post_id, chosen), voter):
                raise AlreadyVoted
            poll = with_vote(poll, chosen, 1)
            await polls.tally(tx, poll)
            return poll

        return seen._replace(poll=await self._db.write(write), choices=chosen)

    async def voters(self, call: Call, post_id: int, cursor: str, limit: int) -> tuple[Sequence[int], str]:
        """Who voted, for the system only: whoever asks tells them, and nobody else."""
        after = number(cursor)
        if not call.system:
            raise NotFound
        size = page_size(limit)
        found = await polls.voters(self._db, post_id, after, size)
        return found, str(found[-1]) if len(found) == size else ""

    async def end(self, post_id: int) -> None:
        """Tell, once, that a poll is over."""

        async def write(tx: Tx) -> None:
            post = await posts.one(tx, post_id)
            poll = (await polls.by_ids(tx, [post_id])).get(post_id)
            if post is None or poll is None or not await polls.end(tx, post_id):
                return
            await tx.publish(PollEnded(post_id=post_id, author_id=post.author_id, voters_count=poll.voters))

        await self._db.write(write)


def with_vote(poll: Poll, chosen: Sequence[int], by: int) -> Poll:
    """The poll with one more vote, or (`by` -1) one less."""
    votes = [count + by if index in chosen else count for index, count in enumerate(poll.votes)]
    return poll._replace(votes=votes, voters=poll.voters + by)
