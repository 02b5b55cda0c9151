"""The whole story, decided before anything of it happens: the same for the same numbers and seed."""

from collections.abc import Sequence
from random import Random
from typing import Final

from samovar.app.demo.acts import Act
from samovar.app.demo.chatter import Chatter
from samovar.app.demo.corpus import corpus
from samovar.app.demo.echo import Echo
from samovar.app.demo.society import Society
from samovar.app.demo.talk import Talk
from samovar.app.demo.threads import Threads

#: So many of all posts are whole conversations.
_THREADS: Final = 0.76


def planned(members: int, posts: int, seed: int) -> Sequence[Act]:
    """All acts in the order of time."""
    book = corpus()
    if not 1 <= members <= len(book.people):
        raise ValueError(f"there are 1 to {len(book.people)} members")
    society = Society(book.people[:members], Random(seed))
    talk = Talk(society, Random(seed + 1))
    Threads(talk, book.threads, round(posts * _THREADS))
    Chatter(talk, book, posts)
    echo = Echo(society, talk, Random(seed + 2))
    acts = [*society.acts, *talk.writes, *talk.edits, *talk.pins, *echo.acts]
    return sorted(acts, key=lambda act: act.day)
