"""Events per second through outbox, Kafka and an effect, against a bare loop from Kafka to the database.

Both end in the same upsert, one for each event, `BATCH` in a transaction, one commit of offsets for each
batch. The bare loop reads messages that lie ready, and forgets what it has seen; ours begins with rows in
the outbox, sends them, and has each effect once. Both run in this process, on one core.
"""

import asyncio
import os
import secrets
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

import apsw
import msgspec
from sqlalchemy import Column, MetaData, Table, func, select
from sqlalchemy.schema import CreateIndex, CreateTable

from bench.figures import Figure, at_least, note, say
from samovar.adapters.sqlite import SqliteEngine
from samovar.kernel.clock import SystemClock
from samovar.kernel.contract import Event, encode, register_event
from samovar.kernel.db import DIALECTS, Count, Engine, Id, Query, RawTx
from samovar.kernel.ids import Ids
from samovar.kernel.inbox import Heard, Inbox, inbox_table, retries_table
from samovar.kernel.outbox import Envelope, outbox_table, versions_table
from samovar.kernel.store import Db, Tx
from samovar.kernel.upsert import upsert

EVENTS, ROUNDS = 20_000, 3
#: As many as a relay sends and a listener takes at once.
BATCH = 500
PEOPLE = 5_000

CUPS = Table(
    "cups_cup", MetaData(), Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("times", Count),
)  # fmt: skip
POUR = Query(upsert(CUPS, [CUPS.c.user_id], update={"times": CUPS.c.times + 1}))
POURED = Query(select(func.sum(CUPS.c.times)))

#: The same effect for the bare loops.
BARE = (
    "INSERT INTO bare_cup (user_id, times) VALUES ({}, 1) "
    "ON CONFLICT (user_id) DO UPDATE SET times = bare_cup.times + 1"
)

#: Applies the effect for these people in one transaction.
Apply = Callable[[Sequence[int]], Awaitable[None]]


@register_event
class Poured(Event, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "bench.kettle.v1.Poured"
    KEY: ClassVar[str] = "user_id"
    id: int = 0
    user_id: int = 0
    room: str = ""
    at: int = 0


def poured(number: int) -> Poured:
    return Poured(
        id=number << 40, user_id=1 + number * 7919 % PEOPLE, room="kitchen", at=time.time_ns() // 1000
    )


async def events() -> list[Figure]:
    """Over PostgreSQL, which has the target, and over SQLite, whose statements cost next to nothing."""
    say("events through Kafka")
    servers, url = _given("KAFKA"), _given("POSTGRESQL")
    figures = []
    async with _postgresql(url) as (engine, one_by_one, at_once):
        ours, bare, many = await _compare(servers, engine, one_by_one, at_once)
        figures += [
            at_least("events, of a bare aiokafka-to-asyncpg loop", 100 * ours / bare, "%", 30),
            note("  through outbox, Kafka and effect", ours, "events/s"),
            note("  bare loop, a statement for each event", bare, "events/s"),
            note("  bare loop, a statement for each batch", many, "events/s"),
        ]
    async with _sqlite() as (engine, one_by_one, at_once):
        ours, bare, _ = await _compare(servers, engine, one_by_one, at_once)
        figures += [
            note("  the same over SQLite", ours, "events/s"),
            note("  bare aiokafka-to-apsw loop, a statement for each event", bare, "events/s"),
        ]
    return figures


def _given(name: str) -> str:
    address = os.environ.get(f"SAMOVAR_TEST_{name}", "")
    if not address:
        raise RuntimeError(f"no {name.lower()} was given (SAMOVAR_TEST_{name})")
    return address


async def _compare(
    servers: str, engine: Engine, one_by_one: Apply, at_once: Apply
) -> tuple[float, float, float]:
    """Events per second: ours, and the bare loops'."""
    await _make_tables(engine)
    rates = []
    for _ in range(ROUNDS):
        ours = await _ours(servers, engine)
        rates.append((ours, await _bare(servers, one_by_one), await _bare(servers, at_once)))
    ours, bare, many = (statistics.median(found) for found in zip(*rates, strict=True))
    return ours, bare, many


async def _ours(servers: str, engine: Engine) -> float:
    """Events per second from the outbox of one service to the table of another."""
    from samovar.adapters.kafka import KafkaBus

    clock, prefix = SystemClock(), f"bench-{secrets.token_hex(4)}"
    ids = Ids(clock)
    kettle, cups = Db("kettle", engine, clock, ids), Db("cups", engine, clock, ids)

    async def pour(event: Poured, tx: Tx, envelope: Envelope) -> None:
        await tx.run(POUR, user_id=event.user_id, times=1)

    inbox = Inbox(cups, clock, [Heard(Poured, pour)])
    bus = KafkaBus(servers, prefix=prefix, group=prefix, partitions=4)
    bus.subscribe("cups", inbox.types, frozenset({"kettle"}), inbox.take)
    before = await cups.value(POURED) or 0
    await bus.start()
    try:
        await bus.settle()
        for start in range(0, EVENTS, BATCH):

            async def write(tx: Tx, start: int = start) -> None:
                for number in range(start, start + BATCH):
                    await tx.publish(poured(number))

            await kettle.write(write)
        begun = time.perf_counter()
        while envelopes := await kettle.outbox.due(kettle):
            await bus.publish(envelopes)
            await kettle.outbox.done(kettle, envelopes)
        await bus.settle()
        seconds = time.perf_counter() - begun
    finally:
        await bus.stop()
        await _forget(servers, f"{prefix}.kettle")
    if await cups.value(POURED) - before != EVENTS:
        raise RuntimeError("an event was lost or done twice")
    return EVENTS / seconds


async def _bare(servers: str, apply: Apply) -> float:
    """Events per second by the shortest loop from Kafka to a table."""
    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

    topic = f"bench-{secrets.token_hex(4)}"
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 4, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=servers, linger_ms=5) as producer:
        sent = []
        for number in range(EVENTS):
            event = poured(number)
            sent.append(await producer.send(topic, encode(event), event.key.encode()))
        await asyncio.gather(*sent)
    async with AIOKafkaConsumer(
        topic,
        bootstrap_servers=servers,
        group_id=topic,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    ) as consumer:
        done, begun = 0, time.perf_counter()
        while done < EVENTS:
            batch = await consumer.getmany(timeout_ms=1000, max_records=BATCH)
            people = [
                msgspec.json.decode(message.value)["user_id"]
                for messages in batch.values()
                for message in messages
            ]
            if people:
                await apply(people)
                await consumer.commit()
            done += len(people)
        seconds = time.perf_counter() - begun
    await _forget(servers, topic)
    return EVENTS / seconds


