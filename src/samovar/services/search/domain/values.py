"""Rows of search, and bounds. Pure."""

from typing import Final, NamedTuple

#: Hits that are shown at most, however they are paged through.
DEEPEST: Final = 1000
#: Searches that one person keeps.
SAVED: Final = 50


class Dirty(NamedTuple):
    """A document that has changed; `mark` names the last change."""

    kind: str
    item_id: int
    mark: int
    at: int


class Build(NamedTuple):
    """How the index stands. `name`: the generation that is being filled, or empty."""

    live: str = ""
    name: str = ""
    kind: str = ""
    after: int = 0
    done: int = 0
    total: int = 0
    rebuilt_at: int = 0


class Saved(NamedTuple):
    """A search that somebody keeps."""

    id: int
    query: str
    kind: str
    newest: bool
    created_at: int


class Interest(NamedTuple):
    """How often somebody wrote and liked what has a tag."""

    user_id: int
    tag: str
    wrote: int
    liked: int
