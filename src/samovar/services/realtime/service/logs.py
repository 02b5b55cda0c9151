"""The numbered log of each person who listens."""

from collections.abc import Sequence
from typing import Final

from samovar.kernel.authz import signed_in
from samovar.kernel.clock import DAY, MINUTE
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.paging import page_size
from samovar.kernel.store import Tx
from samovar.services.realtime import repository
from samovar.services.realtime.clients import Graph
from samovar.services.realtime.domain import (
    LONGEST_DATA,
    LONGEST_TYPE,
    MOST_ASKED,
    MOST_TOLD,
    Log,
    Stretch,
    stretch,
)
from samovar.services.realtime.service.signals import Signals

#: It is not written more often that somebody is here.
STILL_HERE: Final = 10 * MINUTE


class Logs:
    """Reads and writes logs."""

    def __init__(self, kit: Kit, graph: Graph) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self._settings = kit.settings
        self._signals = Signals(kit)
        self._graph = graph
        self._lapse: int = kit.settings.days * DAY

    @property
    def since(self) -> int:
        """Whoever was heard of after this time listens."""
        return self._clock.now() - self._lapse

    async def append(self, call: Call, user_ids: Sequence[int], type: str, data: str) -> None:
        """Tell people something. Raises NotFound, Invalid."""
        _system_only(call)
        if len(user_ids) > MOST_TOLD or not 0 < len(type) <= LONGEST_TYPE or len(data) > LONGEST_DATA:
            raise Invalid(fields={"data": "This is too much to tell at once."})
        await self._db.write(lambda tx: self.tell(tx, user_ids, type, data))

    async def tell(self, tx: Tx, user_ids: Sequence[int], type: str, data: str) -> None:
        """Tell those of these people who listen."""
        numbers = await repository.append(tx, set(user_ids), self.since, self._clock.now(), type, data)
        self._signals.told(tx, type, data, numbers)

    async def listen(self, call: Call) -> int:
        """The caller is here; answers the number of their latest event."""
        user_id = signed_in(call)
        log = await repository.log_of(self._db, user_id)
        if log is not None and self._is_fresh(log):
            return log.number
        follows: list[int] = []
        if log is None:
            follows = await self._graph.following(user_id, self._settings.follows)

        async def work(tx: Tx) -> int:
            await self._seen(tx, user_id)
            await repository.learn_follows(tx, user_id, follows)
            found = await repository.log_of(tx, user_id)
            return found.number if found is not None else 0

        return await self._db.write(work)

    async def listening(self, call: Call, user_ids: Sequence[int]) -> list[tuple[int, int]]:
        """These people are here; answers the number of each one's latest event. Raises NotFound, Invalid."""
        _system_only(call)
        if len(user_ids) > MOST_ASKED:
            raise Invalid(fields={"user_ids": "These are too many."})
        found = await repository.logs_of(self._db, user_ids)
        stale = [user_id for user_id, log in found.items() if not self._is_fresh(log)]
        if stale:

            async def work(tx: Tx) -> None:
                for user_id in stale:
                    await self._seen(tx, user_id)

            await self._db.write(work)
            found |= await repository.logs_of(self._db, stale)
        return [(user_id, log.number) for user_id, log in found.items()]

    async def read(self, call: Call, after: int, limit: int) -> Stretch:
        """The caller's events after a number."""
        user_id = signed_in(call)
        log = await repository.log_of(self._db, user_id)
        if log is None:
            return stretch(0, after, [])
        if log.seen_at <= self.since:  # nothing was written for them meanwhile
            return Stretch([], gap=True, number=log.number)
        found = await repository.since(self._db, user_id, after, page_size(limit, usual=100, most=200))
        return stretch(log.number, after, found)

    async def followers_among(self, call: Call, followee_id: int, user_ids: Sequence[int]) -> list[int]:
        """Who of these people follows somebody. Raises NotFound, Invalid."""
        _system_only(call)
        if len(user_ids) > MOST_ASKED:
            raise Invalid(fields={"user_ids": "These are too many."})
        return await repository.followers_among(self._db, followee_id, user_ids)

    def _is_fresh(self, log: Log) -> bool:
        return log.seen_at > self._clock.now() - STILL_HERE

    async def _seen(self, tx: Tx, user_id: int) -> None:
        before = await repository.log_of(tx, user_id)
        if before is not None and before.seen_at <= self.since:
            await repository.begin_anew(tx, user_id)
        await repository.seen(tx, user_id, self._clock.now())

    async def trim(self) -> None:
        """Remove what is too old or too much, in bounded writes."""
        before, batch = self._clock.now() - self._lapse, self._settings.batch

        async def work(tx: Tx) -> int:
            return await repository.drop_old(tx, before, batch)

        while await self._db.write(work) == batch:
            pass
        after, kept = 0, self._settings.kept
        while long := await repository.long_logs(self._db, after, kept, 100):
            after = long[-1][0]
            floors = [(user_id, number - kept) for user_id, number in long]
            await self._db.write(lambda tx, floors=floors: repository.cut(tx, floors))  # type: ignore[misc]

    async def erase(self, call: Call, user_id: int) -> None:
        """Remove all that is kept of a person, in bounded writes. Raises NotFound."""
        _system_only(call)
        batch = self._settings.batch
        await self._db.write(lambda tx: repository.drop_log(tx, user_id))
        while await self._db.write(lambda tx: repository.drop_follows(tx, user_id, batch)):
            pass


def _system_only(call: Call) -> None:
    if not call.system:
        raise NotFound
