"""Plots drawn on the server: the shapes, which a template puts into SVG with its titles and its table.

A plot is 1000 wide and 240 high and is stretched to its place; what is written stands beside it as text.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from samovar.edge.web import i18n

WIDTH, HEIGHT = 1000.0, 240.0
#: More days than these become weeks.
SINGLE: Final = 92


class Mark(NamedTuple):
    """One number of a plot: its place, what it is of, and what it is."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int


class Plot(NamedTuple):
    """What a template needs to draw one."""

    marks: tuple[Mark, ...]
    #: Paths of the line and of the area below it.
    line: str
    area: str
    #: Where nothing is, and the numbers at the top, in the middle and at the bottom.
    zero: float
    ticks: tuple[int, int, int]
    #: The first, middle and last of the labels.
    ends: tuple[str, str, str]
    total: int
    weekly: bool
    empty: bool


class Cell(NamedTuple):
    """Part of a cohort: in percent, and how dark it is, from 0 to 5."""

    percent: int
    people: int
    shade: int


def plotted(first: date, values: Sequence[int], *, mean: bool = False) -> Plot:
    """A plot of a number for each day. Long ones are summed by weeks, or averaged."""
    weekly = len(values) > SINGLE
    year = (first + timedelta(days=len(values) - 1)).year != first.year
    days: list[tuple[date, int]] = [(first + timedelta(days=at), value) for at, value in enumerate(values)]
    points = _weeks(days, mean=mean) if weekly else days
    top, low = _bounds([value for _, value in points])
    span = top - low
    step = WIDTH / len(points)

    def height(value: float) -> float:
        return round((top - value) / span * HEIGHT, 1)

    zero = height(0)
    marks = []
    for at, (on, value) in enumerate(points):
        y = min(height(value), zero)
        label = day_text(on, year=year)
        marks.append(
            Mark(round(at * step, 1), y, round(step, 1), round(abs(zero - height(value)), 1), label, value)
        )
    middles = [(round((at + 0.5) * step, 1), height(value)) for at, (_, value) in enumerate(points)]
    line = "M" + "L".join(f"{x:g} {y:g}" for x, y in middles)
    area = f"{line}L{middles[-1][0]:g} {zero:g}L{middles[0][0]:g} {zero:g}Z"
    names = [mark.label for mark in marks]
    return Plot(
        tuple(marks), line, area, zero, (top, (top + low) // 2, low),
        (names[0], names[len(names) // 2], names[-1]), sum(values), weekly, not any(values),
    )  # fmt: skip


def day_text(on: date, *, year: bool = False) -> str:
    """A day as the reader's language writes it."""
    return i18n.day(datetime(on.year, on.month, on.day), i18n.locale(), year)


def change(now: int, before: int) -> int | None:
    """By how many percent it is more than before; None when there was nothing before."""
    return None if before <= 0 else round(100 * (now - before) / before)


def shades(people: int, here: Sequence[int]) -> tuple[Cell, ...]:
    """A cohort's row of a heat table."""
    cells = []
    for number in here:
        percent = round(100 * number / people) if people else 0
        cells.append(Cell(percent, number, 0 if not number else min(5, 1 + percent // 20)))
    return tuple(cells)


def _weeks(days: Sequence[tuple[date, int]], *, mean: bool) -> list[tuple[date, int]]:
    """Sums, or averages, of seven days each, so that the last one ends with the last day."""
    offset = len(days) % 7
    pieces = [days[:offset]] if offset else []
    pieces += [days[at : at + 7] for at in range(offset, len(days), 7)]
    found = []
    for piece in pieces:
        total = sum(value for _, value in piece)
        found.append((piece[0][0], round(total / len(piece)) if mean else total))
    return found


def _bounds(values: Sequence[int]) -> tuple[int, int]:
    """Even numbers of round steps above and below all values."""
    most, least = max(*values, 0, 0), min(*values, 0, 0)
    top = _round_up(most) if most or not least else 0
    return top, -_round_up(-least) if least else 0


def _round_up(value: int) -> int:
    """The next number that is easily read and has a half: 2, 4, 6, 8, 10, 20 and so on."""
    size = 1
    while True:
        for step in (2, 4, 6, 8, 10):
            if value <= step * size:
                return step * size
        size *= 10
