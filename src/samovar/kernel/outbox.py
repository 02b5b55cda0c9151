"""The outbox: events written by the same commit as the state they tell of, and the relay that
takes them to the bus afterwards, outside any transaction, in order per key."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import (
    Column,
    Index,
    MetaData,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
)

from samovar.kernel.clock import Clock
from samovar.kernel.context import current_call
from samovar.kernel.contract import Event, encode
from samovar.kernel.db import Count, Id, Query, Text, Time, one_of
from samovar.kernel.ids import Ids
from samovar.kernel.upsert import upsert, upsert_rows

if TYPE_CHECKING:
    from samovar.kernel.store import Db, Tx


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """An event under way, with what carries it."""

    #: Unique; what consumers remember to take an event once.
    id: int
    #: Full name of the event's message.
    type: str
    #: The service that published it.
    source: str
    #: Events of one key and source arrive in order.
    key: str
    #: Counts the events of a key, from 1.
    version: int
    time: int
    #: The event's JSON.
    payload: str
    request_id: str = ""
    trace: str = ""


class _Statements:
    """Every statement of a service's outbox."""

    def __init__(self, service: str) -> None:
        meta = MetaData()
        self.table = outbox_table(service, meta)
        versions = versions_table(service, meta)
        box = self.table.c
        self.insert = Query(insert(self.table))
        self.bump = Query(
            upsert(
                versions,
                [versions.c.key],
                insert={"version": 1},
                update={"version": versions.c.version + 1},
            ).returning(versions.c.version)
        )
        self.bump_all = Query(
            upsert_rows(
                versions,
                ["key"],
                [versions.c.key],
                insert={"version": 1},
                update={"version": lambda version, _: version + 1},
                returned=[versions.c.key, versions.c.version],
            )
        )
        self.insert_all = Query(upsert_rows(self.table, [column.name for column in box], [box.id]))
        self.due = Query(
            select(
                box.id,
                box.type,
                box.key,
                box.version,
                box.time,
                box.payload,
                box.request_id,
                box.trace,
            )
            .where(box.due_at <= bindparam("now"))
            .order_by(box.id)
            .limit(bindparam("limit"))
        )
        self.done = Query(delete(self.table).where(one_of(box.id, "ids")))
        self.oldest = Query(select(func.min(box.due_at), func.count()).where(box.due_at <= bindparam("now")))


#: Made once for a service, however many houses it lives in.
_statements = cache(_Statements)


class Outbox:
    """One service's outbox."""

    def __init__(self, service: str, clock: Clock, ids: Ids) -> None:
        self.service = service
        self._clock = clock
        self._ids = ids
        self._sql = _statements(service)

    async def add(self, tx: "Tx", event: Event, at: int | None) -> None:
        """Write an event beside what it tells of, with the next version of its key."""
        call = current_call()
        now = self._clock.now()
        version = await tx.value(self._sql.bump, key=event.key)
        await tx.all(
            self._sql.insert,
            id=self._ids(),
            type=event.TYPE,
            key=event.key,
            version=version,
            time=now,
            due_at=now if at is None else at,
            payload=encode(event).decode(),
            request_id=call.request_id,
            trace=call.trace,
        )

    async def add_all(self, tx: "Tx", events: Sequence[Event]) -> None:
        """Write events of different keys: two statements for all of them."""
        call = current_call()
        now = self._clock.now()
        versions: dict[str, int] = dict(
            await tx.all(self._sql.bump_all, rows=[[event.key] for event in events])
        )
        rows = [
            [
                self._ids(), event.TYPE, event.key, versions[event.key], now, now, encode(event).decode(),
                call.request_id, call.trace,
            ]
            for event in events
        ]  # fmt: skip
        await tx.all(self._sql.insert_all, rows=rows)

    async def due(self, db: "Db", limit: int = 500) -> list[Envelope]:
        """Unpublished events whose time has come, oldest first."""
        rows = await db.all(self._sql.due, now=self._clock.now(), limit=limit)
        return [
            Envelope(
                id=id_, type=type_, source=self.service, key=key, version=version, time=time,
                payload=payload, request_id=request_id, trace=trace,
            )
            for id_, type_, key, version, time, payload, request_id, trace in rows
        ]  # fmt: skip

    async def done(self, db: "Db", envelopes: list[Envelope]) -> None:
        """Forget events that the bus has taken."""
        ids = [envelope.id for envelope in envelopes]

        async def forget(tx: "Tx") -> None:
            await tx.run(self._sql.done, ids=ids)

        await db.write(forget)

    async def backlog(self, db: "Db") -> tuple[float, int]:
        """Age of the oldest unpublished event in seconds, and how many there are."""
        now = self._clock.now()
        row = await db.first(self._sql.oldest, now=now)
        oldest, count = row or (None, 0)
        return (0.0 if oldest is None else max(0.0, (now - oldest) / 1e6)), count


def outbox_table(service: str, meta: MetaData) -> Table:
    return Table(
        f"{service}_outbox",
        meta,
        Column("id", Id, primary_key=True, autoincrement=False),
        Column("type", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("version", Count, nullable=False),
        Column("time", Time, nullable=False),
        Column("due_at", Time, nullable=False),
        Column("payload", Text, nullable=False),
        Column("request_id", Text, nullable=False),
        Column("trace", Text, nullable=False),
        Index(f"{service}_outbox_due", "due_at"),
    )


def versions_table(service: str, meta: MetaData) -> Table:
    return Table(
        f"{service}_event_versions",
        meta,
        Column("key", Text, primary_key=True),
        Column("version", Count, nullable=False),
    )
