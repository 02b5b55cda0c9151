"""The last half hour of a process in figures, from its own metrics: for the room that shows them without
Prometheus. Small, in memory, gone with the process."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from samovar.kernel import telemetry
from samovar.kernel.clock import SECOND, Clock

#: Seconds between two samples, and how many are kept.
EVERY: Final = 10.0
KEPT: Final = 180


class Sample(msgspec.Struct, frozen=True):
    """What a process did in the seconds before a time, and how it stood then."""

    at: int
    #: Requests answered a second, and those of them that were our fault.
    requests: float
    errors: float
    #: Requests turned away a second, by limits or because there were too many.
    refused: float
    #: Milliseconds that half, and 95 of 100 answers took at most.
    p50: float
    p95: float
    #: Seconds since the oldest unpublished event happened.
    outbox: float
    #: Events on the bus that are yet to be taken.
    lag: float
    #: Jobs run a second.
    jobs: float
    #: Bytes.
    memory: float


class Ring:
    """Samples, oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._before: _Totals | None = None
        self._samples: deque[Sample] = deque(maxlen=KEPT)
        self._task: asyncio.Task[None] | None = None

    @property
    def samples(self) -> Sequence[Sample]:
        return tuple(self._samples)

    def sample(self) -> None:
        """Note what was done since the last time."""
        now, before = _totals(self._clock.now()), self._before
        self._before = now
        if before is None or now.at <= before.at:
            return
        seconds = (now.at - before.at) / SECOND
        buckets = {edge: count - before.buckets.get(edge, 0.0) for edge, count in now.buckets.items()}
        self._samples.append(
            Sample(
                at=now.at,
                requests=(now.requests - before.requests) / seconds,
                errors=(now.errors - before.errors) / seconds,
                refused=(now.refused - before.refused) / seconds,
                p50=1000 * _quantile(buckets, 0.5),
                p95=1000 * _quantile(buckets, 0.95),
                outbox=max((value for _, value in _values(telemetry.outbox_age, "")), default=0.0),
                lag=sum(value for _, value in _values(telemetry.consumer_lag, "")),
                jobs=(now.jobs - before.jobs) / seconds,
                memory=telemetry.registry.get_sample_value("process_resident_memory_bytes") or 0.0,
            )
        )

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="figures")

    async def stop(self) -> None:
        """Note no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            self.sample()
            await self._clock.sleep(EVERY)


class _Totals(msgspec.Struct, frozen=True):
    """Counters at a time."""

    at: int
    requests: float
    errors: float
    refused: float
    jobs: float
    buckets: Mapping[float, float]


def _totals(at: int) -> _Totals:
    requests = errors = refused = 0.0
    for labels, value in _values(telemetry.http_requests, "_total"):
        requests += value
        errors += value if labels["code_class"] == "5xx" else 0.0
    for labels, value in _values(telemetry.limit_decisions, "_total"):
        refused += value if labels["outcome"] == "refused" else 0.0
    shed = sum(value for _, value in _values(telemetry.shed, "_total"))
    buckets: dict[float, float] = {}
    for labels, value in _values(telemetry.http_duration, "_bucket"):
        edge = float(labels["le"])
        buckets[edge] = buckets.get(edge, 0.0) + value
    jobs = sum(value for _, value in _values(telemetry.jobs_run, "_total"))
    # What was turned away at the door is nobody's fault.
    return _Totals(at, requests, max(0.0, errors - shed), refused + shed, jobs, buckets)


def _values(metric: Any, suffix: str) -> Iterable[tuple[Mapping[str, str], float]]:
    """Labels and values of a metric's samples of one sort."""
    for family in metric.collect():
        for sample in family.samples:
            if sample.name == family.name + suffix:
                yield sample.labels, sample.value


def _quantile(buckets: Mapping[float, float], share: float) -> float:
    """Seconds within which a share of answers came, as near as the buckets tell."""
    total = buckets.get(float("inf"), 0.0)
    if not total:
        return 0.0
    below = low = 0.0
    for edge in sorted(buckets):
        count = buckets[edge]
        if count >= total * share:
            if edge == float("inf"):
                return low
            return low + (edge - low) * (total * share - below) / max(count - below, 1e-9)
        below, low = count, edge
    return low
