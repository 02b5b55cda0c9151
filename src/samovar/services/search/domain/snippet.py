"""The part of a text that is shown with a hit. Pure."""

from collections.abc import Sequence
from typing import Final

#: Characters of a snippet, and of those how many before the first mark.
LENGTH: Final = 200
_BEFORE: Final = 50
#: Marked words that are told of one text.
_WORDS: Final = 30

Pieces = Sequence[tuple[str, bool]]


def snippet(pieces: Pieces) -> list[tuple[str, bool]]:
    """About `LENGTH` characters around the first mark, cut between words; "…" where something is left out."""
    whole = "".join(text for text, _ in pieces)
    if len(whole) <= LENGTH + _BEFORE:
        return list(pieces)
    first, position = 0, 0
    for text, marked in pieces:
        if marked:
            first = position
            break
        position += len(text)
    start = max(0, first - _BEFORE)
    if start:
        space = whole.find(" ", start, first)
        start = space + 1 if space >= 0 else start
    end = min(len(whole), start + LENGTH)
    if end < len(whole):
        space = whole.rfind(" ", first, end)
        end = space if space > first else end
    found, position = list[tuple[str, bool]](), 0
    for text, marked in pieces:
        part = text[max(0, start - position) : max(0, end - position)]
        if part:
            found.append((part, marked))
        position += len(text)
    before = [("…", False)] if start else []
    after = [("…", False)] if end < len(whole) else []
    return [*before, *found, *after]


def marked_words(pieces: Pieces) -> tuple[str, ...]:
    """The marked words of a text, each once, in lower case."""
    return tuple(dict.fromkeys(text.casefold() for text, marked in pieces if marked))[:_WORDS]
