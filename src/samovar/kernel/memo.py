"""What is made of immutable values again and again is made once: small memories for hot paths.

None can be stale: what they answer is decided by the very values they are given.
"""

from collections.abc import Callable, Hashable
from itertools import islice
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
V = TypeVar("V")


def make_room(kept: dict[Any, Any], size: int) -> None:
    """Forget the oldest quarter of a full memory."""
    if len(kept) >= size:
        for key in list(islice(kept, size // 4 + 1)):
            del kept[key]


class Interned(Generic[K, S]):
    """Equal values of one key become one object, so that `Derived` knows them again."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: dict[K, S] = {}

    def __call__(self, key: K, value: S) -> S:
        kept = self._kept.get(key)
        if kept is not None and (kept is value or kept == value):
            return kept
        make_room(self._kept, self._size)
        self._kept[key] = value
        return value


class Latest(Generic[S, V]):
    """`make(source)` of the latest source of each key, made again only when that is another."""

    def __init__(self, make: Callable[[S], V], size: int) -> None:
        self._make = make
        self._size = size
        self._kept: dict[Hashable, tuple[S, V]] = {}

    def __call__(self, key: Hashable, source: S) -> V:
        kept = self._kept.get(key)
        if kept is not None and (kept[0] is source or kept[0] == source):
            return kept[1]
        make_room(self._kept, self._size)
        made = self._make(source)
        self._kept[key] = (source, made)
        return made


class Derived(Generic[V]):
    """`make(*sources)`, made again only when a source is another object.

    Holds the sources, so that an object's identity can't come to stand for another's.
    """

    def __init__(self, make: Callable[..., V], size: int) -> None:
        self._make = make
        self._size = size
        self._kept: dict[tuple[int, ...], tuple[tuple[Any, ...], V]] = {}

    def __call__(self, *sources: Any) -> V:
        key = tuple(map(id, sources))
        kept = self._kept.get(key)
        if kept is not None:
            return kept[1]
        made = self._make(*sources)
        make_room(self._kept, self._size)
        self._kept[key] = (sources, made)
        return made
