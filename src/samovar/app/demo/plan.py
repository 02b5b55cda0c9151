"""The whole story, decided before anything of it happens: the same for the same numbers and seed."""

from collections.abc import Sequence
from random import Random

from samovar.app.demo.acts import Act
from samovar.app.demo.corpus import corpus
from samovar.app.demo.echo import Echo
from samovar.app.demo.society import Society
from samovar.app.demo.talk import Talk


def planned(members: int, posts: int, seed: int) -> Sequence[Act]:
    """All acts in the order of time."""
    book = corpus()
    if not 1 <= members <= len(book.people):
        raise ValueError(f"the book has {len(book.people)} members")
    society = Society(book.people[:members], Random(seed))
    talk = Talk(society, book, posts, Random(seed + 1))
    echo = Echo(society, talk, Random(seed + 2))
    acts = [*society.acts, *talk.writes, *talk.edits, *talk.pins, *echo.acts]
    return sorted(acts, key=lambda act: act.day)


def most_members() -> int:
    """How many members there can be."""
    return len(corpus().people)