async def _forget(servers: str, topic: str) -> None:
    from aiokafka.admin import AIOKafkaAdminClient

    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.delete_topics([topic])
    await admin.close()


async def _make_tables(engine: Engine) -> None:
    for service in ("kettle", "cups"):
        await engine.prepare(service)
        meta = MetaData()
        makers = (outbox_table, versions_table, inbox_table, retries_table)
        tables = [make(service, meta) for make in makers] + ([CUPS] if service == "cups" else [])
        parts: list[Any] = [
            part for table in tables for part in (CreateTable(table), *map(CreateIndex, table.indexes))
        ]
        sql = ";".join(str(part.compile(dialect=DIALECTS[engine.dialect])) for part in parts)

        async def make(raw: RawTx, sql: str = sql) -> None:
            await raw.script(sql)

        await engine.write(service, make)


@asynccontextmanager
async def _sqlite() -> AsyncIterator[tuple[Engine, Apply, Apply]]:
    with TemporaryDirectory(prefix="samovar-bench-") as folder:
        engine = SqliteEngine(Path(folder) / "ours.db")
        await engine.start()
        db = apsw.Connection(f"{folder}/bare.db")
        db.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE bare_cup (user_id INTEGER PRIMARY KEY, times INTEGER)")
        sql = BARE.format("?")

        async def one_by_one(people: Sequence[int]) -> None:
            with db:
                for person in people:
                    db.execute(sql, (person,))

        async def at_once(people: Sequence[int]) -> None:
            with db:
                db.executemany(sql, [(person,) for person in people])

        try:
            yield engine, one_by_one, at_once
        finally:
            db.close()
            await engine.close()


@asynccontextmanager
async def _postgresql(url: str) -> AsyncIterator[tuple[Engine, Apply, Apply]]:
    import asyncpg

    from samovar.adapters.postgres import PostgresEngine

    name = f"bench_{secrets.token_hex(4)}"
    server = await asyncpg.connect(url)
    await server.execute(f'CREATE DATABASE "{name}"')
    try:
        own = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        engine = PostgresEngine(own)
        await engine.start()
        db = await asyncpg.connect(own)
        await db.execute("CREATE TABLE bare_cup (user_id BIGINT PRIMARY KEY, times BIGINT)")
        sql = BARE.format("$1")

        async def one_by_one(people: Sequence[int]) -> None:
            async with db.transaction():
                for person in people:
                    await db.execute(sql, person)

        async def at_once(people: Sequence[int]) -> None:
            async with db.transaction():
                await db.executemany(sql, [(person,) for person in people])

        yield engine, one_by_one, at_once
        await db.close()
        await engine.close()
    finally:
        with suppress(asyncpg.PostgresError):
            await server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await server.close()
