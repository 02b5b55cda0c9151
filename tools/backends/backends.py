"""All servers of a data folder."""

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.backends.errors import Unavailable
from tools.backends.folder import Folder
from tools.backends.kafka import Kafka
from tools.backends.opensearch import OpenSearch
from tools.backends.postgresql import PostgreSQL
from tools.backends.redis import Redis
from tools.backends.s3 import S3
from tools.backends.server import Server
from tools.backends.status import Status

NAMES = ("postgresql", "redis", "kafka", "s3", "opensearch")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one server: its address, or the reason why it can't be had."""

    address: str = ""
    reason: str = ""
    seconds: float = 0.0


class Backends:
    """The real servers of the split life, in one data folder.

        backends = Backends("var/backends")
        backends.start(["redis"])["redis"].address
        backends.redis.kill()
        backends.redis.start()

    A server whose address stands in the environment (`SAMOVAR_TEST_REDIS` and so on) is used as it is.
    """

    def __init__(self, data: Path | str = "var/backends", environ: Mapping[str, str] | None = None) -> None:
        told = os.environ if environ is None else environ
        self.folder = Folder(Path(data))
        self.postgresql = PostgreSQL(self.folder, told.get(variable("postgresql"), ""))
        self.redis = Redis(self.folder, told.get(variable("redis"), ""))
        self.kafka = Kafka(self.folder, told.get(variable("kafka"), ""))
        self.s3 = S3(self.folder, told.get(variable("s3"), ""))
        self.opensearch = OpenSearch(self.folder, told.get(variable("opensearch"), ""))

    def __getitem__(self, name: str) -> Server:
        servers: dict[str, Server] = {
            "postgresql": self.postgresql, "redis": self.redis, "kafka": self.kafka, "s3": self.s3,
            "opensearch": self.opensearch,
        }  # fmt: skip
        if name not in servers:
            raise Unavailable(f"there is no server {name!r}; there are {', '.join(NAMES)}")
        return servers[name]

    def install(self, names: Iterable[str] = NAMES) -> dict[str, Outcome]:
        """Have the programs of these servers, except of those that were given."""
        outcomes = {}
        for name, server in self._chosen(names).items():
            begun = time.monotonic()
            try:
                if not server.told:
                    server.install()
                outcomes[name] = Outcome(seconds=time.monotonic() - begun)
            except Unavailable as error:
                outcomes[name] = Outcome(reason=str(error), seconds=time.monotonic() - begun)
        return outcomes

    def start(self, names: Iterable[str] = NAMES) -> dict[str, Outcome]:
        """Have these servers answer; one that can't be had does not keep the others from it."""
        servers = self._chosen(names)
        outcomes = {name: outcome for name, outcome in self.install(servers).items() if outcome.reason}
        with self.folder.locked():
            begun, waiting = time.monotonic(), []
            for name, server in servers.items():
                if name in outcomes:
                    continue
                try:
                    if server.told:
                        server.check()
                        outcomes[name] = Outcome(server.told, seconds=time.monotonic() - begun)
                    else:
                        server.launch()
                        waiting.append(name)
                except Unavailable as error:
                    outcomes[name] = Outcome(reason=str(error))
            while waiting:
                for name in list(waiting):
                    try:
                        if not servers[name].settled():
                            continue
                        outcome = Outcome(servers[name].address, seconds=servers[name].seconds)
                    except Unavailable as error:
                        outcome = Outcome(reason=str(error))
                    outcomes[name] = outcome
                    waiting.remove(name)
                time.sleep(0.03)
        return {name: outcomes[name] for name in servers}

    def stop(self, names: Iterable[str] = NAMES) -> None:
        """End those that run here. What others run is left alone."""
        for server in self._chosen(names).values():
            server.stop()

    def wipe(self, names: Iterable[str] = NAMES) -> None:
        """End them and remove their data; with the last one the data folder goes too."""
        for server in self._chosen(names).values():
            server.wipe()
        with self.folder.locked():
            if not self.folder.entries():
                self.folder.clear()

    def status(self, names: Iterable[str] = NAMES) -> dict[str, Status]:
        return {name: server.status() for name, server in self._chosen(names).items()}

    def environment(self, names: Iterable[str] = NAMES) -> dict[str, str]:
        """The variables that tell others where these servers are; those that never ran are left out."""
        known = {}
        for name, server in self._chosen(names).items():
            try:
                known[variable(name)] = server.address
            except Unavailable:
                continue
        return known

    def _chosen(self, names: Iterable[str]) -> dict[str, Server]:
        return {name: self[name] for name in names}


def variable(name: str) -> str:
    """The environment's name for a server's address."""
    return f"SAMOVAR_TEST_{name.upper()}"
