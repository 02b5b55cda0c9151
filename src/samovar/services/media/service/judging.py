"""What owners say of their files, and what moderators decide about them."""

import re
from collections.abc import Sequence
from typing import Final

from samovar.kernel.authz import require, signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.paging import number, page_size
from samovar.kernel.store import Tx
from samovar.services.media import repository
from samovar.services.media.domain import REMOVED, Medium, alt_text, is_id, telling
from samovar.services.media.service.reading import Reading, Seen

_HASH: Final = re.compile(r"[0-9a-f]{64}")


class Judging:
    """Descriptions, reviews, bans."""

    def __init__(self, kit: Kit, reading: Reading) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self._reading = reading

    async def update(self, call: Call, medium_id: int, alt: str | None, focus: Sequence[int | None]) -> Seen:
        """Describe one's own file, or say where to look first."""
        owner = signed_in(call)
        description = None if alt is None else alt_text(alt)
        if alt is not None and description is None:
            raise Invalid(fields={"alt": "This is too long."})
        if any(value is not None and not -100 <= value <= 100 for value in focus):
            raise Invalid(fields={"focus": "From -100 to 100."})

        async def write(tx: Tx) -> Medium:
            medium = await self._there(tx, medium_id)
            if medium.owner_id != owner:
                raise NotFound
            x, y = focus
            changed = medium._replace(
                alt=medium.alt if description is None else description,
                focus_x=medium.focus_x if x is None else x,
                focus_y=medium.focus_y if y is None else y,
            )
            return medium if changed == medium else await repository.save(tx, changed)

        return await self._reading.dressed(await self._db.write(write))

    async def review(self, call: Call, medium_id: int, review: str) -> Seen:
        """A moderator's judgement."""
        require(call, "content.hide")
        if review not in ("pending", "approved", "rejected"):
            raise Invalid(fields={"review": "Choose pending, approved or rejected."})

        async def write(tx: Tx) -> Medium:
            medium = await self._there(tx, medium_id)
            return (
                medium
                if medium.review == review
                else await repository.save(tx, medium._replace(review=review))
            )

        return await self._reading.dressed(await self._db.write(write))

    async def queue(self, call: Call, cursor: str, limit: int) -> tuple[list[Seen], str]:
        """What waits for judgement, oldest first."""
        require(call, "content.hide")
        after = number(cursor)
        size = page_size(limit, usual=30)
        found = await repository.queue(self._db, after, size + 1)
        shown = [await self._reading.dressed(medium) for medium in found[:size]]
        return shown, str(found[size - 1].id) if len(found) > size else ""

    async def ban(self, call: Call, medium_id: int, sha256: str, reason: str) -> None:
        """Take these bytes, and what looks like that file, no more."""
        require(call, "content.hide")
        hashes = await self._hashes(medium_id, sha256)
        by = call.actor or 0
        now = self._clock.now()

        async def write(tx: Tx) -> None:
            await repository.ban(tx, hashes, reason[:500], by, now)

        await self._db.write(write)

    async def unban(self, call: Call, medium_id: int, sha256: str) -> None:
        """Take them again."""
        require(call, "content.hide")
        hashes = await self._hashes(medium_id, sha256)

        async def write(tx: Tx) -> None:
            await repository.unban(tx, hashes)

        await self._db.write(write)

    async def _hashes(self, medium_id: int, sha256: str) -> list[str]:
        if not medium_id:
            if not _HASH.fullmatch(sha256):
                raise Invalid(fields={"sha256": "This is not a SHA-256 in hex."})
            return [f"sha256:{sha256}"]
        medium = await repository.one(self._db, medium_id) if is_id(medium_id) else None
        if medium is None or not medium.sha256:
            raise NotFound
        look = [f"look:{medium.look}"] if telling(medium.look) else []
        return [f"sha256:{medium.sha256}", *look]

    async def _there(self, tx: Tx, medium_id: int) -> Medium:
        medium = await repository.one(tx, medium_id) if is_id(medium_id) else None
        if medium is None or medium.state == REMOVED:
            raise NotFound
        return medium
