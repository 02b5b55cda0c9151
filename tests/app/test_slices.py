"""Processes that host a part: what they lack is said before they begin."""

import subprocess
import sys
from pathlib import Path

import pytest

from samovar.app.registry import NAMES

#: Nobody is there.
SETTINGS = {
    "SAMOVAR_KAFKA__SERVERS": "127.0.0.1:1",
    "SAMOVAR_PROCESS__SECRET": "shared by all processes, " * 2,
}


def refused(data: Path, services: str, **peers: str) -> str:
    """What `serve` says, when it will not."""
    done = subprocess.run(
        [sys.executable, "-m", "samovar.app.cli", "serve", "--data", str(data), "--services", services],
        env=SETTINGS | {f"SAMOVAR_PEERS__{name.upper()}": address for name, address in peers.items()},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1 and "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("services", "named"),
    [
        ("posts,feed", "identity, graph, media, moderation"),
        ("feed", "graph"),
        ("edge", ", ".join(NAMES)),
        ("edge,identity,feed,search", ", ".join(n for n in NAMES if n not in ("identity", "feed", "search"))),
    ],
)
def test_services_that_are_nowhere_are_named(tmp_path: Path, services: str, named: str) -> None:
    assert refused(tmp_path, services).startswith(f"Error: [peers] {named}: called by this process")


def test_what_is_said_to_be_elsewhere_is_believed(tmp_path: Path) -> None:
    peers = dict.fromkeys(NAMES, "127.0.0.1:9")
    assert refused(tmp_path, "edge", **peers) == "Error: [kafka] servers: no Kafka answers at 127.0.0.1:1"
    assert "[peers]" not in refused(tmp_path, "feed", graph="127.0.0.1:9")
