"""What a benchmark answers, and how it is shown."""

import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

OUT = Path(__file__).parent / "out"


class Figure(msgspec.Struct, frozen=True):
    """One measured number and what it should be."""

    name: str
    value: float
    unit: str
    #: Such as ">= 15"; empty for a number that only explains another.
    target: str = ""
    ok: bool = True


def at_least(name: str, value: float, unit: str, target: float) -> Figure:
    return Figure(name, value, unit, f">= {target:g}", value >= target)


def at_most(name: str, value: float, unit: str, target: float) -> Figure:
    return Figure(name, value, unit, f"<= {target:g}", value <= target)


def note(name: str, value: float, unit: str) -> Figure:
    """A number without a target."""
    return Figure(name, value, unit)


def say(text: str) -> None:
    """Progress, apart from the table."""
    print(text, file=sys.stderr, flush=True)


def table(figures: Iterable[Figure]) -> str:
    rows = [("", "figure", "value", "unit", "target")]
    for figure in figures:
        mark = "" if not figure.target else "ok" if figure.ok else "MISS"
        rows.append((mark, figure.name, f"{figure.value:,.4g}", figure.unit, figure.target))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def write(figures: list[Figure]) -> Path:
    """Keep the figures of this run as bench/out/latest.json."""
    OUT.mkdir(exist_ok=True)
    path = OUT / "latest.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    return path
