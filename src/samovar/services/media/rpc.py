"""The contracts of media, over its use cases."""

from collections.abc import Sequence

from samovar.contracts import media
from samovar.contracts.common import Done, ItemRef
from samovar.contracts.media import MediumList, MediumPage, Opened, Ticket, UsageReport
from samovar.kernel.context import current_call
from samovar.services.media.domain import Item
from samovar.services.media.service import MediaService
from samovar.services.media.service.reading import Seen


class MediaRpc:
    """samovar.media."""

    def __init__(self, service: MediaService) -> None:
        self._uploading = service.uploading
        self._reading = service.reading
        self._placing = service.placing
        self._removing = service.removing
        self._judging = service.judging
        self._settings = service.settings

    async def begin(self, *, bytes: int, alt: str, purpose: str) -> Ticket:
        return await self._uploading.begin(current_call(), bytes, alt, "" if purpose == "post" else purpose)

    async def finish(self, *, id: int, bytes: int, sha256: str) -> media.Medium:
        made = await self._uploading.finish(current_call(), id, sha256)
        return _medium(await self._reading.dressed(made))

    async def abandon(self, *, id: int) -> Done:
        await self._uploading.abandon(current_call(), id)
        return Done()

    async def get_many(self, *, ids: Sequence[int] = ()) -> MediumList:
        return MediumList(items=tuple(map(_medium, await self._reading.get_many(ids))))

    async def get(self, *, id: int) -> media.Medium:
        return _medium(await self._reading.get(current_call(), id))

    async def open(self, *, id: int, file: str, signed: bool) -> Opened:
        found = await self._reading.open(current_call(), id, file, signed)
        return Opened(key=found.key, type=found.form.type, bytes=found.form.bytes, public=found.public)

    async def of_user(self, *, user_id: int, cursor: str, limit: int) -> MediumPage:
        return _page(await self._reading.of_user(current_call(), user_id, cursor, limit))

    async def gallery(self, *, cursor: str, limit: int) -> MediumPage:
        return _page(await self._reading.gallery(cursor, limit))

    async def usage(self) -> UsageReport:
        files, used = await self._reading.usage(current_call())
        settings = self._settings
        return UsageReport(
            files=files,
            bytes=used,
            most_files=settings.files_per_person,
            most_bytes=settings.bytes_per_person,
        )

    async def update(
        self, *, id: int, alt: str | None = None, focus_x: int | None = None, focus_y: int | None = None
    ) -> media.Medium:
        return _medium(await self._judging.update(current_call(), id, alt, (focus_x, focus_y)))

    async def delete(self, *, id: int) -> Done:
        await self._removing.delete(current_call(), id)
        return Done()

    async def claim(self, *, ids: Sequence[int] = (), claim: str, item: ItemRef | None = None) -> MediumList:
        place = None if item is None else Item(item.kind, item.id)
        found = await self._placing.claim(current_call(), ids, claim, place)
        return MediumList(items=tuple(_medium(Seen(medium)) for medium in found))

    async def attach(self, *, item: ItemRef, owner_id: int, ids: Sequence[int] = ()) -> Done:
        await self._placing.attach(current_call(), Item(item.kind, item.id), owner_id, ids)
        return Done()

    async def review(self, *, id: int, review: str) -> media.Medium:
        return _medium(await self._judging.review(current_call(), id, review))

    async def queue(self, *, cursor: str, limit: int) -> MediumPage:
        return _page(await self._judging.queue(current_call(), cursor, limit))

    async def ban_hash(self, *, id: int, sha256: str, reason: str) -> Done:
        await self._judging.ban(current_call(), id, sha256, reason)
        return Done()

    async def unban_hash(self, *, id: int, sha256: str, reason: str) -> Done:
        await self._judging.unban(current_call(), id, sha256)
        return Done()


class PersonalRpc:
    """samovar.personal, for what media keeps."""

    def __init__(self, service: MediaService) -> None:
        self._removing = service.removing

    async def erase(self, *, user_id: int) -> Done:
        await self._removing.erase(current_call(), user_id)
        return Done()


def _page(found: tuple[list[Seen], str]) -> MediumPage:
    return MediumPage(items=tuple(map(_medium, found[0])), next=found[1])


def _medium(seen: Seen) -> media.Medium:
    medium = seen.medium
    item = medium.item
    return media.Medium(
        id=medium.id, owner_id=medium.owner_id, kind=medium.kind, state=medium.state, review=medium.review,
        purpose=medium.purpose, alt=medium.alt, width=medium.width, height=medium.height,
        milliseconds=medium.milliseconds, placeholder=medium.placeholder, colour=medium.colour,
        variants=tuple(media.Variant(**form._asdict()) for form in medium.forms), focus_x=medium.focus_x,
        focus_y=medium.focus_y, progress=seen.progress,
        item=None if item is None else ItemRef(kind=item.kind, id=item.id), created_at=medium.created_at,
        bytes=medium.bytes, sha256=medium.sha256, version=medium.version,
    )  # fmt: skip
