"""Use cases of logs."""

from collections.abc import Sequence
from typing import Final

from samovar.kernel.authz import require
from samovar.kernel.clock import DAY
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.log_queue import quietly
from samovar.kernel.store import Tx
from samovar.services.logs import repository
from samovar.services.logs.domain import MOST, Entry, Wanted
from samovar.services.logs.settings import LogsSettings

TOP: Final = (1 << 63) - 1


class LogsService:
    """Keeps what comes, within bounds, and finds it again."""

    def __init__(self, kit: Kit) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self._settings: LogsSettings = kit.settings
        self._since_trim = 0

    async def append(self, call: Call, entries: Sequence[Entry]) -> None:
        """Keep entries. What is logged on the way is not collected: it would come here again for ever."""
        if not call.system:
            raise NotFound
        if len(entries) > MOST:
            raise Invalid(fields={"entries": "Bring at most 500 at once."})
        with quietly():
            await self._db.write(lambda tx: repository.add(tx, entries))
            self._since_trim += len(entries)
            if self._since_trim > max(MOST, self._settings.entries // 10):
                await self.trim()

    async def find(self, call: Call, wanted: Wanted, before: int, limit: int) -> list[Entry]:
        """Entries that fit, newest first."""
        require(call, "system.see")
        return await repository.find(self._db, wanted, before or TOP, limit)

    async def trim(self) -> None:
        """Forget what is too much or too old."""
        self._since_trim = 0
        before = self._clock.now() - self._settings.days * DAY

        async def work(tx: Tx) -> int:
            return await repository.trim(tx, self._settings.entries, before)

        await self._db.write(work)
