"""Rules of what is told. Pure."""

from typing import Final, NamedTuple

#: Scopes whose items come into the homes of their author's followers.
OPEN: Final = ("public", "unlisted", "followers")
#: Longest data of an event, in characters: ids and counts only.
LONGEST_DATA: Final = 1000
LONGEST_TYPE: Final = 40
#: People that one call names at most.
MOST_TOLD: Final = 1000
MOST_ASKED: Final = 500


class Entry(NamedTuple):
    """An event in somebody's log."""

    number: int
    type: str
    data: str


class Log(NamedTuple):
    """Somebody's log as it stands."""

    #: Of the latest event; numbers begin at 1.
    number: int
    #: When they were heard of last, in microseconds.
    seen_at: int


class Stretch(NamedTuple):
    """What came after a number."""

    entries: list[Entry]
    gap: bool
    number: int


def stretch(number: int, after: int, found: list[Entry]) -> Stretch:
    """What somebody who has everything up to `after` is told, when the latest event was `number` a moment
    before `found` was read: the events after theirs, or that some of them are not to be had any more."""
    if found and found[0].number == after + 1:
        return Stretch(found, gap=False, number=max(number, found[-1].number))
    return Stretch([], gap=after != number, number=number)
