"""The inbox: a consumer records an event's id in its own database in the transaction of the effect.

At-least-once delivery becomes exactly-once effect. An event whose handler fails is parked and
retried with backoff, and later events of its key wait behind it; after the last try it becomes a
dead letter, visible and replayable, and its key goes on. What can't be read at all is a dead letter
from the beginning.
"""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Final

import msgspec
from sqlalchemy import MetaData, bindparam, delete

from samovar.kernel import telemetry, tracing
from samovar.kernel.bus import UNREADABLE, Unreadable
from samovar.kernel.clock import DAY, Clock
from samovar.kernel.context import calling, system_call
from samovar.kernel.contract import decode
from samovar.kernel.db import Query, values_of
from samovar.kernel.inbox.heard import Heard, by_type, hears, listeners
from samovar.kernel.inbox.parked import DeadLetter, Parked, Parking
from samovar.kernel.inbox.tables import Record, inbox_table, retries_table
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Db, Tx

__all__ = [
    "REMEMBER",
    "DeadLetter",
    "Heard",
    "Inbox",
    "hears",
    "inbox_table",
    "listeners",
    "retries_table",
]

#: How long ids of taken events are remembered.
REMEMBER: Final = 7 * DAY
#: The error of an event that was not tried because of another of its key.
_WAITS: Final = "waits for an earlier event"


class _Taken(msgspec.Struct, frozen=True):
    """What became of a batch."""

    handled: Sequence[Envelope] = ()
    parked: Sequence[Parked] = ()


class Inbox:
    """One service's listening end."""

    def __init__(self, db: Db, clock: Clock, heard: Sequence[Heard], attempts: int = 5) -> None:
        self.service = db.service
        self._db = db
        self._clock = clock
        self._handlers = by_type(heard)
        self._parking = Parking(db, clock, attempts, self._handle)
        inbox = inbox_table(db.service, MetaData())
        self._record = Query(Record(inbox))
        self._prune = Query(delete(inbox).where(inbox.c.at < bindparam("before")))

    @property
    def types(self) -> frozenset[str]:
        """Event types this service listens to."""
        return frozenset(self._handlers)

    async def take(self, envelopes: Sequence[Envelope]) -> None:
        """Take a batch in one transaction: each event's effect happens once, or it is parked."""
        mine = [
            envelope
            for envelope in envelopes
            if envelope.type in self._handlers or envelope.type == UNREADABLE
        ]
        if not mine:
            return
        taken = await self._db.write(partial(self._take, mine))
        # Counted now that it is so: the transaction may have been run several times.
        again = len(mine) - len(taken.handled) - len(taken.parked)
        if again:
            telemetry.duplicates.labels(self.service).inc(again)
        self._count(taken.handled)
        self._parking.tell(taken.parked)

    async def _take(self, mine: Sequence[Envelope], tx: Tx) -> _Taken:
        fresh = await self._fresh(tx, mine)
        if not fresh:
            return _Taken()
        blocked = await self._parking.blocked(tx, {envelope.key for envelope in fresh})
        parked, free = [], []
        for envelope in fresh:
            if envelope.type == UNREADABLE:
                parked.append(Parked(envelope, decode(envelope.payload, Unreadable).reason, dead=True))
            elif envelope.key in blocked:
                parked.append(Parked(envelope, _WAITS))
            else:
                free.append(envelope)
        try:
            await tx.attempt(partial(self._handle_all, tx, free))
            taken = _Taken(free, parked)
        except Exception:
            alone = await self._one_by_one(tx, free)
            taken = _Taken(alone.handled, [*parked, *alone.parked])
        await self._parking.add(tx, taken.parked)
        return taken

    async def _fresh(self, tx: Tx, mine: Sequence[Envelope]) -> list[Envelope]:
        """Record all of a batch; answers those that are here for the first time."""
        ids = [envelope.id for envelope in mine]
        new = set(values_of(await tx.all(self._record, ids=ids, at=self._clock.now())))
        fresh = []
        for envelope in mine:
            if envelope.id in new:
                new.remove(envelope.id)  # a batch may hold an event twice
                fresh.append(envelope)
        return fresh

    async def _handle_all(self, tx: Tx, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            await self._handle(tx, envelope)

    async def _one_by_one(self, tx: Tx, envelopes: Sequence[Envelope]) -> _Taken:
        """Once more, when one of a batch fails: each has a savepoint of its own now."""
        handled, parked = [], []
        blocked: set[str] = set()
        for envelope in envelopes:
            if envelope.key in blocked:
                parked.append(Parked(envelope, _WAITS))
                continue
            try:
                await tx.attempt(partial(self._handle, tx, envelope))
            except Exception as error:
                blocked.add(envelope.key)
                parked.append(Parked(envelope, repr(error), attempts=1))
            else:
                handled.append(envelope)
        return _Taken(handled, parked)

    async def _handle(self, tx: Tx, envelope: Envelope) -> None:
        if envelope.type not in self._handlers:
            raise LookupError(f"nobody here listens to {envelope.type}")
        kind, handlers = self._handlers[envelope.type]
        event = decode(envelope.payload, kind)
        call = system_call(self.service, request_id=envelope.request_id, trace=envelope.trace)
        about = f"{self.service} hears {kind.__name__}"
        with calling(call), tracing.span(about, "consumer", links=(envelope.trace,)):
            for handler in handlers:
                await handler(event, tx, envelope)

    def _count(self, handled: Sequence[Envelope]) -> None:
        for name, number in Counter(envelope.type for envelope in handled).items():
            kind, _ = self._handlers[name]
            telemetry.events_handled.labels(self.service, kind.__name__).inc(number)

    async def retry(self) -> int:
        """Try parked events whose time has come, first of each key first. Answers how many it tried."""
        tried, done = await self._parking.retry()
        self._count(done)
        return tried

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """Events that were given up, oldest first."""
        return await self._parking.dead_letters(limit)

    async def replay(self, ids: Sequence[int]) -> int:
        """Give dead letters another round of tries. Answers how many there were."""
        return await self._parking.replay(ids)

    async def count_dead(self) -> int:
        return await self._parking.count_dead()

    async def prune(self) -> None:
        """Forget ids that no redelivery can bring any more."""

        async def work(tx: Tx) -> None:
            await tx.run(self._prune, before=self._clock.now() - REMEMBER)

        await self._db.write(work)
