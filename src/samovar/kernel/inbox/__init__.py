"""The inbox: a consumer records an event's id in its own database in the transaction of the effect.

At-least-once delivery becomes exactly-once effect. An event whose handler fails is parked and
retried with backoff, and later events of its key wait behind it; after the last try it becomes a
dead letter, visible and replayable, and its key goes on. What can't be read at all is a dead letter
from the beginning.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from typing import Any, Final

import msgspec
from sqlalchemy import MetaData, bindparam, delete

from samovar.kernel import telemetry, tracing
from samovar.kernel.bus import UNREADABLE, Unreadable
from samovar.kernel.clock import DAY, Clock
from samovar.kernel.context import calling, system_call
from samovar.kernel.contract import decode
from samovar.kernel.db import Query
from samovar.kernel.inbox.heard import Heard, Occurred, Together, by_type, hears, hears_together, listeners
from samovar.kernel.inbox.parked import DeadLetter, Parked, Parking
from samovar.kernel.inbox.tables import Record, inbox_table, retries_table
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Db, Tx

__all__ = [
    "REMEMBER",
    "DeadLetter",
    "Heard",
    "Inbox",
    "Occurred",
    "hears",
    "hears_together",
    "inbox_table",
    "listeners",
    "retries_table",
]

#: How long ids of taken events are remembered.
REMEMBER: Final = 7 * DAY
#: Below all ids: messages that can't be read have negative ones.
FIRST: Final = -(1 << 63)
#: The error of an event that was not tried because of another of its key.
_WAITS: Final = "waits for an earlier event"


#: What was prepared for each listener to batches: what its `prepare` answered, or raised.
Prepared = Mapping[Together, Any]


class _Taken(msgspec.Struct, frozen=True):
    """What became of a batch."""

    handled: Sequence[Envelope] = ()
    parked: Sequence[Parked] = ()


class _Statements:
    """Every statement of a service's inbox."""

    def __init__(self, service: str) -> None:
        meta = MetaData()
        inbox = inbox_table(service, meta)
        self.record = Query(Record(inbox, retries_table(service, meta)))
        self.prune = Query(delete(inbox).where(inbox.c.at < bindparam("before")))


#: Made once for a service, however many houses it lives in.
_statements = cache(_Statements)


