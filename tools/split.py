"""The split life on one machine: real servers and several Samovar processes, by configuration alone.

    python -m tools.split [--data DIR] [--port N] [--edges N] [--instances N]

Starts PostgreSQL, Redis, Kafka and S3 (tools.backends), makes the sample community in SQLite and moves it
to PostgreSQL on the first start, starts the processes, says where to look, and ends all with Ctrl-C.
"""

import argparse
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tools.backends import Backends

ROOT = Path(__file__).resolve().parent.parent
#: Which services live together: those that ask each other for every page are one process.
GROUPS: Mapping[str, Sequence[str]] = {
    "people": ("identity", "profiles"),
    "content": ("graph", "posts", "reactions", "feed"),
    "around": ("notifications", "delivery", "realtime", "media"),
    "desk": ("search", "analytics", "moderation", "limits", "logs"),
}
READY_WITHIN = 60.0
#: Longer than a process may take to finish what is under way.
STOPPED_WITHIN = 40.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """One `samovar serve`, started and ended by its own pid."""

    def __init__(
        self, name: str, folder: Path, services: str, settings: Mapping[str, str], port: int
    ) -> None:
        """`port`: of the public HTTP for an edge, else of the health port."""
        self.name = name
        self.folder = folder / name
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._services = services
        self._settings = dict(settings)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def launch(self) -> None:
        """Start without waiting."""
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SAMOVAR_")}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "samovar.app.cli", "serve", "--data", str(self.folder),
                 "--services", self._services, "--port", str(self.port)],
                env={**environment, **self._settings}, cwd=ROOT, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def ready(self) -> bool:
        """Whether it says that it can serve. Raises RuntimeError when it has ended."""
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self._process.returncode}:\n{self.tail()}")
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer,
        ):
            return bool(answer.status == 200)
        return False

    def wait(self, limit: float = READY_WITHIN) -> None:
        """Until it is ready. Raises RuntimeError."""
        until = time.monotonic() + limit
        while not self.ready():
            if time.monotonic() > until:
                raise RuntimeError(f"{self.name} was not ready within {limit:.0f} s:\n{self.tail()}")
            time.sleep(0.05)

    def start(self) -> None:
        """Start and wait until it is ready."""
        self.launch()
        self.wait()

    def kill(self) -> None:
        """As a power cut would."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        self.gone()

    def terminate(self) -> None:
        """Ask it to drain and end."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def gone(self, limit: float = STOPPED_WITHIN) -> int:
        """Wait for its end; answers its exit code."""
        if self._process is None:
            return 0
        try:
            return self._process.wait(limit)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait(10)

    def stop(self) -> int:
        """Drain, then end; answers the exit code."""
        self.terminate()
        return self.gone()

    def tail(self, size: int = 3000) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-size:] if self.log.exists() else "(no log)"


