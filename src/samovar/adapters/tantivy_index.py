"""Full text in this process: tantivy in a folder, or in memory when none is given.

    search/live          the name of the live generation
    search/<name>/       a generation

One process writes to a folder. tantivy is imported and opened at the first use, and what writing needs is let
go of after some quiet seconds.
"""

import asyncio
import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import structlog

from samovar.kernel.errors import Unavailable
from samovar.kernel.fulltext import Ask, Entry, Hit, Key, Size

if TYPE_CHECKING:
    from samovar.adapters.tantivy_generation import Generation

log = structlog.get_logger(__name__)
T = TypeVar("T")
#: The form of the documents: a generation of another form can't be read, and is made anew.
_FORM: Final = "2-"


class TantivyIndex:
    """Implements FullText."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._name: str | None = None
        self._open: dict[str, Generation] = {}
        self._opening = threading.Lock()
        self._reading: ThreadPoolExecutor | None = None
        self._writing: ThreadPoolExecutor | None = None

    async def live(self) -> str:
        if self._name is None:
            self._name = await self._read(self._found)
        return self._name

    async def begin(self, name: str) -> None:
        await self._write(lambda: self._generation(name))

    async def switch(self, name: str) -> None:
        await self._write(lambda: self._switch(name))
        self._name = name

    async def write(
        self, name: str, put: Sequence[Entry], removed: Sequence[Key] = (), *, fresh: bool = False
    ) -> None:
        await self._write(lambda: self._generation(name).write(put, removed, fresh=fresh))

    async def find(self, ask: Ask) -> Sequence[Hit]:
        name = await self.live()
        return await self._read(lambda: self._generation(name).find(ask)) if name else ()

    async def tags(self, text: str, limit: int) -> Sequence[tuple[str, int]]:
        name = await self.live()
        return await self._read(lambda: self._generation(name).tags(text, limit)) if name else ()

    async def words(self, beginning: str, limit: int) -> Sequence[str]:
        name = await self.live()
        return await self._read(lambda: self._generation(name).words(beginning, limit)) if name else ()

    async def size(self) -> Size:
        name = await self.live()
        if not name:
            return Size(0, 0)
        return await self._read(
            lambda: Size(self._generation(name).documents(), _bytes_of(self._place(name)))
        )

    async def rest(self) -> None:
        if self._writing is not None:
            await self._write(self._rest)

    async def close(self) -> None:
        if self._writing is not None:
            await self._write(lambda: self._rest(at_once=True))
        for threads in (self._reading, self._writing):
            if threads is not None:
                threads.shutdown(wait=True)
        self._open.clear()
        self._reading = self._writing = None

    def _rest(self, *, at_once: bool = False) -> None:
        for made in self._open.values():
            made.rest(at_once=at_once)

    def _place(self, name: str) -> Path | None:
        return None if self._folder is None else self._folder / (_FORM + name)

    def _generation(self, name: str) -> "Generation":
        from samovar.adapters.tantivy_generation import Generation

        with self._opening:
            made = self._open.get(name)
            if made is None:
                made = self._open[name] = Generation(self._place(name))
            return made

    def _found(self) -> str:
        """The live generation as it is written down, when it can be read."""
        if self._folder is None:
            return ""
        try:
            name = (self._folder / "live").read_text(encoding="utf-8").strip()
        except OSError:
            return ""
        if not name.startswith(_FORM) or not (self._folder / name / "meta.json").exists():
            return ""
        name = name.removeprefix(_FORM)
        try:
            self._generation(name)
        except ValueError as error:
            log.warning("the search index can't be read and is made anew", error=repr(error))
            return ""
        return name

    def _switch(self, name: str) -> None:
        self._generation(name)
        for other in [kept for kept in self._open if kept != name]:
            self._open.pop(other).rest(at_once=True)
        if self._folder is None:
            return
        partial = self._folder / ".live"
        with partial.open("w", encoding="utf-8") as file:
            file.write(_FORM + name)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._folder / "live")
        for path in self._folder.iterdir():
            if path.is_dir() and path.name != _FORM + name:
                shutil.rmtree(path, ignore_errors=True)

    async def _read(self, work: Callable[[], T]) -> T:
        if self._reading is None:
            self._reading = ThreadPoolExecutor(2, "search-read")
        return await _in(self._reading, work)

    async def _write(self, work: Callable[[], T]) -> T:
        if self._writing is None:
            self._writing = ThreadPoolExecutor(1, "search-write")
        return await _in(self._writing, work)


async def _in(threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    try:
        return await asyncio.get_running_loop().run_in_executor(threads, work)
    except (ValueError, OSError) as error:
        raise Unavailable from error


def _bytes_of(folder: Path | None) -> int:
    """Bytes of the files in a folder. Segments that are merged meanwhile take their files away."""
    total = 0
    for path in folder.glob("*") if folder is not None else ():
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total