class Inbox:
    """One service's listening end."""

    def __init__(self, db: Db, clock: Clock, heard: Sequence[Heard], attempts: int = 5) -> None:
        self.service = db.service
        self._db = db
        self._clock = clock
        self._handlers = by_type(heard)
        self._parking = Parking(db, clock, attempts, self._handle, self._prepare)
        self._sql = _statements(db.service)

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
        prepared = await self._prepare(mine)
        taken = await self._db.write(partial(self._take, mine, prepared))
        # Counted now that it is so: the transaction may have been run several times.
        again = len(mine) - len(taken.handled) - len(taken.parked)
        if again:
            telemetry.duplicates.labels(self.service).inc(again)
        self._count(taken.handled)
        self._parking.tell(taken.parked)

    async def _prepare(self, envelopes: Sequence[Envelope]) -> Prepared:
        """Have listeners to batches ask what they need to know, before the transaction."""
        prepared: dict[Together, Any] = {}
        for together, occurred in self._batches(envelopes).items():
            try:
                with calling(system_call(self.service)):
                    prepared[together] = await together.prepare(occurred)
            except Exception as error:
                prepared[together] = error
        return prepared

    def _batches(self, envelopes: Sequence[Envelope]) -> dict[Together, list[Occurred]]:
        """The events for each listener to batches. What can't be read fails in its own turn."""
        found: dict[Together, list[Occurred]] = {}
        for envelope in envelopes:
            kind, heard = self._handlers.get(envelope.type, (None, ()))
            for one in heard:
                if one.together is not None and kind is not None:
                    with suppress(ValueError):
                        occurred = Occurred(decode(envelope.payload, kind), envelope)
                        found.setdefault(one.together, []).append(occurred)
        return found

    async def _take(self, mine: Sequence[Envelope], prepared: Prepared, tx: Tx) -> _Taken:
        fresh, aside = await self._fresh(tx, mine)
        if not fresh:
            return _Taken()
        blocked = await self._parking.blocked(tx, {one.key for one in fresh}) if aside else frozenset()
        parked, free = [], []
        for envelope in fresh:
            if envelope.type == UNREADABLE:
                parked.append(Parked(envelope, decode(envelope.payload, Unreadable).reason, dead=True))
            elif envelope.key in blocked:
                parked.append(Parked(envelope, _WAITS))
            else:
                free.append(envelope)
        try:
            await tx.attempt(partial(self._handle_all, tx, free, prepared))
            taken = _Taken(free, parked)
        except Exception:
            alone = await self._one_by_one(tx, free, prepared)
            taken = _Taken(alone.handled, [*parked, *alone.parked])
        await self._parking.add(tx, taken.parked)
        return taken

    async def _fresh(self, tx: Tx, mine: Sequence[Envelope]) -> tuple[list[Envelope], bool]:
        """Record all of a batch; answers those that are here for the first time, and whether any event at
        all is set aside."""
        ids = [envelope.id for envelope in mine]
        recorded: dict[int, bool] = dict(await tx.all(self._sql.record, ids=ids, at=self._clock.now()))
        new = set(recorded)
        fresh = []
        for envelope in mine:
            if envelope.id in new:
                new.remove(envelope.id)  # a batch may hold an event twice
                fresh.append(envelope)
        return fresh, any(recorded.values())

    async def _handle_all(self, tx: Tx, envelopes: Sequence[Envelope], prepared: Prepared) -> None:
        batches: dict[Together, list[Occurred]] = {}
        for envelope in envelopes:
            await self._handle(tx, envelope, prepared, batches)
        for together, occurred in batches.items():
            await self._handle_batch(tx, together, occurred, prepared)

    async def _one_by_one(self, tx: Tx, envelopes: Sequence[Envelope], prepared: Prepared) -> _Taken:
        """Once more, when one of a batch fails: each has a savepoint of its own now."""
        handled, parked = [], []
        blocked: set[str] = set()
        for envelope in envelopes:
            if envelope.key in blocked:
                parked.append(Parked(envelope, _WAITS))
                continue
            try:
                await tx.attempt(partial(self._handle_all, tx, [envelope], prepared))
            except Exception as error:
                blocked.add(envelope.key)
                parked.append(Parked(envelope, repr(error), attempts=1))
            else:
                handled.append(envelope)
        return _Taken(handled, parked)

    async def _handle(
        self,
        tx: Tx,
        envelope: Envelope,
        prepared: Prepared,
        batches: dict[Together, list[Occurred]] | None = None,
    ) -> None:
        """Handle an event, or put it into the batches that are handled afterwards."""
        if envelope.type not in self._handlers:
            raise LookupError(f"nobody here listens to {envelope.type}")
        kind, heard = self._handlers[envelope.type]
        event = decode(envelope.payload, kind)
        call = system_call(self.service, request_id=envelope.request_id, trace=envelope.trace)
        about = f"{self.service} hears {kind.__name__}"
        for one in heard:
            if one.together is not None:
                if batches is None:
                    await self._handle_batch(tx, one.together, [Occurred(event, envelope)], prepared)
                else:
                    batches.setdefault(one.together, []).append(Occurred(event, envelope))
            elif one.handler is not None:
                with calling(call), tracing.span(about, "consumer", links=(envelope.trace,)):
                    await one.handler(event, tx, envelope)

    async def _handle_batch(
        self, tx: Tx, together: Together, occurred: Sequence[Occurred], prepared: Prepared
    ) -> None:
        ready = prepared.get(together)
        if isinstance(ready, Exception):
            raise ready
        links = tuple(one.envelope.trace for one in occurred if one.envelope.trace)
        with (
            calling(system_call(self.service)),
            tracing.span(f"{self.service} hears {len(occurred)} events", "consumer", links=links[:32]),
        ):
            await together.handle(occurred, ready, tx)

    def _count(self, handled: Sequence[Envelope]) -> None:
        for name, number in Counter(envelope.type for envelope in handled).items():
            kind, _ = self._handlers[name]
            telemetry.events_handled.labels(self.service, kind.__name__).inc(number)

    async def retry(self) -> int:
        """Try parked events whose time has come, first of each key first. Answers how many it tried."""
        tried, done = await self._parking.retry()
        self._count(done)
        return tried

    async def dead_letters(self, limit: int = 100, after: int = FIRST) -> list[DeadLetter]:
        """Events that were given up, oldest first, with ids above `after`."""
        return await self._parking.dead_letters(limit, after)

    async def throw(self, ids: Sequence[int]) -> int:
        """Throw dead letters away. Answers how many there were."""
        return await self._parking.throw(ids)

    async def aside(self) -> dict[str, int]:
        """How many events are set aside, by state: "waiting", "dead"."""
        return await self._parking.counts()

    async def replay(self, ids: Sequence[int]) -> int:
        """Give dead letters another round of tries. Answers how many there were."""
        return await self._parking.replay(ids)

    async def count_dead(self) -> int:
        return await self._parking.count_dead()

    async def prune(self) -> None:
        """Forget ids that no redelivery can bring any more."""

        async def work(tx: Tx) -> None:
            await tx.run(self._sql.prune, before=self._clock.now() - REMEMBER)

        await self._db.write(work)
