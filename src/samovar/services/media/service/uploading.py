"""Taking files: room, a look at what came, its forms."""

import asyncio
import tempfile
from pathlib import Path

import structlog

from samovar.contracts.media import Banned, MediaUploaded, QuotaFull, Ticket, TooBig, TooHard
from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import AppError, Internal, Invalid, KeyReused, NotFound, Unavailable
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.media import repository
from samovar.services.media.domain import (
    FILES,
    PROCESSING,
    PURPOSES,
    READY,
    UPLOADING,
    Form,
    Medium,
    alt_text,
    distance,
    is_id,
    key_of,
    telling,
)
from samovar.services.media.service.common import MAKE, REFUSALS, fetch, limits_of, pieces
from samovar.services.media.settings import Settings
from samovar.services.media.workshop.pool import Broken, Pool

log = structlog.get_logger(__name__)


class Uploading:
    """From a ticket to a file with its forms."""

    def __init__(self, kit: Kit, pool: Pool) -> None:
        self._settings: Settings = kit.settings
        self._db = kit.db
        self._clock = kit.clock
        self._ids = kit.ids
        self._once = kit.once
        self._limiter = kit.limiter
        self._blobs = kit.blobs
        self._pool = pool

    async def begin(self, call: Call, announced: int, alt: str, purpose: str) -> Ticket:
        """Room for a file of so many bytes. Raises QuotaFull, TooBig, RateLimited, Invalid."""
        owner = signed_in(call)
        settings = self._settings
        most = settings.picture_bytes if purpose else max(settings.picture_bytes, settings.film_bytes)
        description = alt_text(alt)
        if description is None:
            raise Invalid(fields={"alt": "This is too long."})
        if purpose not in PURPOSES:
            raise Invalid(fields={"purpose": "Choose avatar, header or nothing."})
        if announced > most:
            raise TooBig
        await self._limiter.demand("upload", call)
        medium = Medium(
            id=0, owner_id=owner, kind="", state=UPLOADING, review="pending", purpose=purpose, type="",
            alt=description, width=0, height=0, milliseconds=0, placeholder="", colour="", variants=(),
            focus_x=0, focus_y=0, item_kind="", item_id=0, claim="", claimed_at=0, sha256="", look="",
            bytes=max(0, announced), created_at=self._clock.now(), version=1,
        )  # fmt: skip

        async def write(tx: Tx) -> Ticket:
            async def effect() -> Ticket:
                files, used = await repository.usage(tx, owner)
                if files >= self._settings.files_per_person:
                    raise QuotaFull
                self._check_bytes(used + medium.bytes)
                for _ in range(3):
                    placed = medium._replace(id=self._ids())
                    if await repository.add(tx, placed):
                        return Ticket(id=placed.id, key=key_of(placed.id, "original"), most=most)
                raise Internal

            return await self._once(tx, call, "media.begin", (description, purpose), Ticket, effect)

        ticket = await self._db.write(write)
        if call.idempotency_key:
            known = await repository.one(self._db, ticket.id)
            if known is None:
                raise NotFound
            if known.state != UPLOADING:
                return Ticket(id=ticket.id, key=ticket.key, most=most, done=True)
        return ticket

    def _check_bytes(self, used: int) -> None:
        if used > self._settings.bytes_per_person:
            raise QuotaFull

    async def finish(self, call: Call, medium_id: int, sha256: str) -> Medium:
        """Look at what came. What is refused leaves nothing behind. Asked again, it answers what is there."""
        medium = await self._own(call, medium_id)
        if medium.state != UPLOADING:
            if sha256 and sha256 != medium.sha256:
                raise KeyReused
            return medium
        try:
            return await self._look(call, medium)
        except Unavailable:
            raise
        except AppError:
            await self._forget(medium)
            raise

    async def abandon(self, call: Call, medium_id: int) -> None:
        """Forget a file that did not come whole."""
        medium = await repository.one(self._db, medium_id) if is_id(medium_id) else None
        if medium is not None and medium.owner_id == call.actor and medium.state == UPLOADING:
            await self._forget(medium)

    async def _own(self, call: Call, medium_id: int) -> Medium:
        owner = signed_in(call)
        found = await repository.by_ids(self._db, (medium_id,)) if is_id(medium_id) else {}
        if medium_id not in found or found[medium_id].owner_id != owner:
            raise NotFound
        return found[medium_id]

    async def _forget(self, medium: Medium) -> None:
        async def write(tx: Tx) -> None:
            await repository.remove(tx, medium.id)

        await self._blobs.delete([key_of(medium.id, file) for file in FILES])
        await self._db.write(write)

    async def _look(self, call: Call, medium: Medium) -> Medium:
        with tempfile.TemporaryDirectory(prefix="samovar-media-") as place:
            folder = Path(place)
            source = folder / "source"
            digest = await fetch(self._blobs, key_of(medium.id, "original"), source)
            size = source.stat().st_size
            task = {
                "task": "look", "path": str(source), "out": place, "purpose": medium.purpose,
                "seconds": self._settings.open_seconds, **limits_of(self._settings),
            }  # fmt: skip
            try:
                answer = await self._pool.run(task, self._settings.open_seconds)
            except Broken as error:
                log.info("a file broke the worker", medium=medium.id, why=str(error))
                raise TooHard from error
            if "refused" in answer:
                raise REFUSALS[answer["refused"]]
            about = answer["done"]
            await self._check_bans(digest, about["look"])
            forms = [Form(**form) for form in about["variants"]]
            puts = [
                self._blobs.put(
                    key_of(medium.id, form.file), pieces(folder / form.file), content_type=form.type
                )
                for form in forms
            ]
            if about["keep"] < size:
                original = key_of(medium.id, "original")
                puts.append(
                    self._blobs.put(original, pieces(source, about["keep"]), content_type=about["type"])
                )
            await asyncio.gather(*puts)
        forms.append(
            Form("original", "original", about["type"], about["width"], about["height"], about["keep"])
        )
        made = medium._replace(
            kind=about["kind"], type=about["type"], width=about["width"], height=about["height"],
            milliseconds=about.get("milliseconds", 0), placeholder=about["placeholder"],
            colour=about["colour"], look=about["look"], variants=forms, sha256=digest,
            bytes=sum(form.bytes for form in forms),
            review="pending" if self._settings.review_first else "approved",
            state=READY if about["kind"] == "image" else PROCESSING,
        )  # fmt: skip
        return await self._db.write(lambda tx: self._store(tx, made))

    async def _store(self, tx: Tx, made: Medium) -> Medium:
        now = await repository.one(tx, made.id)
        if now is None:
            raise NotFound
        if now.state != UPLOADING:
            return now
        _, used = await repository.usage(tx, made.owner_id)
        self._check_bytes(used - now.bytes + made.bytes)
        saved = await repository.save(tx, made)
        if made.state == PROCESSING:
            await tx.schedule(MAKE, str(made.id), self._clock.now())
        else:
            await tx.publish(uploaded(saved))
        return saved

    async def _check_bans(self, digest: str, look: str) -> None:
        bans = await repository.bans(self._db, digest)
        for ban in bans:
            kind, _, value = ban.partition(":")
            if kind == "sha256" or (telling(look) and distance(value, look) <= self._settings.ban_distance):
                raise Banned


def uploaded(medium: Medium) -> MediaUploaded:
    """Tells others that a file is there."""
    return MediaUploaded(
        media_id=medium.id, owner_id=medium.owner_id, kind=medium.kind, review=medium.review,
        created_at=medium.created_at,
    )  # fmt: skip
