"""Two services for tests of events, over any engine: `notes` publishes, `ears` listens and counts."""

from collections.abc import Sequence
from typing import Any, ClassVar

from sqlalchemy import Column, MetaData, Table, select
from sqlalchemy.schema import CreateIndex, CreateTable

from samovar.kernel.bus import Bus
from samovar.kernel.clock import Clock
from samovar.kernel.contract import Event, encode, register_event
from samovar.kernel.db import DIALECTS, Count, Engine, Id, Query, RawTx
from samovar.kernel.ids import Ids
from samovar.kernel.inbox import Heard, Inbox, inbox_table, retries_table
from samovar.kernel.outbox import Envelope, outbox_table, versions_table
from samovar.kernel.store import Db, Tx
from samovar.kernel.upsert import upsert

SEEN = Table(
    "ears_seen", MetaData(), Column("id", Id, primary_key=True, autoincrement=False), Column("times", Count)
)
SEE = Query(upsert(SEEN, [SEEN.c.id], update={"times": SEEN.c.times + 1}))
ALL_SEEN = Query(select(SEEN.c.id, SEEN.c.times))


@register_event
class Noted(Event, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "test.ears.v1.Noted"
    KEY: ClassVar[str] = "about"
    id: int = 0
    about: str = ""
    bad: bool = False


async def make_tables(engine: Engine) -> None:
    """The tables of both, as migrations would make them."""
    for service in ("notes", "ears"):
        await engine.prepare(service)
        meta = MetaData()
        makers = (outbox_table, versions_table, inbox_table, retries_table)
        tables = [make(service, meta) for make in makers] + ([SEEN] if service == "ears" else [])
        parts = [part for table in tables for part in (CreateTable(table), *map(CreateIndex, table.indexes))]
        sql = ";".join(str(part.compile(dialect=DIALECTS[engine.dialect])) for part in parts)

        async def make(raw: RawTx, sql: str = sql) -> None:
            await raw.script(sql)

        await engine.write(service, make)


class Ears:
    """The service that listens. Bad notes fail for as long as it is `strict`."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.db = Db("ears", engine, clock, Ids(clock))
        self.strict = True
        #: Ids in the order in which they were handled, also by what was rolled back.
        self.order: list[int] = []
        self.inbox = Inbox(self.db, clock, [Heard(Noted, self.on_noted)])

    async def on_noted(self, event: Noted, tx: Tx, envelope: Envelope) -> None:
        self.order.append(event.id)
        await tx.run(SEE, id=event.id, times=1)
        if event.bad and self.strict:
            raise ValueError("a bad note")

    async def seen(self) -> dict[int, int]:
        return dict(await self.db.all(ALL_SEEN))

    def listen(self, bus: Bus) -> None:
        bus.subscribe("ears", self.inbox.types, frozenset({"notes"}), self.inbox.take)


class Notes:
    """The service that publishes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.db = Db("notes", engine, clock, Ids(clock))

    async def publish(self, events: Sequence[Noted]) -> None:
        async def work(tx: Tx) -> None:
            for event in events:
                await tx.publish(event)

        await self.db.write(work)

    async def relay(self, bus: Bus) -> None:
        """Hand over everything, as a worker's relay does."""
        while envelopes := await self.db.outbox.due(self.db):
            await bus.publish(envelopes)
            await self.db.outbox.done(self.db, envelopes)


def envelope(ids: Any, event: Noted, version: int = 1) -> Envelope:
    """An event under way, as the bus hands it over."""
    return Envelope(
        id=ids(), type=event.TYPE, source="notes", key=event.key, version=version, time=0,
        payload=encode(event).decode(),
    )  # fmt: skip
