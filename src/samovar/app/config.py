"""Settings of the process itself, and the secret of the installation."""

import os
import secrets
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


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """All that a process is told at its start."""

    data: Path
    source: Source
    site: Site
    process: ProcessSettings
    peers: PeersSettings
    secret: Secret


def load(data: Path, file: Path | None = None) -> Config:
    """Read the settings. Raises SettingsError."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = Source(file or data / "samovar.toml")
    process = source.section("process", ProcessSettings)
    return Config(
        data=data,
        source=source,
        site=source.section("site", Site),
        process=process,
        peers=source.section("peers", PeersSettings),
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
