"""Blobs: a port. Pictures, films and whatever else is too large for a row.

What is known of a blob (whose it is, its name, its type) stands in the rows of the service that owns it.
"""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final, Protocol

LONGEST: Final = 200
#: Small letters only, since some file systems take Tea and tea for one; no part begins with a dot.
_KEY: Final = re.compile(r"[a-z0-9_-][a-z0-9._-]*(?:/[a-z0-9_-][a-z0-9._-]*)*", re.ASCII)


class Blobs(Protocol):
    """Bytes by key. A key looks like a path (see `checked_key`) and begins with the name of the service that
    owns it. All raise Unavailable when the store does not answer, and ValueError for a key that is none."""

    async def put(
        self, key: str, chunks: AsyncIterator[bytes], *, content_type: str, if_absent: bool = False
    ) -> int:
        """Store what comes, in place of what was there; answers how many bytes. It is there all at once:
        nobody reads half of it, nor half of the old and half of the new. When the chunks break off nothing is
        stored, and their error comes out. With `if_absent`, raises Conflict when there is something already:
        of several at once, one is stored."""
        ...

    def get(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` to before `end`, as far as there are so many. NotFound is raised by the
        first step; Unavailable may be by any, also when the blob is replaced or removed meanwhile. Whoever
        may stop early closes it (`contextlib.aclosing`)."""
        ...

    async def size(self, key: str) -> int | None:
        """How many bytes there are, or None when there is no such blob."""
        ...

    async def delete(self, keys: Iterable[str]) -> None:
        """Have these no more; those that are not there are no error."""
        ...

    async def list(self, folder: str, limit: int, *, after: str = "") -> Sequence[str]:
        """The first keys below a folder (empty: all), in the order of their letters, behind `after`."""
        ...

    async def url(self, key: str, seconds: float) -> str | None:
        """An address where anybody gets it for so long, or None when it is to be had through us only."""
        ...


def checked_key(key: str) -> str:
    """The key itself. Raises ValueError when it is none."""
    if len(key) > LONGEST or not _KEY.fullmatch(key):
        raise ValueError(f"not a key of a blob: {key[:LONGEST]!r}")
    return key


def checked_range(start: int, end: int | None) -> None:
    """Raises ValueError for a range that runs backwards."""
    if start < 0 or (end is not None and end < start):
        raise ValueError(f"not a range: {start} to {end}")


async def joined(chunks: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """The same bytes in pieces of at least that size, except the last."""
    waiting, length = list[bytes](), 0
    async for chunk in chunks:
        waiting.append(chunk)
        length += len(chunk)
        if length >= size:
            yield b"".join(waiting)
            waiting, length = [], 0
    if length:
        yield b"".join(waiting)
