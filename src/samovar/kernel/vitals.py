"""What a process says of itself to those who watch over it: `/livez`, `/readyz`, `/metrics`.

The edge answers them among its pages, a process without the edge on a port of its own.
"""

from typing import Final

import msgspec
from prometheus_client import generate_latest

from samovar.kernel import telemetry
from samovar.kernel.process import Health

JSON: Final = "application/json"
METRICS: Final = "text/plain; version=0.0.4; charset=utf-8"


class Live(msgspec.Struct, frozen=True):
    """The process is there."""

    status: str


class Ready(msgspec.Struct, frozen=True):
    """Whether requests may come, and if not, why."""

    ready: bool
    problems: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """An answer of any HTTP server."""

    status: int
    media_type: str
    body: bytes


def live() -> Answer:
    """That the event loop turns; of nothing else, or a database's bad day would restart everything."""
    return Answer(200, JSON, msgspec.json.encode(Live("ok")))


def ready(health: Health) -> Answer:
    """Whether requests may come."""
    problems = tuple(health.problems())
    return Answer(503 if problems else 200, JSON, msgspec.json.encode(Ready(not problems, problems)))


def metrics() -> Answer:
    """Every metric, as Prometheus reads them."""
    return Answer(200, METRICS, generate_latest(telemetry.registry))


def answer(path: str, health: Health) -> Answer | None:
    """The answer at a path, or None where there is nothing."""
    if path == "/livez":
        return live()
    if path == "/readyz":
        return ready(health)
    return metrics() if path == "/metrics" else None
