"""Events set aside: retried with backoff, first of each key first, and given up after the last try."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import cache
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import MetaData, bindparam, delete, exists, func, select, update

from samovar.kernel import telemetry
from samovar.kernel.clock import SECOND, Clock
from samovar.kernel.contract import decode
from samovar.kernel.db import Query, one_of, values_of
from samovar.kernel.inbox.tables import retries_table
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Db, Tx
from samovar.kernel.upsert import upsert

log = structlog.get_logger(__name__)

#: Seconds before the second, third, ... try.
BACKOFF: Final = (1, 5, 30, 120, 600)
#: Keys that one round of retries looks at, and events of one key.
KEYS, IN_LINE = 500, 100


class Parked(msgspec.Struct, frozen=True):
    """An event that is set aside, and why."""

    envelope: Envelope
    error: str
    attempts: int = 0
    dead: bool = False


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was given up, as operators see it."""

    service: str
    id: int
    type: str
    key: str
    attempts: int
    error: str
    payload: str


class _Statements:
    """Every statement about events that are set aside."""

    def __init__(self, service: str) -> None:
        table = retries_table(service, MetaData())
        row, earlier = table.c, table.alias("earlier").c
        waiting, dead = row.state == "waiting", row.state == "dead"
        self.blocked = Query(select(row.key).distinct().where(one_of(row.key, "keys"), waiting))
        self.park = Query(upsert(table, [row.event_id]))
        # Keys whose first event is due: however many events wait behind it, they are not looked at.
        self.due = Query(
            select(row.key)
            .where(
                waiting,
                row.next_at <= bindparam("now"),
                ~exists().where(
                    earlier.key == row.key, earlier.state == "waiting", earlier.event_id < row.event_id
                ),
            )
            .order_by(row.event_id)
            .limit(KEYS)
        )
        self.line = Query(
            select(row.event_id, row.envelope, row.attempts, row.next_at)
            .where(row.key == bindparam("key"), waiting)
            .order_by(row.event_id)
            .limit(IN_LINE)
        )
        self.drop = Query(delete(table).where(row.event_id == bindparam("id")))
        # The number of attempts tells whether another process has noted this one already.
        self.again = Query(
            update(table)
            .where(row.event_id == bindparam("id"), row.attempts == bindparam("before"))
            .values({name: bindparam(name) for name in ("attempts", "next_at", "state", "error")})
        )
        self.dead = Query(
            select(row.event_id, row.envelope, row.key, row.attempts, row.error)
            .where(dead, row.event_id > bindparam("after"))
            .order_by(row.event_id)
            .limit(bindparam("limit"))
        )
        self.count_dead = Query(select(func.count()).where(dead))
        self.counts = Query(select(row.state, func.count()).group_by(row.state))
        self.throw = Query(delete(table).where(one_of(row.event_id, "ids"), dead))
        self.replay = Query(
            update(table)
            .where(one_of(row.event_id, "ids"), dead)
            .values(state="waiting", attempts=0, next_at=bindparam("now"))
        )


#: Made once for a service, however many houses it lives in.
_statements = cache(_Statements)


