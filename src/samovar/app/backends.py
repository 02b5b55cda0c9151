"""Which implementation stands behind each port of the kernel: the embedded ones unless an address is set.

An adapter is imported only when it is configured: an all-in-one process loads none of them.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from samovar.adapters.disk import DiskBlobs
from samovar.adapters.sqlite import SqliteEngine
from samovar.adapters.tantivy_index import TantivyIndex
from samovar.app.config import Config
from samovar.app.house import Backends
from samovar.app.outgoing import outgoing
from samovar.kernel.blobs import Blobs
from samovar.kernel.bus import Bus, LocalBus
from samovar.kernel.cache import MemoryCache
from samovar.kernel.clock import Clock
from samovar.kernel.db import Compiled, Engine
from samovar.kernel.errors import Unavailable
from samovar.kernel.facts import Facts
from samovar.kernel.fulltext import FullText
from samovar.kernel.limits import MemoryLimits
from samovar.kernel.presence import MemoryPresence
from samovar.kernel.pubsub import LocalPubSub
from samovar.kernel.settings import SettingsError
from samovar.services.analytics.settings import AnalyticsSettings
from samovar.services.delivery.settings import DeliverySettings
from samovar.services.search.settings import SearchSettings

#: The second file of an embedded installation.
BULK = "facts.db"
#: The folder of an embedded index.
SEARCH = "search"


@asynccontextmanager
async def backends_of(
    config: Config, clock: Clock, present: Sequence[str], *, durable: bool = True, **instead: Any
) -> AsyncIterator[Backends]:
    """The backends that the settings ask for, alive. `present`: the services of this process.

    `instead` names backends to be replaced. Without `durable` a power cut may cost the last commits.
    """
    async with AsyncExitStack() as stack:
        engine = await _engine(config, present, stack, durable=durable)
        chosen = {
            "bulk": await _bulk(config, present, stack, durable=durable),
            "facts": _facts(config, present, stack),
            "bus": _bus(config),
            "blobs": blobs_of(config, durable=durable),
            "fulltext": _fulltext(config),
            **outgoing(
                config.source.section("delivery", DeliverySettings), config.data, config.site.mail_from, clock
            ),
            **await _shared(config, clock, stack),
        }
        backends = embedded(clock, engine, config.data, **(chosen | instead))
        stack.push_async_callback(close_outgoing, backends)
        yield backends


def embedded(clock: Clock, engine: Engine, folder: Path, **instead: Any) -> Backends:
    """All that one process needs, in its memory and its folder; `instead` names backends to be replaced."""
    backends = Backends(
        clock=clock,
        engine=engine,
        bus=LocalBus(),
        cache=MemoryCache(clock),
        pubsub=LocalPubSub(),
        limits=MemoryLimits(clock),
        presence=MemoryPresence(clock),
        blobs=DiskBlobs(folder / "blobs", durable=False),
        fulltext=TantivyIndex(folder / SEARCH),
        **outgoing(DeliverySettings(), folder, "samovar@localhost", clock),
    )
    return msgspec.structs.replace(backends, **instead)


async def close_outgoing(backends: Backends) -> None:
    """Let connections to providers and the index go."""
    await backends.fulltext.close()
    await backends.mail.close()
    for messenger in backends.messengers.values():
        await messenger.close()


async def _engine(config: Config, present: Sequence[str], stack: AsyncExitStack, *, durable: bool) -> Engine:
    if not present:
        return NoEngine()
    settings = config.postgresql
    if not settings.url:
        sqlite = SqliteEngine(config.data / "samovar.db", durable=durable)
        await sqlite.start()
        stack.push_async_callback(sqlite.close)
        return sqlite
    from samovar.adapters.postgres import PostgresEngine

    postgres = PostgresEngine(
        settings.url, urls=settings.own(present), replica=settings.replica, connections=settings.connections,
        durable=durable,
    )  # fmt: skip
    stack.push_async_callback(postgres.close)
    await postgres.start()
    return postgres


async def _bulk(
    config: Config, present: Sequence[str], stack: AsyncExitStack, *, durable: bool
) -> Engine | None:
    """The second file, for services of many small facts."""
    if config.postgresql.url or not present:
        return None
    return await bulk_of(config.data, stack, durable=durable)


async def bulk_of(folder: Path, stack: AsyncExitStack, *, durable: bool) -> Engine:
    """The second file of an embedded installation."""
    sqlite = SqliteEngine(folder / BULK, durable=durable)
    await sqlite.start()
    stack.push_async_callback(sqlite.close)
    return sqlite


def _facts(config: Config, present: Sequence[str], stack: AsyncExitStack) -> Facts | None:
    """The store made for facts that the settings name."""
    settings = config.source.section("analytics", AnalyticsSettings)
    if not settings.clickhouse or "analytics" not in present:
        return None
    from samovar.adapters.clickhouse import ClickHouseFacts, connecting

    facts = ClickHouseFacts(connecting(settings.clickhouse), timeout=settings.clickhouse_seconds)
    stack.push_async_callback(facts.close)
    return facts


def _bus(config: Config) -> Bus:
    if not config.kafka.servers:
        return LocalBus()
    from samovar.adapters.kafka import KafkaBus

    kafka = config.kafka
    return KafkaBus(
        kafka.servers, prefix=kafka.prefix, group=kafka.prefix, partitions=kafka.partitions,
        replication=kafka.replication,
    )  # fmt: skip


def blobs_of(config: Config, *, durable: bool = True) -> Blobs:
    """Where the settings say that files are."""
    s3 = config.s3
    if not s3.bucket:
        return DiskBlobs(config.data / "blobs", durable=durable)
    from samovar.adapters.s3 import S3Blobs

    return S3Blobs(
        s3.bucket, endpoint=s3.endpoint, region=s3.region, access_key=s3.access_key, secret_key=s3.secret_key,
        prefix=s3.prefix, public_endpoint=s3.public_endpoint,
    )  # fmt: skip


def _fulltext(config: Config) -> FullText:
    settings = config.source.section("search", SearchSettings)
    if not settings.url:
        return TantivyIndex(config.data / SEARCH)
    from samovar.adapters.opensearch import OpenSearchIndex

    return OpenSearchIndex(settings.url, prefix=settings.prefix, timeout=settings.timeout)


async def _shared(config: Config, clock: Clock, stack: AsyncExitStack) -> dict[str, Any]:
    """What processes share by Redis."""
    if not config.redis.url:
        return {}
    from samovar.adapters.redis import RedisCache, RedisLimits, RedisPresence, RedisPubSub, connect

    try:
        link = connect(config.redis.url, prefix=config.redis.prefix)
    except ValueError as error:
        raise SettingsError(f"[redis] url: {error}") from error
    stack.push_async_callback(link.close)
    if trouble := await link.trouble():
        raise SettingsError(f"[redis] url: no Redis can be used there: {trouble}")
    pubsub = RedisPubSub(link)
    await pubsub.start()
    stack.push_async_callback(pubsub.stop)
    return {
        "cache": RedisCache(link, clock), "pubsub": pubsub, "limits": RedisLimits(link, clock),
        "presence": RedisPresence(link, clock),
    }  # fmt: skip


class NoEngine:
    """For processes without services: the edge has no tables."""

    dialect = "postgresql"
    alive = True
    full = False

    async def read(self, service: str, compiled: Compiled, params: dict[str, Any]) -> Any:
        raise Unavailable

    async def scan(self, service: str, compiled: Compiled, params: dict[str, Any]) -> Any:
        raise Unavailable

    async def write(self, service: str, work: Any) -> Any:
        raise Unavailable

    async def prepare(self, service: str) -> None:
        raise Unavailable

    def migrating(self, service: str) -> Any:
        raise Unavailable

    async def holds(self, name: str) -> bool:
        return False

    def watch(self, table: str, columns: Sequence[str], told: Any) -> bool:
        return False
