"""What the bots report: a table, JSON, and a plot as SVG."""

from html import escape
from pathlib import Path
from typing import Any

import msgspec

from samovar.app.bots.tally import Tally

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 960, 320, 56, 40, 32
COLOURS = {"good": "#3f7d4e", "refused": "#b7791f", "errors": "#b03a2e"}


def table(tally: Tally, seconds: float) -> str:
    """Figures by kind, as a terminal shows them."""
    heads = ("acts", "good", "refused", "errors", "p50 ms", "p95 ms", "p99 ms")
    lines = [f"{'kind':<10}" + "".join(f"{head:>9}" for head in heads)]
    for name, one in tally.figures().items():
        wrong = one.count - one.good - one.refused - one.missing
        lines.append(
            f"{name:<10}{one.count:>9}{one.good:>9}{one.refused:>9}{wrong:>9}"
            f"{one.p50:>9.1f}{one.p95:>9.1f}{one.p99:>9.1f}"
        )
    for name, one in tally.figures().items():
        if one.missing == one.count:
            lines.append(f"{name}: the server has no such route (404)")
        lines += [f"{name}: {trouble}: {count} times" for trouble, count in one.errors.items()]
    each = max(seconds, 0.001)
    lines.append(
        f"{tally.count} acts in {seconds:.1f} s: {tally.count / each:.1f} a second, "
        f"{tally.good / each:.1f} of them good, {tally.refused} refused (429 or 503), "
        f"{tally.wrong} wrong, {tally.held_back} held back"
    )
    return "\n".join(lines)


def write(folder: Path, tally: Tally, seconds: float, about: dict[str, Any]) -> list[Path]:
    """Put bots.json and bots.svg into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    data, plot = folder / "bots.json", folder / "bots.svg"
    told = {"about": about, "seconds_taken": round(seconds, 3), **tally.told()}
    data.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2))
    plot.write_text(svg(tally, about), encoding="utf-8")
    return [data, plot]


def svg(tally: Tally, about: dict[str, Any]) -> str:
    """Acts by second: good, refused, wrong, one above the other."""
    last = max(tally.seconds, default=0)
    sums = [sum(counts.values()) for counts in tally.seconds.values()]
    top = max(sums, default=1) or 1
    wide = (WIDTH - LEFT - 16) / (last + 1)
    high = HEIGHT - TOP - BOTTOM
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
    parts = [
        f'{head} font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fffdf9"/>',
        f'<text x="{LEFT}" y="22">{escape(_title(tally, about))}</text>',
    ]
    for second, counts in sorted(tally.seconds.items()):
        below = float(TOP + high)
        for name, colour in COLOURS.items():
            size = high * counts[name] / top
            below -= size
            if size:
                x, bar = LEFT + second * wide, max(wide - 0.5, 0.5)
                parts.append(
                    f'<rect x="{x:.2f}" y="{below:.2f}" width="{bar:.2f}" height="{size:.2f}" '
                    f'fill="{colour}"/>'
                )
    parts += [
        f'<line x1="{LEFT}" x2="{WIDTH - 16}" y1="{TOP + high}" y2="{TOP + high}" stroke="#888"/>',
        f'<text x="{LEFT - 8}" y="{TOP + 10}" text-anchor="end">{top}</text>',
        f'<text x="{LEFT - 8}" y="{TOP + high}" text-anchor="end">0</text>',
        f'<text x="{LEFT}" y="{HEIGHT - 10}">0 s</text>',
        f'<text x="{WIDTH - 16}" y="{HEIGHT - 10}" text-anchor="end">{last + 1} s</text>',
    ]
    at = LEFT + 80
    for name, colour in COLOURS.items():
        parts.append(f'<rect x="{at}" y="{HEIGHT - 20}" width="11" height="11" fill="{colour}"/>')
        parts.append(f'<text x="{at + 16}" y="{HEIGHT - 10}">{name}</text>')
        at += 100
    return "".join([*parts, "</svg>"])


def _title(tally: Tally, about: dict[str, Any]) -> str:
    named = ", ".join(f"{name} {value}" for name, value in about.items())
    return f"Acts a second by how they ended ({named})"
