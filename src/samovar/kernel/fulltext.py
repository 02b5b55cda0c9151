"""Full text: a port. What is found is kept here in a second form that can always be made again.

Documents are of kinds and have ids; a later version of one takes the place of an earlier. They stand in a
*generation*: searches read the live one, a new one is filled beside it and then put in its place at once.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import msgspec

#: What is longer is cut before it is kept.
LONGEST: Final = 20_000
#: Words of four letters and more forgive one wrong letter.
FORGIVES: Final = 4
#: A word that stands in so many documents is taken to be right.
FREQUENT: Final = 20
#: Fewer letters begin too many words.
BEGINS: Final = 2
#: Whose documents everybody finds; all others are found by those who stand near their owner.
PUBLIC: Final = "public"
FOLLOWERS: Final = "followers"


class Key(NamedTuple):
    """Names a document."""

    kind: str
    id: int


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One document."""

    kind: str
    id: int
    #: Grows with each change of it.
    version: int
    author_id: int
    #: Who finds it: everybody ("public"), the owner's followers ("followers"), else only owner and `people`.
    scope: str
    owner_id: int
    people: tuple[int, ...] = ()
    title: str = ""
    text: str = ""
    #: Such as a username: found by its beginning, whole.
    handle: str = ""
    #: "en", "ru" or another tag's first part; empty when unknown.
    language: str = ""
    #: Lower case, without the hash sign.
    tags: tuple[str, ...] = ()
    has_media: bool = False
    #: Microseconds since 1970 UTC.
    created_at: int = 0


class Clause(msgspec.Struct, frozen=True):
    """One thing that is asked for: a word, or several in this order."""

    text: str
    #: Its words stand beside each other, as they are.
    phrase: bool = False
    #: Documents with it are left out.
    excluded: bool = False
    #: It may be the beginning of a word.
    unfinished: bool = False


class Viewer(msgspec.Struct, frozen=True):
    """Who searches: their id (None: a stranger), and some of those whom they follow."""

    id: int | None = None
    follows: tuple[int, ...] = ()


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A question. Without clauses and tags it finds all that the rest lets through."""

    kinds: tuple[str, ...]
    viewer: Viewer = Viewer()
    clauses: tuple[Clause, ...] = ()
    #: All of these tags, none of those.
    tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    #: At least one of these, when there are any.
    any_tags: tuple[str, ...] = ()
    #: By one of these; None: by anybody.
    authors: tuple[int, ...] | None = None
    languages: tuple[str, ...] = ()
    has_media: bool = False
    #: From this moment on, and before that one; 0: without bound.
    since: int = 0
    until: int = 0
    #: The newest first, which ids tell; else what fits best.
    newest: bool = False
    offset: int = 0
    limit: int = 20


#: A text in pieces, those marked that were asked for.
Pieces = tuple[tuple[str, bool], ...]


class Hit(msgspec.Struct, frozen=True):
    """A document that was found."""

    kind: str
    id: int
    version: int
    author_id: int
    tags: tuple[str, ...]
    title: Pieces
    text: Pieces


class Size(NamedTuple):
    """How much the live generation holds."""

    documents: int
    bytes: int


class FullText(Protocol):
    """The index. All raise Unavailable when it does not answer."""

    async def live(self) -> str:
        """The name of the generation that searches read; empty when there is none that can be read."""
        ...

    async def begin(self, name: str) -> None:
        """Have a generation to fill beside the live one. One of that name that is there is gone on with."""
        ...

    async def switch(self, name: str) -> None:
        """Make a generation the live one, and drop all others."""
        ...

    async def write(
        self, name: str, put: Sequence[Entry], removed: Sequence[Key] = (), *, fresh: bool = False
    ) -> None:
        """Put documents into a generation in place of those of their keys, remove others; searches find it
        so at once after. `fresh`: the generation has none of these keys, which need not be looked for."""
        ...

    async def find(self, ask: Ask) -> Sequence[Hit]:
        """What fits, best or newest first, words as they were asked for before those with a wrong letter."""
        ...

    async def tags(self, text: str, limit: int) -> Sequence[tuple[str, int]]:
        """Tags that begin so, or with one wrong letter, in documents that everybody finds: the tag itself
        first, then those in most documents, with their number."""
        ...

    async def words(self, beginning: str, limit: int) -> Sequence[str]:
        """Words in documents that everybody finds, those in most documents first."""
        ...

    async def size(self) -> Size:
        """How much there is."""
        ...

    async def rest(self) -> None:
        """Let go of what only writing needs, when nothing was written for a while."""
        ...

    async def close(self) -> None:
        """Let go of all."""
        ...
