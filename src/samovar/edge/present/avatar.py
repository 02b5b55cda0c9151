"""The default picture of a person: initials on a warm ground with a quiet ornament.

Everybody gets the same picture every time: colours and ornament come from the id, so they stay when
a name changes; letters come from the name. The text is safe to serve as `image/svg+xml`.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from html import escape
from math import cos, hypot, pi, sin
from typing import Final, NamedTuple

import regex


class Palette(NamedTuple):
    """Colours of one ground. Picked in OKLCH at equal lightness, so that none is louder than another;
    the letters have a contrast of at least 4 to the ground (large letters need 3)."""

    top: str
    bottom: str
    light: str
    deep: str
    ink: str


PALETTES: Final = (
    Palette("#af564c", "#8a3843", "#d9806b", "#702d37", "#fff3f0"),  # brick
    Palette("#a85e3d", "#863d33", "#d0875e", "#6d3229", "#fff3ed"),  # copper
    Palette("#9d6632", "#804426", "#c39057", "#68371f", "#fff4eb"),  # amber
    Palette("#8f6f2e", "#784b1a", "#b39857", "#623d16", "#fdf6ea"),  # honey
    Palette("#707b47", "#625625", "#92a371", "#50461e", "#f5f9eb"),  # moss
    Palette("#5a7f61", "#4e5d38", "#7da78c", "#404b2e", "#effaf0"),  # sage
    Palette("#4a8077", "#38614d", "#70a8a2", "#2d4f3e", "#eafbf8"),  # tea
    Palette("#4f7a98", "#46567a", "#7aa0c2", "#394663", "#ecf9ff"),  # dusk
    Palette("#756c9f", "#684971", "#a191c5", "#543b5c", "#f7f5ff"),  # iris
    Palette("#91628d", "#79425b", "#bd87af", "#62364a", "#fef3fd"),  # plum
    Palette("#a9576d", "#873c39", "#d57e8c", "#6e312e", "#fff2f5"),  # rose
    Palette("#94685c", "#734a48", "#bc907f", "#5e3c3b", "#fff3ef"),  # chestnut
)

#: Side of the drawing's own grid; `size` only scales it.
_SIDE: Final = 96
_GRAPHEME: Final = regex.compile(r"\X")
_LETTER: Final = regex.compile(r"[\p{L}\p{N}]")
_PICTURE: Final = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}")
# Two letters of these would join into something else than initials.
_JOINING: Final = regex.compile(
    r"[\p{Arabic}\p{Syriac}\p{Mongolian}\p{Devanagari}\p{Bengali}\p{Tamil}\p{Thai}]"
)
# One of these is a whole word, and wide.
_WIDE: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
#: Letters so broad that two of them would touch the rim.
_BROAD: Final = regex.compile(r"[MWЖМФШЩЫЮДѠ]")
# A picture in a page can't load fonts: these are the reader's own.
_FONTS: Final = "Golos Text,system-ui,-apple-system,Segoe UI,Roboto,Noto Sans,sans-serif"
_EMOJI_FONTS: Final = "Apple Color Emoji,Segoe UI Emoji,Noto Color Emoji,sans-serif"
#: Code points of one drawn character at most: enough for joined emoji, too few for a tower of accents.
_WIDEST: Final = 12


def initials(name: str) -> str:
    """One or two characters that stand for a name: letters when it has any, else its first emoji, else
    a dot."""
    letters = [found for word in name.split() for found in (_first(word, _LETTER),) if found]
    if letters:
        first, last = letters[0], letters[-1]
        if len(letters) == 1 or any(kind.match(first) or kind.match(last) for kind in (_JOINING, _WIDE)):
            return _capital(first)
        return _capital(first) + _capital(last)
    return _first(name, _PICTURE) or "·"


def _first(text: str, kind: "regex.Pattern[str]") -> str:
    """The first character, as people see it, that begins so; "" when there is none."""
    for found in _GRAPHEME.finditer(text[:400]):
        character = found.group()
        if kind.match(character):
            return character if kind is _PICTURE and len(character) <= _WIDEST else character[:3]
    return ""


def _capital(letter: str) -> str:
    upper = letter.upper()
    # Some letters become two ("ß"); those stay as they are.
    return upper if len(upper) == len(letter) else letter


class _Dice:
    """Choices that are always the same for one id."""

    def __init__(self, user_id: int) -> None:
        self._bits = int.from_bytes(blake2b(str(user_id).encode(), digest_size=16).digest())

    def __call__(self, sides: int) -> int:
        self._bits, face = divmod(self._bits, sides)
        return face


@lru_cache(maxsize=2048)
def avatar_svg(user_id: int, name: str, size: int = 96) -> str:
    """A square SVG, `size` pixels wide, made to be cut to a circle."""
    dice = _Dice(user_id)
    colours = PALETTES[dice(len(PALETTES))]
    ornament = "".join(ORNAMENTS[dice(len(ORNAMENTS))](dice, colours))
    letters = initials(name)
    ground = f"g{user_id}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" '
        f'viewBox="0 0 {_SIDE} {_SIDE}">'
        f'<defs><linearGradient id="{ground}" x1="0.1" y1="0" x2="0.75" y2="1">'
        f'<stop stop-color="{colours.top}"/><stop offset="1" stop-color="{colours.bottom}"/>'
        f"</linearGradient></defs>"
        f'<rect width="{_SIDE}" height="{_SIDE}" fill="url(#{ground})"/>'
        f"{ornament}{_letters(letters, colours)}</svg>"
    )


def _letters(text: str, colours: Palette) -> str:
    picture = bool(_PICTURE.match(text)) and not _LETTER.match(text)
    wide = bool(_WIDE.match(text))
    points = 43.0 if picture or wide or len(_GRAPHEME.findall(text)) == 1 else 35.0
    points -= 1.9 * (len(text) > 1) * len(_BROAD.findall(text))
    fonts = _EMOJI_FONTS if picture else _FONTS
    # Capitals are about 0.72 of the size high; emoji and ideographs fill the whole line.
    baseline = 48 + points * (0.34 if picture or wide else 0.36)
    return (
        f'<text x="48" y="{baseline:.1f}" text-anchor="middle" fill="{colours.ink}" font-size="{points:g}" '
        f'font-weight="600" font-family="{fonts}">{escape(text)}</text>'
    )


Ornament = Callable[[_Dice, Palette], Iterator[str]]


def _rings(dice: _Dice, colours: Palette) -> Iterator[str]:
    """Traces of a wet cup."""
    x, y = ((14, 18), (84, 14), (82, 84), (12, 80))[dice(4)]
    for radius in range(16, 112, 15):
        yield _circle(x, y, radius, stroke=colours.light, width=5, opacity=0.26)


def _sun(dice: _Dice, colours: Palette) -> Iterator[str]:
    """A low sun over an edge."""
    x = 22 + 13 * dice(5)
    yield _circle(x, 92, 58, fill=colours.light, opacity=0.30)
    yield _circle(x, 92, 43, fill=colours.light, opacity=0.30)
    yield _circle(x, 92, 28, fill=colours.light, opacity=0.36)


def _hills(dice: _Dice, colours: Palette) -> Iterator[str]:
    """Three ridges, each before the other."""
    turn = dice(12) / 12
    for ridge, (height, tone, opacity) in enumerate(
        ((46, colours.light, 0.28), (60, colours.deep, 0.20), (74, colours.deep, 0.34))
    ):
        phase = 2 * pi * (turn + ridge * 0.38)
        points = [(x, height + 8 * sin(x / 96 * 2 * pi * 0.9 + phase)) for x in range(0, 97, 12)]
        yield f'<path d="{_smooth(points)}L96 96L0 96Z" fill="{tone}" opacity="{opacity}"/>'


def _rosette(dice: _Dice, colours: Palette) -> Iterator[str]:
    """Petals behind the letters, as on painted wood."""
    petals = 8 + 2 * dice(3)
    turn = dice(6) * 30 / petals
    path = "M48 36C38 28 39 13 48 2C57 13 58 28 48 36Z"
    for petal in range(petals):
        yield (
            f'<path d="{path}" fill="{colours.light}" opacity="0.28" '
            f'transform="rotate({turn + petal * 360 / petals:.1f} 48 48)"/>'
        )


def _tiles(dice: _Dice, colours: Palette) -> Iterator[str]:
    """Quarter discs, each turned its own way."""
    corners = ("M0 0H32A32 32 0 0 1 0 32Z", "M32 0V32A32 32 0 0 1 0 0Z",
               "M32 32H0A32 32 0 0 1 32 0Z", "M0 32V0A32 32 0 0 1 32 32Z")  # fmt: skip
    for place in range(9):
        tone, opacity = ((colours.light, 0.25), (colours.deep, 0.22))[dice(2)]
        x, y = place % 3 * 32, place // 3 * 32
        yield (
            f'<path d="{corners[dice(4)]}" transform="translate({x} {y})" fill="{tone}" opacity="{opacity}"/>'
        )


def _scales(dice: _Dice, colours: Palette) -> Iterator[str]:
    """Roof tiles."""
    shift = 12 * dice(2)
    yield f'<g fill="none" stroke="{colours.light}" stroke-width="2.5" opacity="0.24">'
    for row in range(8):
        for column in range(-1, 5):
            x, y = column * 24 + (row % 2) * 12 + shift, row * 14 - 4
            if hypot(x - 48, y - 48) < _SIDE / 2 + 12:
                yield f'<circle cx="{x}" cy="{y}" r="12"/>'
    yield "</g>"


def _weave(dice: _Dice, colours: Palette) -> Iterator[str]:
    """Diamonds of an embroidered hem, fading to the middle."""
    upright = dice(2)
    yield f'<g fill="{colours.light}">'
    for row in range(7):
        for column in range(7):
            x, y = column * 16 + (row % 2) * 8, row * 16
            away = hypot(x - 48, y - 48) / 62
            if 0.2 < away < 0.9:
                reach = 3 + 4.4 * away
                wide, high = (reach, reach * 1.25) if upright else (reach * 1.25, reach)
                w, h = f"{wide:.1f}", f"{high:.1f}"
                yield (
                    f'<path d="M{x} {y - high:.1f}l{w} {h}-{w} {h}-{w}-{h}Z" '
                    f'opacity="{0.10 + 0.26 * away:.2f}"/>'
                )
    yield "</g>"


def _steam(dice: _Dice, colours: Palette) -> Iterator[str]:
    """Steam over a samovar."""
    phase = dice(8) / 8 * 2 * pi
    for line in range(-1, 6):
        points = [(line * 21 + 6 + 7 * sin(y / 96 * 2 * pi * 1.15 + phase), y) for y in range(-8, 113, 12)]
        yield (
            f'<path d="{_smooth(points)}" fill="none" stroke="{colours.light}" stroke-width="8" '
            f'stroke-linecap="round" opacity="{0.16 + 0.07 * (line % 3):.2f}"/>'
        )


def _moons(dice: _Dice, colours: Palette) -> Iterator[str]:
    """Large discs that overlap."""
    turn = dice(12) * pi / 6
    for step, tone in enumerate((colours.light, colours.deep, colours.light)):
        angle = turn + step * 2 * pi / 3
        yield _circle(48 + 34 * cos(angle), 48 + 34 * sin(angle), 40 - 4 * step, fill=tone, opacity=0.26)


ORNAMENTS: Final[tuple[Ornament, ...]] = (
    _rings, _sun, _hills, _rosette, _tiles, _scales, _weave, _steam, _moons,
)  # fmt: skip


def _circle(
    x: float,
    y: float,
    radius: float,
    *,
    opacity: float,
    fill: str = "none",
    stroke: str = "",
    width: float = 0,
) -> str:
    line = f' stroke="{stroke}" stroke-width="{width}"' if stroke else ""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}"{line} opacity="{opacity}"/>'


def _smooth(points: Sequence[tuple[float, float]]) -> str:
    """A path through points without corners."""
    (x, y), *rest = points
    parts = [f"M{x:.1f} {y:.1f}"]
    for index, (x, y) in enumerate(rest):
        # Catmull-Rom: each stretch leaves in the direction of its neighbours.
        before = points[max(0, index - 1)]
        start, after = points[index], points[min(len(points) - 1, index + 2)]
        parts.append(
            f"C{start[0] + (x - before[0]) / 6:.1f} {start[1] + (y - before[1]) / 6:.1f} "
            f"{x - (after[0] - start[0]) / 6:.1f} {y - (after[1] - start[1]) / 6:.1f} {x:.1f} {y:.1f}"
        )
    return "".join(parts)
