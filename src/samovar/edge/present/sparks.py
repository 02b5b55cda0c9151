"""Small plots of the process's last half hour, drawn on the server as SVG."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from samovar.edge.web import i18n
from samovar.kernel.ring import Sample

WIDTH, HEIGHT = 300, 56


class Line(NamedTuple):
    """One line of a plot: the points of an SVG polyline, and its end in words."""

    points: str
    label: str
    last: str
    most: str


class Spark(NamedTuple):
    """One plot."""

    title: str
    lines: tuple[Line, ...]


def _number(value: float) -> str:
    text = f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"
    return text.replace(".", ",") if i18n.locale() == "ru" else text


def _per_second(value: float) -> str:
    return i18n.translate("%(number)s a second") % {"number": _number(value)}


def _milliseconds(value: float) -> str:
    return i18n.translate("%(number)s ms") % {"number": _number(value)}


def _seconds(value: float) -> str:
    return i18n.translate("%(number)s s") % {"number": _number(value)}


def _megabytes(value: float) -> str:
    return i18n.translate("%(number)s MB") % {"number": _number(value / 1e6)}


#: Title, how values are said, and the lines: name of the sample's field with a label.
PLOTS: Final[tuple[tuple[str, Callable[[float], str], tuple[tuple[str, str], ...]], ...]] = (
    ("requests", _per_second, (("requests", ""),)),
    ("latency", _milliseconds, (("p50", "p50"), ("p95", "p95"))),
    ("errors", _per_second, (("errors", ""),)),
    ("refused", _per_second, (("refused", ""),)),
    ("outbox", _seconds, (("outbox", ""),)),
    ("lag", _number, (("lag", ""),)),
    ("jobs", _per_second, (("jobs", ""),)),
    ("memory", _megabytes, (("memory", ""),)),
)


def titles() -> dict[str, str]:
    """What the plots are called."""
    return {
        "requests": i18n.translate("Requests"), "latency": i18n.translate("Time to answer"),
        "errors": i18n.translate("Errors of ours"), "refused": i18n.translate("Turned away"),
        "outbox": i18n.translate("Age of the oldest unpublished event"),
        "lag": i18n.translate("Events yet to be taken"), "jobs": i18n.translate("Jobs run"),
        "memory": i18n.translate("Memory"),
    }  # fmt: skip


def sparks(samples: Sequence[Sample]) -> list[Spark]:
    """All plots; none before there are two samples."""
    if len(samples) < 2:
        return []
    named = titles()
    found = []
    for title, said, lines in PLOTS:
        values = {field: [float(getattr(sample, field)) for sample in samples] for field, _ in lines}
        top = max(max(series) for series in values.values()) or 1.0
        found.append(
            Spark(
                named[title],
                tuple(
                    Line(
                        _points(values[field], top), label, said(values[field][-1]), said(max(values[field]))
                    )
                    for field, label in lines
                ),
            )
        )
    return found


def _line(values: Sequence[float], top: float, label: str, said: Callable[[float], str]) -> Line:
    return Line(_points(values, top), label, said(values[-1]), said(max(values)))


def _points(values: Sequence[float], top: float) -> str:
    step = WIDTH / (len(values) - 1)
    room = HEIGHT - 4
    return " ".join(
        f"{index * step:.1f},{HEIGHT - 2 - room * value / top:.1f}" for index, value in enumerate(values)
    )
