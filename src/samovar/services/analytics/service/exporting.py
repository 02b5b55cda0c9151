"""Figures as files: written by a job day by day, kept for a while."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Final

import structlog

from samovar.contracts.analytics import ExportsUnderWay
from samovar.kernel.authz import require, signed_in
from samovar.kernel.clock import HOUR
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.facts import WEIGHTS, Facts, date_of
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.analytics import repository
from samovar.services.analytics.domain import AT_ONCE, EXPORTS, OWN, Export, line, period
from samovar.services.analytics.service.figures import SEE
from samovar.services.analytics.settings import AnalyticsSettings

log = structlog.get_logger(__name__)

WRITE: Final = "write_export"
EXPIRE: Final = "expire_exports"
#: Lines that are asked for at once.
PAGE: Final = 5000
#: Exports that are listed.
LISTED: Final = 20
HEADS: Final = {
    "days": ("day", "event", "kind", "number"),
    "content": ("day", "kind", "id", "owner_id", *WEIGHTS, "score"),
    "people": ("day", "user_id", "days", "acts"),
    "mine": ("day", *OWN),
}


class TooLong(Exception):
    """More lines than an export may have."""


class Exporting:
    """Exports of one person at a time."""

    def __init__(self, kit: Kit, facts: Facts) -> None:
        settings: AnalyticsSettings = kit.settings
        self._db = kit.db
        self._clock = kit.clock
        self._ids = kit.ids
        self._blobs = kit.blobs
        self._facts = facts
        self._hours = settings.export_hours
        self._most = settings.export_lines

    async def begin(self, call: Call, what: str, days: int) -> Export:
        """Have figures written into a file."""
        user_id = signed_in(call)
        if what not in EXPORTS:
            raise Invalid(fields={"what": "Choose days, content, people or mine."})
        if not EXPORTS[what]:
            require(call, SEE)
        now = self._clock.now()
        when = period(days, now)

        async def work(tx: Tx) -> Export:
            if await repository.under_way(tx, user_id) >= AT_ONCE:
                raise ExportsUnderWay
            export = Export(
                self._ids(), user_id, what, when.first, when.last, "waiting", 0, 0, 0, now,
                now + self._hours * HOUR,
            )  # fmt: skip
            await repository.add_export(tx, export)
            await tx.schedule(WRITE, str(export.id), now)
            return export

        return await self._db.write(work)

    async def mine(self, call: Call) -> list[Export]:
        """The caller's exports, newest first."""
        now = self._clock.now()
        found = await repository.exports(self._db, signed_in(call), LISTED)
        return [export for export in found if export.expires_at > now]

    async def one(self, call: Call, id: int) -> Export:
        """One of the caller's. Raises NotFound."""
        user_id = signed_in(call)
        found = await repository.export(self._db, id)
        if found is None or found.user_id != user_id or found.expires_at <= self._clock.now():
            raise NotFound
        return found

    async def write(self, id: int) -> None:
        """Write an export; begun anew when it was broken off."""
        export = await repository.export(self._db, id)
        if export is None or export.state not in ("waiting", "writing"):
            return
        writing = _Writing(export)
        try:
            await self._blobs.put(export.key, self._lines(writing), content_type="text/csv")
        except TooLong:
            await self._note(writing, "failed")
            return
        if not await self._note(writing, "ready"):  # its owner left meanwhile
            await self._blobs.delete([export.key])

    async def _lines(self, writing: "_Writing") -> AsyncIterator[bytes]:
        export = writing.export
        yield writing.text([HEADS[export.what]])
        for day in range(export.first, export.last + 1):
            after = 0
            while rows := await self._rows(export, day, after):
                after += len(rows)
                writing.rows += len(rows)
                if writing.rows > self._most:
                    raise TooLong
                yield writing.text([(date_of(day).isoformat(), *row) for row in rows])
                if len(rows) < PAGE:
                    break
            writing.done += 1
            if writing.done % writing.often == 0:
                await self._note(writing, "writing")

    async def _rows(self, export: Export, day: int, after: int) -> Sequence[Sequence[int | str]]:
        if export.what == "mine":
            numbers = await self._facts.own(export.user_id, day, day)
            return [[numbers.get(name, {}).get(day, 0) for name in OWN]]
        return await self._facts.rows(export.what, day, after, PAGE)

    async def _note(self, writing: "_Writing", state: str) -> bool:
        async def work(tx: Tx) -> bool:
            return await repository.written(
                tx, writing.export.id, state, writing.done, writing.rows, writing.bytes
            )

        return await self._db.write(work)

    async def expire(self) -> None:
        """Erase exports whose time is over."""
        while gone := await repository.expired(self._db, self._clock.now(), 100):
            await self._blobs.delete([export.key for export in gone])
            await self._db.write(partial(repository.drop_exports, ids=[export.id for export in gone]))


class _Writing:
    """How far an export is."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.done = self.rows = self.bytes = 0
        #: Days after which it is noted how far it is: some twenty times in all.
        self.often = max(1, (export.last - export.first + 1) // 20)

    def text(self, rows: Sequence[Sequence[int | str]]) -> bytes:
        """Lines as bytes, which are counted."""
        text = "".join(map(line, rows)).encode()
        self.bytes += len(text)
        return text
