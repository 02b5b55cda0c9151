"""The inbox: a consumer records an event's id in its own database in the transaction of the effect.

At-least-once delivery becomes exactly-once effect. An event whose handler fails is parked and
retried with backoff, and later events of its key wait behind it; after the last try it becomes a
dead letter, visible and replayable, and its key goes on.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import (
    Column,
    Index,
    MetaData,
    Table,
    bindparam,
    delete,
    func,
    select,
    update,
)

from samovar.kernel import telemetry
from samovar.kernel.clock import DAY, SECOND, Clock
from samovar.kernel.context import calling, system_call
from samovar.kernel.contract import Event, decode
from samovar.kernel.db import Count, Id, Query, Text, Time, one_of, values_of
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Db, Tx
from samovar.kernel.upsert import upsert

log = structlog.get_logger(__name__)

#: Seconds before the second, third, ... try.
BACKOFF: Final = (1, 5, 30, 120, 600)
#: How long ids of taken events are remembered.
REMEMBER: Final = 7 * DAY

Handler = Callable[[Any, Tx, Envelope], Awaitable[None]]


class Heard(msgspec.Struct, frozen=True):
    """One event type and what to do about it."""

    event: type[Event]
    handler: Handler


def hears(
    event: type[Event],
) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """Mark `async def f(service, event, tx, envelope)` as the listener to an event type.

    It runs inside the transaction that records the event and awaits nothing but `tx`.
    """

    def mark(
        function: Callable[..., Awaitable[None]],
    ) -> Callable[..., Awaitable[None]]:
        function.__dict__["hears"] = event
        return function

    return mark


def listeners(module: Any, service: Any) -> tuple[Heard, ...]:
    """The listeners of a module, bound to the service they act on."""
    found = []
    for function in vars(module).values():
        event = getattr(function, "__dict__", {}).get("hears")
        if event is not None:
            found.append(Heard(event, _bound(function, service)))
    return tuple(found)


def _bound(function: Any, service: Any) -> Handler:
    async def handle(event: Any, tx: Tx, envelope: Envelope) -> None:
        await function(service, event, tx, envelope)

    return handle


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was given up, as operators see it."""

    service: str
    id: int
    type: str
    key: str
    attempts: int
    error: str
    payload: str


