"""Blobs in a local folder, for one machine."""

import asyncio
import hashlib
import heapq
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

import structlog

from samovar.kernel.blobs import checked_key, checked_range, joined
from samovar.kernel.errors import Conflict, NotFound, Unavailable

log = structlog.get_logger(__name__)
T = TypeVar("T")

#: Bytes that go to or come from the disk at once.
BLOCK: Final = 1 << 20
#: Seconds after which an unfinished file belongs to a process that was ended in its midst.
ABANDONED: Final = 86_400
#: Stands for the slash in names of files; no key has it.
SLASH: Final = "="


class DiskBlobs:
    """One file for each blob, in 256 folders by a hash of the key. A key never becomes a path: `a` and `a/b`
    can both be there, and none leads out of the folder. Only the account of this process may read them.
    Listing goes through the names of all."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """`durable=False` (for tests) skips fsync; then power loss may cost the last blobs."""
        self._folder = folder
        self._partial = folder / "partial"
        self._durable = durable
        self._swept = False

    async def put(
        self, key: str, chunks: AsyncIterator[bytes], *, content_type: str, if_absent: bool = False
    ) -> int:
        path, size = self._path(key), 0
        if if_absent and await self.size(key) is not None:
            raise Conflict
        file = await _aside(self._begin)
        try:
            async for block in joined(chunks, BLOCK):
                await _aside(file.write, block)
                size += len(block)
            await _aside(self._finish, file, path, if_absent)
        finally:
            await _aside(self._end, file)
        return size

    async def get(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        checked_range(start, end)
        try:
            file = await _aside(_open, self._path(key))
        except FileNotFoundError:
            raise NotFound from None
        with file:
            await _aside(file.seek, start)
            at = start
            while end is None or at < end:
                block = await _aside(file.read, BLOCK if end is None else min(BLOCK, end - at))
                if not block:
                    return
                at += len(block)
                yield block

    async def size(self, key: str) -> int | None:
        try:
            return (await _aside(os.stat, self._path(key))).st_size
        except FileNotFoundError:
            return None

    async def delete(self, keys: Iterable[str]) -> None:
        await _aside(self._delete, [self._path(key) for key in keys])

    async def list(self, folder: str, limit: int, *, after: str = "") -> Sequence[str]:
        prefix = f"{checked_key(folder)}/" if folder else ""
        return await _aside(self._list, prefix, limit, after)

    async def url(self, key: str, seconds: float) -> str | None:
        checked_key(key)
        return None

    def _path(self, key: str) -> Path:
        shard = hashlib.sha256(checked_key(key).encode()).hexdigest()[:2]
        return self._folder / shard / key.replace("/", SLASH)

    def _begin(self) -> BinaryIO:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._partial.mkdir(mode=0o700, exist_ok=True)
        if not self._swept:
            self._swept = True
            self._sweep()
        return open(self._partial / secrets.token_hex(16), "xb", opener=_private)

    def _sweep(self) -> None:
        for path in self._partial.iterdir():
            with suppress(FileNotFoundError):  # somebody else sweeps too, or was done with it just now
                if path.stat().st_mtime < time.time() - ABANDONED:
                    path.unlink()

    def _finish(self, file: BinaryIO, path: Path, if_absent: bool) -> None:
        file.flush()
        if self._durable:
            os.fsync(file.fileno())
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            self._keep(self._folder)
        if if_absent:
            try:
                os.link(file.name, path)
            except FileExistsError:
                raise Conflict from None
        else:
            os.replace(file.name, path)
        self._keep(path.parent)

    def _end(self, file: BinaryIO) -> None:
        try:
            file.close()
        except OSError:
            pass  # it was full, which was said already
        finally:
            Path(file.name).unlink(missing_ok=True)

    def _delete(self, paths: Sequence[Path]) -> None:
        for path in paths:
            path.unlink(missing_ok=True)
        for folder in {path.parent for path in paths}:
            if folder.exists():
                self._keep(folder)

    def _keep(self, folder: Path) -> None:
        """Have what happened in a folder survive a power cut."""
        if not self._durable:
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _list(self, prefix: str, limit: int, after: str) -> Sequence[str]:
        keys = (key for key in self._keys() if key.startswith(prefix) and key > after)
        return heapq.nsmallest(max(0, limit), keys)

    def _keys(self) -> Iterator[str]:
        for folder in self._folder.glob("[0-9a-f][0-9a-f]"):
            for name in os.listdir(folder):
                yield name.replace(SLASH, "/")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


async def _aside(step: Callable[..., T], *arguments: Any) -> T:
    """Do it in a thread. Raises Unavailable for what the disk refuses, except that something is missing."""
    try:
        return await asyncio.to_thread(step, *arguments)
    except FileNotFoundError:
        raise
    except OSError as error:
        log.error("the disk refuses", error=repr(error))
        raise Unavailable(
            "Nothing can be stored right now. Please try again later.", retry_after=5
        ) from error
