"""Settings of the process itself, and the secret of the installation."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec

from samovar.kernel.kit import Site
from samovar.kernel.settings import Secret, SettingsError, Source


class ProcessSettings(msgspec.Struct, frozen=True):
    """What this process is: `[process]` in samovar.toml."""

    #: Which services to host, separated by commas; "*" for all. "edge" is the public HTTP.
    services: str = "*"
    #: Least weight of what is logged: "debug", "info", "warning" or "error".
    log_level: str = "info"
    #: Seconds to finish what is under way after SIGTERM.
    drain_seconds: float = 20
    #: The installation's secret, at least 32 characters. Empty: kept in `secret.key` in the data folder.
    secret: Secret = Secret("")
    #: Where other processes reach the services here (gRPC), such as "127.0.0.1:9000"; empty: nowhere.
    listen: str = ""
    #: Where `/livez`, `/readyz` and `/metrics` answer in a process without the edge, such as "0.0.0.0:8001";
    #: empty: nowhere.
    health: str = ""


class PeersSettings(msgspec.Struct, frozen=True):
    """`[peers]`: where services that are not in this process answer, such as `posts = "dns:///posts:9000"`."""

    #: Address of identity; empty: in this process.
    identity: str = ""
    #: Address of profiles; empty: in this process.
    profiles: str = ""
    #: Address of graph; empty: in this process.
    graph: str = ""
    #: Address of posts; empty: in this process.
    posts: str = ""
    #: Address of reactions; empty: in this process.
    reactions: str = ""
    #: Address of feed; empty: in this process.
    feed: str = ""
    #: Address of media; empty: in this process.
    media: str = ""
    #: Address of notifications; empty: in this process.
    notifications: str = ""
    #: Address of delivery; empty: in this process.
    delivery: str = ""
    #: Address of realtime; empty: in this process.
    realtime: str = ""
    #: Address of search; empty: in this process.
    search: str = ""
    #: Address of analytics; empty: in this process.
    analytics: str = ""
    #: Address of moderation; empty: in this process.
    moderation: str = ""
    #: Address of limits; empty: in this process.
    limits: str = ""
    #: Address of logs; empty: in this process.
    logs: str = ""


class PostgresSettings(msgspec.Struct, frozen=True):
    """`[postgresql]`: rows in PostgreSQL instead of SQLite. Each service has a schema and a role there."""

    #: Such as "postgresql://samovar:...@host:5432/samovar"; its role may make roles and schemas, or they
    #: are made beforehand. Empty: SQLite in the data folder.
    url: Secret = Secret("")
    #: Address of a read replica, for long reads that nothing is decided by; empty: none.
    replica: Secret = Secret("")
    #: Most connections that each service of a process keeps.
    connections: int = 10
    #: Address of identity's own database; empty: `url`.
    identity: Secret = Secret("")
    #: Address of profiles' own database; empty: `url`.
    profiles: Secret = Secret("")
    #: Address of graph's own database; empty: `url`.
    graph: Secret = Secret("")
    #: Address of posts' own database; empty: `url`.
    posts: Secret = Secret("")
    #: Address of reactions' own database; empty: `url`.
    reactions: Secret = Secret("")
    #: Address of feed's own database; empty: `url`.
    feed: Secret = Secret("")
    #: Address of media's own database; empty: `url`.
    media: Secret = Secret("")
    #: Address of notifications' own database; empty: `url`.
    notifications: Secret = Secret("")
    #: Address of delivery's own database; empty: `url`.
    delivery: Secret = Secret("")
    #: Address of realtime's own database; empty: `url`.
    realtime: Secret = Secret("")

    def own(self, services: Sequence[str]) -> dict[str, str]:
        """Addresses of those of the services that have a database of their own."""
        return {name: url for name in services if (url := getattr(self, name, ""))}


class RedisSettings(msgspec.Struct, frozen=True):
    """`[redis]`: what processes share for moments, all of which can be made again."""

    #: Such as "redis://:...@host:6379/0"; empty: each process by itself.
    url: Secret = Secret("")
    #: The beginning of all keys.
    prefix: str = "samovar:"


class KafkaSettings(msgspec.Struct, frozen=True):
    """`[kafka]`: events between processes."""

    #: Such as "host:9092,host2:9092"; empty: events stay within one process.
    servers: str = ""
    #: The beginning of the names of topics and consumer groups.
    prefix: str = "samovar"
    #: Partitions of a topic that is made: as many processes can share a service's events.
    partitions: int = 12
    #: Copies of each partition of a topic that is made; 3 with three brokers.
    replication: int = 1


class S3Settings(msgspec.Struct, frozen=True):
    """`[s3]`: files in an object store instead of the data folder."""

    #: Such as "https://s3.example.org"; empty: AWS.
    endpoint: str = ""
    #: Name of the bucket; empty: the data folder is used.
    bucket: str = ""
    #: Region of the bucket.
    region: str = "us-east-1"
    #: Access key.
    access_key: Secret = Secret("")
    #: Secret key.
    secret_key: Secret = Secret("")
    #: The beginning of all keys, such as a folder of the bucket.
    prefix: str = ""
    #: Where browsers find the same store; empty: files go through us.
    public_endpoint: str = ""


class TelemetrySettings(msgspec.Struct, frozen=True):
    """`[telemetry]`: where traces and error reports go."""

    #: OTLP over HTTP, such as "http://jaeger:4318"; empty: no traces.
    otlp: str = ""
    #: Share of requests that are traced, from 0 to 1.
    sample: float = 1.0
    #: Address (DSN) of a Sentry-compatible service for error reports; empty: none.
    sentry: Secret = Secret("")


#: Sections that are no service's, but for the edge's.
SECTIONS: tuple[tuple[str, type[msgspec.Struct]], ...] = (
    ("site", Site), ("process", ProcessSettings), ("peers", PeersSettings),
    ("postgresql", PostgresSettings), ("redis", RedisSettings), ("kafka", KafkaSettings),
    ("s3", S3Settings), ("telemetry", TelemetrySettings),
)  # fmt: skip


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """All that a process is told at its start."""

    data: Path
    source: Source
    site: Site
    process: ProcessSettings
    peers: PeersSettings
    postgresql: PostgresSettings
    redis: RedisSettings
    kafka: KafkaSettings
    s3: S3Settings
    telemetry: TelemetrySettings
    secret: Secret

    @property
    def alone(self) -> bool:
        """Whether one process has the data to itself."""
        return not self.postgresql.url


def load(data: Path, file: Path | None = None) -> Config:
    """Read the settings. Raises SettingsError."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = Source(file or data / "samovar.toml")
    process = source.section("process", ProcessSettings)
    peers = source.section("peers", PeersSettings)
    if not process.secret and (process.listen or any(msgspec.structs.astuple(peers))):
        raise SettingsError(
            "[process] secret: processes that call each other share one; set it in all of them."
        )
    return Config(
        data=data,
        source=source,
        site=source.section("site", Site),
        process=process,
        peers=peers,
        postgresql=source.section("postgresql", PostgresSettings),
        redis=source.section("redis", RedisSettings),
        kafka=source.section("kafka", KafkaSettings),
        s3=source.section("s3", S3Settings),
        telemetry=source.section("telemetry", TelemetrySettings),
        secret=_secret(data, process.secret),
    )


def _secret(data: Path, given: Secret) -> Secret:
    if given:
        if len(given) < 32:
            raise SettingsError("[process] secret is too short: give at least 32 random characters.")
        return given
    path = data / "secret.key"
    if not path.exists():
        # Written beside and linked into place: never half a key, and never two of them.
        partial = data / f".secret.{os.getpid()}"
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(partial, path)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return Secret(path.read_text().strip())
