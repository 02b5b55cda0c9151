"""The embedded version: facts in the service's own tables, and roll-ups that are kept up as facts come, so
that questions go through days and people rather than through facts."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from sqlalchemy import bindparam, delete, literal_column, select, update

from samovar.kernel.clock import DAY
from samovar.kernel.db import Id, Query
from samovar.kernel.facts import KEPT, Fact
from samovar.kernel.facts.asking import Asking
from samovar.kernel.facts.counting import Counting
from samovar.kernel.facts.tables import FactTables
from samovar.kernel.facts.waiting import Waiting, forgetting, forgetting_whole
from samovar.kernel.ids import first_id_at
from samovar.kernel.store import Db, Tx

#: Facts that one write drops.
DROPPED: Final = 1000


class RollUps(Asking):
    """Facts over one service's database. What waits is counted by `settle`."""

    def __init__(self, db: Db, tables: FactTables) -> None:
        super().__init__(db, tables)
        self._db = db
        self.waiting = Waiting(tables)
        self._counting = Counting(tables)
        fact, presence, member = tables.fact, tables.presence, tables.member
        response, item, own = tables.response, tables.item, tables.own
        stand_in, user = bindparam("stand_in", type_=Id()), bindparam("user_id", type_=Id())
        self._forget = [
            Query(forgetting(fact)),
            Query(update(presence).where(presence.c.actor_id == user).values(actor_id=stand_in)),
            Query(update(member).where(member.c.user_id == user).values(user_id=stand_in)),
        ]
        nobody = literal_column("0")
        self._forget_whole = [
            Query(forgetting_whole(fact)),
            Query(update(response).where(response.c.owner_id == user).values(owner_id=nobody)),
            Query(update(item).where(item.c.owner_id == user).values(owner_id=nobody)),
            Query(delete(own).where(own.c.owner_id == user)),
        ]
        # Ids grow with time, so the oldest come first without an index of their own.
        old = (fact.c.id < bindparam("before_id", type_=Id()), fact.c.day < bindparam("before"))
        goes = fact.c.name.not_in([literal_column(f"'{name}'") for name in KEPT])
        some = select(fact.c.id).where(*old, goes).order_by(fact.c.id).limit(bindparam("limit"))
        self._prune = Query(delete(fact).where(fact.c.id.in_(some), *old, goes))

    async def settle(self) -> int:
        """Count a piece of those that wait; answers how many that were, 0 when none waits."""

        async def work(tx: Tx) -> int:
            bound = await self.waiting.next_piece(tx)
            if bound is None:
                return 0
            await self._counting.count(tx, bound)
            return await self.waiting.done(tx, bound)

        return await self._db.write(work)

    async def take(self, facts: Sequence[Fact]) -> None:
        await self._db.write(partial(self.waiting.add, facts=facts))
        while await self.settle():
            pass

    async def forget(self, user_id: int, stand_in: int, *, whole: bool) -> None:
        await self._db.write(partial(self.forget_in, user_id=user_id, stand_in=stand_in, whole=whole))

    async def forget_in(self, tx: Tx, user_id: int, stand_in: int, *, whole: bool) -> None:
        """As `forget`, in a transaction that does more; those that wait, too."""
        await self.waiting.forget(tx, user_id, stand_in, whole=whole)
        for query in self._forget:
            await tx.run(query, user_id=user_id, stand_in=stand_in)
        for query in self._forget_whole if whole else ():
            await tx.run(query, user_id=user_id)

    async def prune(self, before: int) -> None:
        async def work(tx: Tx) -> int:
            before_id = first_id_at((before + 1) * DAY)
            return await tx.run(self._prune, before=before, before_id=before_id, limit=DROPPED)

        while await self._db.write(work):
            pass
