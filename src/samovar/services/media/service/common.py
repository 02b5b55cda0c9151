"""What the families of use cases share."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

from samovar.contracts.media import Damaged, Disguised, TooBig, TooHard, UnknownType
from samovar.kernel.blobs import Blobs
from samovar.kernel.errors import AppError
from samovar.services.media.settings import Settings

MAKE: Final = "make"
SWEEP: Final = "sweep"
ERASE: Final = "erase"
COLLECT: Final = "collect"
_PIECE: Final = 1 << 20
#: What the worker's words mean to people.
REFUSALS: Final[dict[str, type[AppError]]] = {
    "unknown_type": UnknownType,
    "damaged": Damaged,
    "disguised": Disguised,
    "too_big": TooBig,
    "too_hard": TooHard,
}


def progress_key(medium_id: int) -> str:
    """Where it is kept how far the making of a film is."""
    return f"media.progress:{medium_id}"


def limits_of(settings: Settings) -> dict[str, Any]:
    """The worker's limits, as every task carries them."""
    return {
        "pixels": settings.pixels,
        "frames": settings.frames,
        "moving_pixels": settings.moving_pixels,
        "film_seconds": settings.film_seconds,
        "film_pixels": settings.film_pixels,
        "film_frames": settings.film_seconds * 40,
        "most": {
            "picture": settings.picture_bytes,
            "film": settings.film_bytes,
            "file": settings.film_bytes * 2,
        },
    }


async def fetch(blobs: Blobs, key: str, path: Path) -> str:
    """Copy a blob to a file; answers its SHA-256. Raises NotFound."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        async with aclosing(blobs.get(key)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
    return digest.hexdigest()


async def pieces(path: Path, end: int | None = None) -> AsyncIterator[bytes]:
    """A file's bytes up to `end`."""
    with path.open("rb") as file:
        left = end
        while left != 0 and (piece := await asyncio.to_thread(file.read, min(_PIECE, left or _PIECE))):
            left = None if left is None else left - len(piece)
            yield piece
