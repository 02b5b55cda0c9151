"""Making films and animations: a job with progress."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Final

import structlog

from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.media import repository
from samovar.services.media.domain import FAILED, PROCESSING, READY, Form, Medium, key_of
from samovar.services.media.service.common import fetch, limits_of, pieces, progress_key
from samovar.services.media.service.uploading import uploaded
from samovar.services.media.settings import Settings
from samovar.services.media.workshop.pool import Broken, Pool

log = structlog.get_logger(__name__)
#: Formats as the worker calls them, by media type.
_FORMATS: Final = {
    "video/mp4": "mp4", "video/webm": "webm", "image/gif": "gif", "image/webp": "webp", "image/png": "png",
    "image/avif": "avif", "image/jpeg": "jpeg",
}  # fmt: skip


class Making:
    """The second half of what moves."""

    def __init__(self, kit: Kit, pool: Pool) -> None:
        self._settings: Settings = kit.settings
        self._db = kit.db
        self._blobs = kit.blobs
        self._cache = kit.cache
        self._pool = pool

    async def make(self, medium_id: int) -> None:
        """Make the forms that play. A file that can't be made is marked as failed."""
        medium = await repository.one(self._db, medium_id)
        if medium is None or medium.state != PROCESSING:
            return
        with tempfile.TemporaryDirectory(prefix="samovar-media-") as place:
            folder = Path(place)
            source = folder / "source"
            await fetch(self._blobs, key_of(medium_id, "original"), source)
            task = {
                "task": "film" if medium.kind == "video" else "animate", "path": str(source), "out": place,
                "format": _FORMATS[medium.type], "milliseconds": medium.milliseconds,
                "seconds": self._settings.make_seconds, **limits_of(self._settings),
            }  # fmt: skip
            answer = await self._run(medium_id, task)
            if "done" not in answer:
                log.warning("a film can't be made", medium=medium_id, why=answer)
                await self._db.write(lambda tx: self._end(tx, medium_id, FAILED, (), 0))
                return
            forms = [Form(**form) for form in answer["done"]["variants"]]
            await asyncio.gather(
                *(
                    self._blobs.put(
                        key_of(medium_id, form.file), pieces(folder / form.file), content_type=form.type
                    )
                    for form in forms
                )
            )
        length = answer["done"]["milliseconds"]
        await self._db.write(lambda tx: self._end(tx, medium_id, READY, forms, length))
        if medium.kind == "video":
            await self._blobs.delete([key_of(medium_id, "original")])

    async def _run(self, medium_id: int, task: dict[str, Any]) -> dict[str, Any]:
        percent = 0

        def note(done: int) -> None:
            nonlocal percent
            percent = done

        running = asyncio.ensure_future(self._pool.run(task, self._settings.make_seconds, note))
        try:
            while not (await asyncio.wait({running}, timeout=0.5))[0]:
                await self._cache.set(progress_key(medium_id), percent, 30)
            return running.result()
        except Broken as error:
            return {"refused": "too_hard", "why": str(error)}

    async def _end(self, tx: Tx, medium_id: int, state: str, forms: Any, milliseconds: int) -> Medium | None:
        medium = await repository.one(tx, medium_id)
        if medium is None or medium.state != PROCESSING:
            return None
        # The film itself is not kept: its MP4 form is as good, and smaller.
        kept = [form for form in medium.forms if medium.kind != "video" or form.name != "original"]
        every = [*kept, *forms]
        made = medium._replace(
            state=state, variants=every, bytes=sum(form.bytes for form in every),
            milliseconds=milliseconds or medium.milliseconds,
        )  # fmt: skip
        saved = await repository.save(tx, made)
        if state == READY:
            await tx.publish(uploaded(saved))
        return saved