class Inbox:
    """One service's listening end."""

    def __init__(self, db: Db, clock: Clock, heard: Sequence[Heard], attempts: int = 5) -> None:
        self.service = db.service
        self._db = db
        self._clock = clock
        self._attempts = attempts
        self._handlers: Mapping[str, tuple[type[Event], list[Handler]]] = _by_type(heard)
        meta = MetaData()
        inbox, retry = inbox_table(db.service, meta), retries_table(db.service, meta)
        self._record = Query(upsert(inbox, [inbox.c.event_id]))
        self._waiting = Query(
            select(retry.c.key).distinct().where(one_of(retry.c.key, "keys"), retry.c.state == "waiting")
        )
        self._park = Query(upsert(retry, [retry.c.event_id]))
        self._due = Query(
            select(
                retry.c.event_id,
                retry.c.envelope,
                retry.c.attempts,
                retry.c.next_at,
                retry.c.key,
            )
            .where(retry.c.state == "waiting")
            .order_by(retry.c.event_id)
            .limit(500)
        )
        self._drop = Query(delete(retry).where(retry.c.event_id == bindparam("id")))
        self._again = Query(
            update(retry)
            .where(retry.c.event_id == bindparam("id"))
            .values({name: bindparam(name) for name in ("attempts", "next_at", "state", "error")})
        )
        self._dead = Query(
            select(retry.c.event_id, retry.c.envelope, retry.c.attempts, retry.c.error)
            .where(retry.c.state == "dead")
            .order_by(retry.c.event_id)
            .limit(bindparam("limit"))
        )
        self._count_dead = Query(select(func.count()).where(retry.c.state == "dead"))
        self._replay = Query(
            update(retry)
            .where(one_of(retry.c.event_id, "ids"), retry.c.state == "dead")
            .values(state="waiting", attempts=0, next_at=bindparam("now"))
        )
        self._prune = Query(delete(inbox).where(inbox.c.at < bindparam("before")))

    @property
    def types(self) -> frozenset[str]:
        """Event types this service listens to."""
        return frozenset(self._handlers)

    async def take(self, envelopes: Sequence[Envelope]) -> None:
        """Take a batch in one transaction: each event's effect happens once, or it is parked."""
        mine = [envelope for envelope in envelopes if envelope.type in self._handlers]
        if not mine:
            return

        async def work(tx: Tx) -> None:
            keys = list({envelope.key for envelope in mine})
            blocked = set(values_of(await tx.all(self._waiting, keys=keys)))
            now = self._clock.now()
            for envelope in mine:
                if not await tx.run(self._record, event_id=envelope.id, at=now):
                    telemetry.duplicates.labels(self.service).inc()
                    continue
                if envelope.key in blocked:
                    await self._park_event(tx, envelope, attempts=0, error="waits for an earlier event")
                    continue
                try:
                    await tx.attempt(partial(self._handle, tx, envelope))
                except Exception as error:
                    log.warning(
                        "event failed",
                        service=self.service,
                        type=envelope.type,
                        error=repr(error),
                    )
                    blocked.add(envelope.key)
                    await self._park_event(tx, envelope, attempts=1, error=repr(error))

        await self._db.write(work)

    async def _handle(self, tx: Tx, envelope: Envelope) -> None:
        kind, handlers = self._handlers[envelope.type]
        event = decode(envelope.payload, kind)
        with calling(system_call(self.service, request_id=envelope.request_id, trace=envelope.trace)):
            for handler in handlers:
                await handler(event, tx, envelope)
        telemetry.events_handled.labels(self.service, kind.__name__).inc()

    async def _park_event(self, tx: Tx, envelope: Envelope, *, attempts: int, error: str) -> None:
        await tx.run(
            self._park,
            event_id=envelope.id,
            key=envelope.key,
            envelope=msgspec.json.encode(envelope).decode(),
            attempts=attempts,
            next_at=self._clock.now() + BACKOFF[0] * SECOND,
            state="waiting",
            error=error[:2000],
        )

    async def retry(self) -> int:
        """Try parked events whose time has come, first of each key first. Answers how many it tried."""
        tried = 0
        stuck: set[str] = set()
        for event_id, text, attempts, next_at, key in await self._db.all(self._due):
            if key in stuck:
                continue
            if next_at > self._clock.now():
                stuck.add(key)
                continue
            tried += 1
            if not await self._try(event_id, decode(text, Envelope), attempts + 1):
                stuck.add(key)
        return tried

    async def _try(self, event_id: int, envelope: Envelope, attempt: int) -> bool:
        """One more attempt. True when the key may go on."""

        async def work(tx: Tx) -> None:
            await self._handle(tx, envelope)
            await tx.run(self._drop, id=event_id)

        try:
            await self._db.write(work)
        except Exception as error:
            dead = attempt >= self._attempts
            state = "dead" if dead else "waiting"
            wait = BACKOFF[min(attempt, len(BACKOFF) - 1)]
            message = repr(error)[:2000]

            async def note(tx: Tx) -> None:
                await tx.run(
                    self._again, id=event_id, attempts=attempt,
                    next_at=self._clock.now() + wait * SECOND, state=state, error=message,
                )  # fmt: skip

            await self._db.write(note)
            if dead:
                telemetry.dead_letters.labels(self.service).inc()
                log.error(
                    "event given up",
                    service=self.service,
                    type=envelope.type,
                    id=event_id,
                    error=message,
                )
            return dead
        return True

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """Events that were given up, oldest first."""
        rows = await self._db.all(self._dead, limit=limit)
        letters = []
        for event_id, text, attempts, error in rows:
            envelope = decode(text, Envelope)
            letters.append(
                DeadLetter(
                    service=self.service, id=event_id, type=envelope.type, key=envelope.key,
                    attempts=attempts, error=error, payload=envelope.payload,
                )
            )  # fmt: skip
        return letters

    async def replay(self, ids: Sequence[int]) -> int:
        """Give dead letters another round of tries. Answers how many there were."""

        async def work(tx: Tx) -> int:
            return await tx.run(self._replay, ids=list(ids), now=self._clock.now())

        return await self._db.write(work)

    async def count_dead(self) -> int:
        return int(await self._db.value(self._count_dead))

    async def prune(self) -> None:
        """Forget ids that no redelivery can bring any more."""

        async def work(tx: Tx) -> None:
            await tx.run(self._prune, before=self._clock.now() - REMEMBER)

        await self._db.write(work)


def _by_type(heard: Sequence[Heard]) -> dict[str, tuple[type[Event], list[Handler]]]:
    found: dict[str, tuple[type[Event], list[Handler]]] = {}
    for item in heard:
        found.setdefault(item.event.TYPE, (item.event, []))[1].append(item.handler)
    return found


def inbox_table(service: str, meta: MetaData) -> Table:
    return Table(
        f"{service}_inbox",
        meta,
        Column("event_id", Id, primary_key=True, autoincrement=False),
        Column("at", Time, nullable=False),
        Index(f"{service}_inbox_at", "at"),
    )


def retries_table(service: str, meta: MetaData) -> Table:
    return Table(
        f"{service}_retries",
        meta,
        Column("event_id", Id, primary_key=True, autoincrement=False),
        Column("key", Text, nullable=False),
        Column("envelope", Text, nullable=False),
        Column("attempts", Count, nullable=False),
        Column("next_at", Time, nullable=False),
        Column("state", Text, nullable=False),
        Column("error", Text, nullable=False),
        Index(f"{service}_retries_key", "key"),
    )
