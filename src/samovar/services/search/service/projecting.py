"""From owners to the index: what changed is fetched as it is now, written, and forgotten once durable."""

from collections.abc import Callable, Sequence

from samovar.kernel import telemetry
from samovar.kernel.clock import SECOND
from samovar.kernel.context import calling, system_call
from samovar.kernel.fulltext import Entry, Key
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.search import repository
from samovar.services.search.clients import Kinds
from samovar.services.search.domain.values import Dirty
from samovar.services.search.service.building import Building
from samovar.services.search.settings import SearchSettings


class Projector:
    """The one writer of the index. A loop of the service: one process does it at a time."""

    def __init__(self, kit: Kit, kinds: Kinds, building: Building) -> None:
        settings: SearchSettings = kit.settings
        self._kit = kit
        self._kinds = kinds
        self._building = building
        self._batch = settings.batch
        #: Told of a rebuild as it goes: how much is done, and of how much.
        self.told: Callable[[int, int], None] = lambda done, total: None

    async def step(self) -> int:
        """Take in all that changed, and go on with making the index anew; answers how much it was."""
        if not await self._kit.db.engine.holds(f"{self._kit.service} projector"):
            return 0
        with calling(system_call(self._kit.service)):
            await self._building.begin_when_needed()
            done = await self._take_all()
            while (state := await self._building.step()) is not None:
                self.told(state.done, state.total)
                done += 1 + await self._take_all()
            if not done:
                await self._kit.fulltext.rest()
            await self._measure()
        return done

    async def _take_all(self) -> int:
        done = 0
        while taken := await self._take_some():
            done += taken
        return done

    async def _take_some(self) -> int:
        changed = await repository.dirty(self._kit.db, self._batch)
        if not changed:
            return 0
        entries, gone = await self._as_they_are(changed)
        state = await repository.state(self._kit.db)
        if state.live:
            await self._kit.fulltext.write(state.live, entries, gone)
        if state.name:
            # What the builder has yet to come to, it reads itself.
            passed = [entry for entry in entries if self._building.passed(state, entry.kind, entry.id)]
            left = [key for key in gone if self._building.passed(state, key.kind, key.id)]
            if passed or left:
                await self._kit.fulltext.write(state.name, passed, left)

        async def work(tx: Tx) -> None:
            await repository.clean(tx, changed)

        await self._kit.db.write(work)
        return len(changed)

    async def _as_they_are(self, changed: Sequence[Dirty]) -> tuple[list[Entry], list[Key]]:
        """Documents as their owners have them now, and which of them there are no more."""
        entries = await self._kinds.entries([(one.kind, one.item_id) for one in changed])
        there = {(entry.kind, entry.id) for entry in entries}
        return entries, [
            Key(one.kind, one.item_id) for one in changed if (one.kind, one.item_id) not in there
        ]

    async def _measure(self) -> None:
        waiting, since = await repository.backlog(self._kit.db)
        telemetry.search_waiting.set(waiting)
        telemetry.search_age.set((self._kit.clock.now() - since) / SECOND if since else 0)
        size = await self._kit.fulltext.size()
        telemetry.search_documents.set(size.documents)
        telemetry.search_bytes.set(size.bytes)