class Split:
    """All processes of one community, each service group and the edge as often as asked for."""

    def __init__(
        self,
        folder: Path,
        backends: Backends,
        *,
        edges: int = 2,
        instances: int = 1,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        database: str = "",
        prefix: str = "samovar",
        groups: Mapping[str, Sequence[str]] = GROUPS,
    ) -> None:
        """`database`: address of PostgreSQL, when not the one that the backends have made."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.shared = {
            "SAMOVAR_PROCESS__SECRET": self._secret(),
            "SAMOVAR_POSTGRESQL__URL": database or backends.postgresql.address,
            "SAMOVAR_POSTGRESQL__CONNECTIONS": "8",
            "SAMOVAR_REDIS__URL": backends.redis.address,
            "SAMOVAR_REDIS__PREFIX": f"{prefix}:",
            "SAMOVAR_KAFKA__SERVERS": backends.kafka.address,
            "SAMOVAR_KAFKA__PREFIX": prefix,
            **s3_settings(backends.s3.address),
            **(settings or {}),
        }
        listening = {group: [free_port() for _ in range(instances)] for group in groups}
        peers = {
            f"SAMOVAR_PEERS__{service.upper()}": ",".join(f"127.0.0.1:{port}" for port in listening[group])
            for group, services in groups.items()
            for service in services
        }
        self.services: list[Process] = []
        for group, services in groups.items():
            for number, listen in enumerate(listening[group], 1):
                health = free_port()
                own = {
                    "SAMOVAR_PROCESS__LISTEN": f"127.0.0.1:{listen}",
                    "SAMOVAR_PROCESS__HEALTH": f"127.0.0.1:{health}",
                }
                elsewhere = {
                    name: value
                    for name, value in peers.items()
                    if name.removeprefix("SAMOVAR_PEERS__").lower() not in services
                }
                self.services.append(
                    Process(
                        f"{group}-{number}",
                        folder,
                        ",".join(services),
                        {**self.shared, **elsewhere, **own},
                        health,
                    )
                )
        ports = [port or free_port(), *(free_port() for _ in range(edges - 1))]
        site = {"SAMOVAR_SITE__PUBLIC_URL": f"http://localhost:{ports[0]}"}
        self.edges = [
            Process(f"edge-{number}", folder, "edge", {**site, **self.shared, **peers}, own_port)
            for number, own_port in enumerate(ports, 1)
        ]
        # Tokens name the site, so all processes have to agree on its address.
        for process in self.services:
            process._settings = {**site, **process._settings}

    @property
    def processes(self) -> list[Process]:
        return [*self.services, *self.edges]

    def _secret(self) -> str:
        path = self.folder / "secret.key"
        if not path.exists():
            path.write_text(secrets.token_hex(32))
            path.chmod(0o600)
        return path.read_text().strip()

    def start(self) -> None:
        """Start all and wait until all are ready. The schemas are migrated once, beforehand."""
        try:
            for process in self.processes:
                process.launch()
            for process in self.processes:
                process.wait()
        except BaseException:
            self.end()
            raise

    def stop(self) -> list[int]:
        """Drain the edges, then the services; answers the exit codes."""
        codes = []
        for some in (self.edges, self.services):
            for process in some:
                process.terminate()
            codes += [process.gone() for process in some]
        return codes

    def end(self) -> None:
        """Leave nothing running."""
        for process in self.processes:
            process.kill()


def s3_settings(address: str) -> dict[str, str]:
    """`http://key:secret@host:port/bucket` as settings."""
    parts = urlsplit(address)
    return {
        "SAMOVAR_S3__ENDPOINT": f"{parts.scheme}://{parts.hostname}:{parts.port}",
        "SAMOVAR_S3__BUCKET": parts.path.strip("/"),
        "SAMOVAR_S3__ACCESS_KEY": parts.username or "",
        "SAMOVAR_S3__SECRET_KEY": parts.password or "",
    }


def move_in(split: Split) -> None:
    """Make the sample community in SQLite and move it to PostgreSQL, on the first start."""
    if (split.folder / "moved").exists():
        return
    command = [sys.executable, "-m", "samovar.app.cli"]
    data = ["--data", str(split.folder)]
    if not (split.folder / "samovar.db").exists():
        subprocess.run([*command, "demo", *data], cwd=ROOT, check=True)
    subprocess.run(
        [*command, "transfer", *data], cwd=ROOT, check=True, env={**os.environ, **split.shared},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    (split.folder / "moved").touch()


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tools.split")
    options.add_argument("--data", type=Path, default=Path("var/split"))
    options.add_argument("--port", type=int, default=8000)
    options.add_argument("--edges", type=int, default=2)
    options.add_argument("--instances", type=int, default=1)
    asked = options.parse_args()
    backends = Backends(asked.data / "backends")
    missing = [f"{name}: {outcome.reason}" for name, outcome in backends.start().items() if outcome.reason]
    if missing:
        print("can't be had:", *missing, sep="\n  ", file=sys.stderr)
        return 1
    split = Split(asked.data, backends, edges=asked.edges, instances=asked.instances, port=asked.port)
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    try:
        move_in(split)
        split.start()
        for process in split.processes:
            what = "pages and API" if process in split.edges else "/readyz and /metrics"
            print(f"{process.name:12} {process.url:24} {what}, log in {process.log}")
        print(
            f"\nLook at {split.edges[0].url} and sign in as anna / samovar-demo. Ctrl-C ends all.", flush=True
        )
        while all(process.ready() or True for process in split.processes):
            time.sleep(2)
    except KeyboardInterrupt:
        print("draining", flush=True)
    finally:
        split.stop()
        split.end()
        backends.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
