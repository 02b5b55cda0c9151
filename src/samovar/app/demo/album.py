"""Which posts of the sample community have a picture, and what it shows."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from samovar.app.demo.acts import Act, Write

#: Motives of `pictures`, with what they show in English and Russian.
MOTIVES: Final = (
    ("cup", "A cup of tea with steam on a wooden table", "Чашка чая с паром на деревянном столе"),
    ("hills", "Blue hills one behind the other in the morning", "Утренние синие холмы, один за другим"),
    ("jam", "Three jars of jam on a shelf", "Три банки варенья на полке"),
    ("evening", "A red sun low over the water", "Красное солнце низко над водой"),
    ("bread", "A round loaf with a cross cut into it", "Круглый хлеб с надрезом крестом"),
    ("rain", "Rain on a window, lamps behind it", "Дождь на окне, за ним фонари"),
)
#: Pictures in all; drawing and opening them takes about a second.
COUNT: Final = 12


class Picture(NamedTuple):
    """A picture and what it shows."""

    data: bytes
    alt: str


async def album(acts: Sequence[Act]) -> Mapping[int, Picture]:
    """Pictures by the key of their post: the latest public posts that begin something, each by another."""
    authors: set[str] = set()
    chosen: list[Write] = []
    for act in reversed(acts):
        if isinstance(act, Write) and _begins(act) and act.who not in authors and len(chosen) < COUNT:
            authors.add(act.who)
            chosen.append(act)
    pictures = await asyncio.to_thread(_drawn, len(chosen))
    found = {}
    for place, (act, data) in enumerate(zip(chosen, pictures, strict=True)):
        _, english, russian = MOTIVES[place % len(MOTIVES)]
        found[act.key] = Picture(data, russian if act.language == "ru" else english)
    return found


def _begins(act: Write) -> bool:
    """Whether a post is public and stands by itself."""
    return act.visibility == "public" and not (act.parent or act.quote or act.options or act.warning)


def _drawn(count: int) -> list[bytes]:
    """That many pictures, drawn by another process: this one stays small."""
    if not count:
        return []
    with tempfile.TemporaryDirectory(prefix="samovar-album-") as folder:
        script = Path(__file__).with_name("pictures.py")
        names = [MOTIVES[place % len(MOTIVES)][0] for place in range(count)]
        subprocess.run([sys.executable, str(script), folder, *names], check=True, timeout=60)
        return [(Path(folder) / f"{place}.jpg").read_bytes() for place in range(count)]