class Parking:
    """The events that one service has set aside."""

    def __init__(
        self,
        db: Db,
        clock: Clock,
        attempts: int,
        handle: Callable[[Tx, Envelope, Any], Awaitable[None]],
        prepare: Callable[[Sequence[Envelope]], Awaitable[Any]],
    ) -> None:
        self._db = db
        self._clock = clock
        self._attempts = attempts
        self._handle = handle
        self._prepare = prepare
        self._sql = _statements(db.service)

    async def blocked(self, tx: Tx, keys: Collection[str]) -> set[str]:
        """Those of the keys of which an event is waiting."""
        return set(values_of(await tx.all(self._sql.blocked, keys=list(keys))))

    async def add(self, tx: Tx, parked: Sequence[Parked]) -> None:
        """Set events aside."""
        await tx.many(self._sql.park, [self._row(one) for one in parked])

    def _row(self, parked: Parked) -> dict[str, Any]:
        return dict(  # noqa: C408 - reads as the columns
            event_id=parked.envelope.id,
            key=parked.envelope.key,
            envelope=msgspec.json.encode(parked.envelope).decode(),
            attempts=parked.attempts,
            next_at=self._clock.now() + BACKOFF[0] * SECOND,
            state="dead" if parked.dead else "waiting",
            error=parked.error[:2000],
        )

    def tell(self, parked: Sequence[Parked]) -> None:
        """Count and log events that were set aside, once that is so."""
        for one in parked:
            if one.dead:
                self._tell_dead(one.envelope.id, one.error)
            elif one.attempts:
                log.warning("event failed", service=self._db.service, type=one.envelope.type, error=one.error)

    def _tell_dead(self, event_id: int, error: str) -> None:
        telemetry.dead_letters.labels(self._db.service).inc()
        log.error("event given up", service=self._db.service, id=event_id, error=error)

    async def retry(self) -> tuple[int, list[Envelope]]:
        """Try what is due, first of each key first. Answers how many were tried, and those that are done."""
        tried, done = 0, []
        for key in values_of(await self._db.all(self._sql.due, now=self._clock.now())):
            for event_id, text, attempts, next_at in await self._db.all(self._sql.line, key=key):
                if next_at > self._clock.now():
                    break
                tried += 1
                try:
                    envelope = decode(text, Envelope)
                    if await self._try(event_id, envelope):
                        done.append(envelope)
                except Exception as error:
                    if not await self._failed(event_id, attempts + 1, repr(error)[:2000]):
                        break
        return tried, done

    async def _try(self, event_id: int, envelope: Envelope) -> bool:
        """One more attempt. False when it has been done elsewhere."""
        prepared = await self._prepare([envelope])

        async def work(tx: Tx) -> bool:
            # Taken away first: when another process was faster, there is nothing left to do.
            if not await tx.run(self._sql.drop, id=event_id):
                return False
            await self._handle(tx, envelope, prepared)
            return True

        return await self._db.write(work)

    async def _failed(self, event_id: int, attempt: int, error: str) -> bool:
        """Have it tried later, or give it up. True when its key may go on."""
        dead = attempt >= self._attempts
        wait = BACKOFF[min(attempt, len(BACKOFF) - 1)]

        async def note(tx: Tx) -> int:
            return await tx.run(
                self._sql.again, id=event_id, before=attempt - 1, attempts=attempt,
                next_at=self._clock.now() + wait * SECOND, state="dead" if dead else "waiting", error=error,
            )  # fmt: skip

        if await self._db.write(note) and dead:
            self._tell_dead(event_id, error)
        return dead

    async def dead_letters(self, limit: int, after: int) -> list[DeadLetter]:
        """Events that were given up, oldest first."""
        rows = await self._db.all(self._sql.dead, limit=limit, after=after)
        return [self._letter(*row) for row in rows]

    def _letter(self, event_id: int, text: str, key: str, attempts: int, error: str) -> DeadLetter:
        try:
            envelope = decode(text, Envelope)
            kind, payload = envelope.type, envelope.payload
        except ValueError:  # somebody tried to put it right
            kind, payload = "", text
        return DeadLetter(
            service=self._db.service, id=event_id, type=kind, key=key, attempts=attempts, error=error,
            payload=payload,
        )  # fmt: skip

    async def replay(self, ids: Sequence[int]) -> int:
        """Give dead letters another round of tries. Answers how many there were."""

        async def work(tx: Tx) -> int:
            return await tx.run(self._sql.replay, ids=list(ids), now=self._clock.now())

        return await self._db.write(work)

    async def throw(self, ids: Sequence[int]) -> int:
        """Throw dead letters away. Answers how many there were."""

        async def work(tx: Tx) -> int:
            return await tx.run(self._sql.throw, ids=list(ids))

        return await self._db.write(work)

    async def counts(self) -> dict[str, int]:
        """How many events are set aside, by state: "waiting", "dead"."""
        return {state: int(number) for state, number in await self._db.all(self._sql.counts)}

    async def count_dead(self) -> int:
        return int(await self._db.value(self._sql.count_dead))
