"""The real servers behind a world. Each test process has a database of its own, emptied after each test."""

import asyncio
import atexit
import secrets
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from samovar.adapters.kafka import KafkaBus
from samovar.adapters.postgres import PostgresEngine
from samovar.adapters.redis import RedisCache, RedisLimits, RedisPresence, RedisPubSub, connect
from samovar.app.house import House
from samovar.kernel.clock import Clock
from tests.adapters.stores import bucket
from tests.servers import forget_topics, given

_EMPTY = """
DO $$ DECLARE t regclass; BEGIN
    FOR t IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)' AND c.relname !~ '_migrations$'
    LOOP EXECUTE format('DELETE FROM %s', t); END LOOP;
END $$
"""
_TABLES = """
    SELECT format('%I.%I', n.nspname, c.relname), c.relname FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)'
"""


class _Database:
    """The database of this test process."""

    name = ""

    @property
    def url(self) -> str:
        return urlunsplit(urlsplit(given("postgresql"))._replace(path=f"/{self.name}"))


_database = _Database()


async def _execute(url: str, sql: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def _make(make_house: Any) -> None:
    """Make and migrate the database; it is dropped when the process ends."""
    server, name = given("postgresql"), f"test_{secrets.token_hex(6)}"
    await _execute(server, f'CREATE DATABASE "{name}"')
    atexit.register(lambda: asyncio.run(_execute(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')))
    _database.name = name
    engine = PostgresEngine(_database.url, durable=False)
    house: House = make_house(engine)
    await house.migrate()
    await engine.close()


async def engine(stack: AsyncExitStack, make_house: Any) -> PostgresEngine:
    """A migrated engine over empty tables. `make_house(engine)` answers a house over it."""
    if not _database.name:
        await _make(make_house)
    stack.push_async_callback(_execute, _database.url, _EMPTY)
    made = PostgresEngine(_database.url, connections=4, durable=False)
    stack.push_async_callback(made.close)
    await made.start()
    return made


async def others(stack: AsyncExitStack, clock: Clock) -> dict[str, Any]:
    """Bus, cache, pub/sub, limits, presence and blobs on Kafka, Redis and S3.

    They have names of their own, and go with the stack."""
    name = f"test-{secrets.token_hex(6)}"
    link = connect(given("redis"), prefix=f"{name}:")
    stack.push_async_callback(link.close)
    pubsub = RedisPubSub(link)
    await pubsub.start()
    stack.push_async_callback(pubsub.stop)
    blobs = await stack.enter_async_context(bucket())
    stack.push_async_callback(forget_topics, name)
    bus = KafkaBus(given("kafka"), prefix=name, group=name, partitions=2)
    stack.push_async_callback(bus.stop)
    return {
        "bus": bus, "cache": RedisCache(link, clock), "pubsub": pubsub, "limits": RedisLimits(link, clock),
        "presence": RedisPresence(link, clock), "blobs": blobs,
    }  # fmt: skip


async def stored() -> dict[str, list[dict[str, Any]]]:
    """All rows by table."""
    import asyncpg

    connection = await asyncpg.connect(_database.url)
    try:
        return {
            name: [dict(row) for row in await connection.fetch(f"SELECT * FROM {table}")]
            for table, name in await connection.fetch(_TABLES)
        }
    finally:
        await connection.close()
