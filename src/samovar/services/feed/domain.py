"""Lines of timelines and their rules. Pure.

A line is an item brought by its author, or brought again by somebody who shared it. Its position is
the item's id or the id of the act of sharing: both are ordered by time, so positions order timelines.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from samovar.kernel.errors import Invalid
from samovar.kernel.ids import MAX_ID, parse_id

#: Scopes whose items come into the homes of their author's followers.
OPEN: Final = ("public", "unlisted", "followers")
#: A share is left out when the item stands that few lines further down anyway.
NEAR: Final = 20
#: Longest tag that is looked for.
TAG_LENGTH: Final = 200


class Line(NamedTuple):
    """One line of a timeline, before it is known whether its viewer may see it."""

    position: int
    kind: str
    item_id: int
    #: Who brought it: the author, or who shared it.
    by_id: int
    author_id: int
    scope: str
    #: Whether the item itself, unshared, belongs into the viewer's home: a reply does only when
    #: they follow its addressee too.
    fits: bool

    @property
    def shared(self) -> bool:
        return self.position != self.item_id


class Spot(NamedTuple):
    """A line as far as it matters for leaving out repetitions."""

    position: int
    kind: str
    item_id: int
    by_id: int


class Person(NamedTuple):
    """A member, as feed knows them."""

    user_id: int
    followers: int
    #: Their lines are merged at read. Stays so when followers leave again: then nothing needs repair.
    heavy: bool
    #: They deleted their account. The row stays, so that nothing late can bring them back.
    gone: bool


class Item(NamedTuple):
    """An item's state."""

    author_id: int
    scope: str
    removed: bool
    version: int


class Follow(NamedTuple):
    """A follow's state. A removed one stays as a tombstone that keeps its version."""

    removed: bool
    version: int


def position_of(cursor: str) -> int:
    """Where to go on below; the top for an empty cursor. Raises Invalid."""
    if not cursor:
        return MAX_ID
    position = parse_id(cursor)
    if position is None:
        raise Invalid(fields={"cursor": "This is not a cursor of ours."})
    return position


def tag_key(tag: str) -> str:
    """A tag as it is stored and compared."""
    return unicodedata.normalize("NFKC", tag).lower().removeprefix("#")


def merged(lines: Iterable[Line], limit: int) -> list[Line]:
    """Lines of several sources as one list, newest first, each once."""
    unique = {(line.position, line.kind): line for line in lines}
    return sorted(unique.values(), reverse=True)[:limit]


def twins(lines: Sequence[Line], below: Sequence[Spot]) -> dict[Line, set[int]]:
    """Shares of items that stand little further down as well, each with who may have brought them there.

    `lines` are newest first; `below` are the next ones of the timeline.
    """
    found: dict[Line, set[int]] = {}
    shared = [index for index, line in enumerate(lines) if line.shared]
    if not shared:
        return found
    spots: list[Line | Spot] = [*lines, *below]
    # Items are told apart by id first: few have the same one.
    items = [spot.item_id for spot in spots]
    for index in shared:
        line, end = lines[index], index + 1 + NEAR
        bringers = set()
        if line.item_id in items[index + 1 : end]:
            bringers = {
                spot.by_id
                for spot in spots[index + 1 : end]
                if spot.item_id == line.item_id and spot.kind == line.kind and spot.position != spot.item_id
            }
        # The unshared item stands at its own position, whether or not that was looked at.
        if line.fits and (len(spots) < end or line.item_id >= spots[end - 1].position):
            bringers.add(line.author_id)
        if bringers:
            found[line] = bringers
    return found
