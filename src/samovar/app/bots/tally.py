"""What came of many acts: how fast, how many, and what went wrong."""

from collections import Counter
from typing import Any, Final

import msgspec

#: Kept for the plot: seconds in one bar at least.
BARS: Final = 120


class Kind:
    """All acts of one kind."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.good = 0
        self.refused = 0
        self.missing = 0
        self.errors: Counter[str] = Counter()

    @property
    def count(self) -> int:
        return len(self.times)


class Figures(msgspec.Struct, frozen=True):
    """One kind's figures; milliseconds."""

    count: int
    good: int
    refused: int
    missing: int
    errors: dict[str, int]
    p50: float
    p95: float
    p99: float


class Tally:
    """Counts by kind and by second."""

    def __init__(self) -> None:
        self.kinds: dict[str, Kind] = {}
        self.seconds: dict[int, Counter[str]] = {}
        #: Acts whose time came while every bot was busy or asked to wait.
        self.held_back = 0

    def note(self, kind: str, status: int, trouble: str, at: float, took: float) -> None:
        """One act is over: `at` seconds after the beginning, `took` seconds after its time had come."""
        entry = self.kinds.setdefault(kind, Kind())
        entry.times.append(took)
        second = self.seconds.setdefault(int(at), Counter())
        if 200 <= status < 400:
            entry.good += 1
            second["good"] += 1
        elif status in (429, 503):
            entry.refused += 1
            entry.errors[str(status)] += 1
            second["refused"] += 1
        elif status == 404 and kind == "search":
            entry.missing += 1
        else:
            entry.errors[trouble or str(status)] += 1
            second["errors"] += 1

    def figures(self) -> dict[str, Figures]:
        """Figures by kind."""
        return {name: _figures(kind) for name, kind in sorted(self.kinds.items())}

    @property
    def good(self) -> int:
        return sum(kind.good for kind in self.kinds.values())

    @property
    def refused(self) -> int:
        return sum(kind.refused for kind in self.kinds.values())

    @property
    def count(self) -> int:
        return sum(kind.count for kind in self.kinds.values())

    @property
    def wrong(self) -> int:
        """Neither good, nor refused in order, nor merely not there."""
        return self.count - self.good - self.refused - sum(kind.missing for kind in self.kinds.values())

    @property
    def troubles(self) -> dict[str, int]:
        """What went wrong, and how often."""
        found: Counter[str] = Counter()
        for kind in self.kinds.values():
            found.update({name: n for name, n in kind.errors.items() if name not in ("429", "503")})
        return dict(found)

    def good_in(self, start: int, end: int) -> int:
        """Good answers in these seconds."""
        return sum(self.seconds.get(second, Counter())["good"] for second in range(start, end))

    def told(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return {
            "count": self.count, "good": self.good, "refused": self.refused, "wrong": self.wrong,
            "held_back": self.held_back,
            "kinds": {name: msgspec.structs.asdict(one) for name, one in self.figures().items()},
            "seconds": {str(second): dict(counts) for second, counts in sorted(self.seconds.items())},
        }  # fmt: skip


def percentile(ordered: list[float], percent: float) -> float:
    """Of sorted values; 0 of none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


def _figures(kind: Kind) -> Figures:
    ordered = sorted(kind.times)
    p50, p95, p99 = (round(1000 * percentile(ordered, percent), 1) for percent in (50, 95, 99))
    return Figures(
        kind.count, kind.good, kind.refused, kind.missing, dict(kind.errors.most_common(20)), p50, p95, p99
    )
