"""How facts come in: what events tell, what the edge saw; and how they get to where they are counted."""

import asyncio
from collections.abc import Sequence
from typing import Final

from samovar.kernel.clock import DAY, MINUTE
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.facts import PERSON, Fact, Facts
from samovar.kernel.facts.rollups import RollUps
from samovar.kernel.ids import MAX_ID
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.analytics import repository
from samovar.services.analytics.clients import Items
from samovar.services.analytics.domain import LATE, SEEN
from samovar.services.analytics.settings import AnalyticsSettings

PRUNE: Final = "prune"
#: The most that the edge tells at once.
MOST: Final = 500
#: Pieces that one round counts; then others have their turn.
ROUND: Final = 40


class Gathering:
    """The way of facts."""

    def __init__(self, kit: Kit, rollups: RollUps, outside: Facts | None, items: Items) -> None:
        settings: AnalyticsSettings = kit.settings
        self._db = kit.db
        self._clock = kit.clock
        self._keep = settings.keep_days
        self._rollups = rollups
        self._waiting = rollups.waiting
        self._outside = outside
        self._items = items
        #: What is under way to a store outside, and who is forgotten there, wait for each other.
        self._turn = asyncio.Lock()

    async def add(self, tx: Tx, facts: Sequence[Fact]) -> None:
        """Have facts counted soon. Nobody is named who does not wish to be, or is gone."""
        people = {fact.actor_id for fact in facts} | {fact.owner_id for fact in facts}
        unnamed = await repository.unnamed(tx, people - {0})
        if unnamed:
            facts = [_without(fact, unnamed) for fact in facts if not _empty(fact, unnamed)]
        await self._waiting.add(tx, facts)

    async def record(self, call: Call, seen: Sequence[Fact]) -> None:
        """What the edge saw people look at."""
        if not call.system:
            raise NotFound
        now = self._clock.now()
        if len(seen) > MOST:
            raise Invalid(fields={"seen": "Send at most 500 at once."})
        wanted = [fact for fact in seen if self._fits(fact, now)]
        owners = await self._owners({(fact.kind, fact.item_id) for fact in wanted if fact.name != "active"})
        facts = []
        for fact in wanted:
            owner = 0 if fact.name == "active" else owners.get((fact.kind, fact.item_id), 0)
            # Nobody's views are of one's own things, or of what is not there.
            if fact.name == "active" or owner not in (0, fact.actor_id):
                facts.append(fact._replace(owner_id=owner))

        async def work(tx: Tx) -> None:
            await self.add(tx, facts)

        if facts:
            await self._db.write(work)

    def _fits(self, fact: Fact, now: int) -> bool:
        if not 0 < fact.id <= MAX_ID or fact.name not in SEEN or fact.actor_id < 0:
            return False
        if not now - LATE <= fact.at <= now + MINUTE:
            return False
        if fact.name == "active":
            return fact.actor_id > 0 and not fact.kind and not fact.item_id
        return fact.item_id > 0 and (fact.kind == PERSON or fact.kind in self._items.kinds)

    async def _owners(self, items: set[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Whose these are: people are their own; of items it was told, or is asked."""
        found: dict[tuple[str, int], int] = {item: item[1] for item in items if item[0] == PERSON}
        asked = [item for item in items if item[0] != PERSON]
        known = await self._waiting.owners(self._db, asked) if asked else {}
        found.update({item: owner for item, owner in known.items() if owner})
        if missing := [item for item in asked if item not in known]:
            found.update(await self._items.owners(missing))
        return found

    async def step(self) -> int:
        """Count what waits; answers how much that was. One process does it at a time."""
        if not await self._db.engine.holds("count facts"):
            return 0
        if self._outside is not None:
            async with self._turn:
                return await self._forget_due() + await self._ship(self._outside)
        counted = await self._forget_due()
        for _ in range(ROUND):
            piece = await self._rollups.settle()
            counted += piece
            if not piece:
                break
        return counted

    async def _ship(self, outside: Facts) -> int:
        """Send what waits, then what was counted here before there was anything outside."""

        async def peek(tx: Tx) -> list[Fact]:
            bound = await self._waiting.next_piece(tx)
            return [] if bound is None else await self._waiting.until(tx, bound)

        if facts := await self._db.write(peek):
            await outside.take(facts)
            await self._db.write(lambda tx: self._waiting.drop(tx, [fact.id for fact in facts]))
        elif facts := await self._rollups.counted():
            await outside.take(facts)
            await self._rollups.drop([fact.id for fact in facts])
        return len(facts)

    async def forget_now(self) -> None:
        """Forget who is to be forgotten, unless another process has to do it."""
        if await self._db.engine.holds("count facts"):
            async with self._turn:
                await self._forget_due()

    async def _forget_due(self) -> int:
        due = await repository.to_forget(self._db, 100)
        for user_id, stand_in, whole in due:
            await self._rollups.forget(user_id, stand_in, whole=whole)
            if self._outside is not None:
                await self._outside.forget(user_id, stand_in, whole=whole)

            async def done(tx: Tx, user_id: int = user_id, whole: bool = whole) -> None:
                await repository.forgotten(tx, user_id, whole=whole)

            await self._db.write(done)
        return len(due)

    async def prune(self) -> None:
        """Drop single facts that are kept no longer."""
        before = self._clock.now() // DAY - self._keep
        await self._rollups.prune(before)
        if self._outside is not None:
            await self._outside.prune(before)


def _empty(fact: Fact, unnamed: dict[int, bool]) -> bool:
    """Whether nothing is left of a fact when its actor is nobody."""
    return fact.name == "active" and fact.actor_id in unnamed


def _without(fact: Fact, unnamed: dict[int, bool]) -> Fact:
    """A fact that names nobody who is not to be named."""
    if fact.actor_id in unnamed:
        fact = fact._replace(actor_id=0)
    if unnamed.get(fact.owner_id):
        fact = fact._replace(owner_id=0, item_id=0 if fact.kind == PERSON else fact.item_id)
    return fact
