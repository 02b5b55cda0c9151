"""Making the index anew beside the live one, from the owners' own data. Where it is stands in a row, so that
it goes on after a stop; searches read the live one until the new one takes its place."""

from typing import NamedTuple

from samovar.kernel.authz import require
from samovar.kernel.context import Call
from samovar.kernel.fulltext import Entry
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.search import repository
from samovar.services.search.clients import Kinds
from samovar.services.search.domain.values import Build
from samovar.services.search.settings import SearchSettings


class Standing(NamedTuple):
    """How the index stands, for operators."""

    documents: int
    bytes: int
    #: Changes to be taken in, and the age of the oldest in microseconds.
    waiting: int
    oldest: int
    rebuilding: bool
    done: int
    total: int
    rebuilt_at: int


class Building:
    """Fills generations."""

    def __init__(self, kit: Kit, kinds: Kinds) -> None:
        settings: SearchSettings = kit.settings
        self._kit = kit
        self._kinds = kinds
        self._batch = settings.batch
        self._checkpoint = settings.checkpoint
        #: The generation that surely holds nothing behind the checkpoint: this process made it.
        self._sure = ""

    async def ask(self, call: Call) -> Standing:
        """Have the index made anew; one that is being made is gone on with."""
        require(call, "system.run")
        await self._begin(await repository.state(self._kit.db))
        return await self._standing()

    async def standing(self, call: Call) -> Standing:
        """How the index stands."""
        require(call, "system.see")
        return await self._standing()

    async def _standing(self) -> Standing:
        state = await repository.state(self._kit.db)
        waiting, since = await repository.backlog(self._kit.db)
        size = await self._kit.fulltext.size()
        oldest = self._kit.clock.now() - since if since else 0
        return Standing(
            size.documents, size.bytes, waiting, oldest, bool(state.name), state.done, state.total,
            state.rebuilt_at,
        )  # fmt: skip

    async def begin_when_needed(self) -> None:
        """Begin when there is no index, or not the one that belongs to these tables (after a restore)."""
        state = await repository.state(self._kit.db)
        live = await self._kit.fulltext.live()
        if state.name and state.name == live:
            # It took its place, and then the process stopped before it could say so.
            await self._finish(state)
        elif not state.name and (not live or state.live != live):
            await self._begin(state._replace(live=""))

    async def _begin(self, state: Build) -> None:
        name = str(self._kit.ids())

        async def work(tx: Tx) -> bool:
            current = await repository.state(tx)
            if current.name:
                return False
            first = self._kinds.all()[0]
            await repository.keep_state(
                tx, current._replace(live=state.live, name=name, kind=first, after=0, done=0, total=0)
            )
            return True

        if await self._kit.db.write(work):
            self._sure = name

    def passed(self, state: Build, kind: str, item_id: int) -> bool:
        """Whether the generation that is being filled has come past a document."""
        kinds = self._kinds.all()
        if kind not in kinds:
            return True
        here, there = kinds.index(state.kind), kinds.index(kind)
        return there < here or (there == here and item_id <= state.after)

    async def step(self) -> Build | None:
        """Fill some more, up to the next checkpoint; answers where that is, None when there was nothing to
        fill."""
        state = await repository.state(self._kit.db)
        if not state.name:
            return None
        kinds = self._kinds.all()
        if state.kind not in kinds:
            # A kind is no longer here: from the beginning.
            state = state._replace(kind=kinds[0], after=0, done=0, total=0)
        await self._kit.fulltext.begin(state.name)
        entries, at = await self._collect(state)
        # Until this checkpoint is written down, what follows it may be there already.
        fresh, self._sure = self._sure == state.name, ""
        await self._kit.fulltext.write(state.name, entries, fresh=fresh)
        if not at.kind:
            await self._kit.fulltext.switch(state.name)
            await self._finish(at)
        else:
            await self._keep(at)
            self._sure = state.name
        return at

    async def _collect(self, state: Build) -> tuple[list[Entry], Build]:
        """Documents up to the next checkpoint, and where that is; its kind is empty at the end."""
        kinds, entries = self._kinds.all(), list[Entry]()
        while len(entries) < self._checkpoint:
            batch = await self._kinds.entries_after(state.kind, state.after, self._batch)
            entries += batch.entries
            state = state._replace(done=state.done + len(batch.entries), total=state.total + batch.total)
            if batch.last:
                state = state._replace(after=batch.last)
                continue
            following = kinds[kinds.index(state.kind) + 1 :]
            state = state._replace(kind=following[0] if following else "", after=0)
            if not following:
                break
        return entries, state

    async def _finish(self, state: Build) -> None:
        await self._keep(
            Build(live=state.name, done=state.done, total=state.done, rebuilt_at=self._kit.clock.now())
        )

    async def _keep(self, state: Build) -> None:
        async def work(tx: Tx) -> None:
            await repository.keep_state(tx, state)

        await self._kit.db.write(work)
