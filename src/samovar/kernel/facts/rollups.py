"""The embedded version: facts in the service's own tables, and roll-ups that are kept up as facts come, so
that questions go through days and people rather than through facts."""

from collections.abc import Sequence
from functools import cache, partial

from sqlalchemy import Table, bindparam, delete, literal_column, or_, select, tuple_, update
from sqlalchemy.sql import ColumnElement

from samovar.kernel.clock import DAY
from samovar.kernel.db import Count, Id, Query, one_of, values_of
from samovar.kernel.facts import KEPT, Fact
from samovar.kernel.facts.asking import Asking
from samovar.kernel.facts.counting import Counting
from samovar.kernel.facts.tables import FactTables
from samovar.kernel.facts.waiting import Waiting, forgetting, forgetting_whole
from samovar.kernel.ids import first_id_at
from samovar.kernel.store import Db, Tx

#: Rows that one write of a long change takes, and that one search for them finds.
PIECE, FOUND = 500, 20_000


class _Statements:
    """Every change of a service's facts that is not counting."""

    def __init__(self, tables: FactTables) -> None:
        fact, presence, member = tables.fact, tables.presence, tables.member
        response, item, own = tables.response, tables.item, tables.own
        stand_in, user = bindparam("stand_in", type_=Id()), bindparam("user_id", type_=Id())
        limit, nobody = bindparam("limit", type_=Count()), literal_column("0", Count())

        def some_of(own: Table) -> ColumnElement[bool]:
            key = tuple_(*own.primary_key.columns)
            return key.in_(select(*own.primary_key.columns).where(own.c.owner_id == user).limit(limit))

        # Facts have no index of people: it would cost each of them more than forgetting somebody ever does.
        self.naming = Query(
            select(fact.c.id)
            .where(
                fact.c.id > bindparam("after", type_=Id()),
                or_(fact.c.actor_id == user, fact.c.owner_id == user),
            )
            .order_by(fact.c.id)
            .limit(limit)
        )
        self.facts = Query(forgetting(fact, one_of(fact.c.id, "ids")))
        self.facts_whole = Query(forgetting_whole(fact, one_of(fact.c.id, "ids")))
        #: Each is run until it changes nothing more.
        self.forget = [
            Query(update(presence).where(presence.c.actor_id == user).values(actor_id=stand_in)),
            Query(update(member).where(member.c.user_id == user).values(user_id=stand_in)),
        ]
        self.forget_whole = [
            Query(
                update(response).where(response.c.owner_id == user, some_of(response)).values(owner_id=nobody)
            ),
            Query(update(item).where(item.c.owner_id == user, some_of(item)).values(owner_id=nobody)),
            Query(delete(own).where(own.c.owner_id == user, some_of(own))),
        ]
        self.moved = Query(
            select(fact.c.id, fact.c.name, fact.c.at, fact.c.actor_id, fact.c.kind, fact.c.item_id,
                   fact.c.owner_id, fact.c.detail)
            .where(fact.c.id.in_(select(fact.c.id).order_by(fact.c.id).limit(limit)))
        )  # fmt: skip
        self.drop = Query(delete(fact).where(one_of(fact.c.id, "ids")))
        # Ids grow with time, so the oldest come first without an index of their own.
        old = (fact.c.id < bindparam("before_id", type_=Id()), fact.c.day < bindparam("before"))
        goes = fact.c.name.not_in([literal_column(f"'{name}'") for name in KEPT])
        oldest = select(fact.c.id).where(*old, goes).order_by(fact.c.id).limit(limit)
        self.prune = Query(delete(fact).where(fact.c.id.in_(oldest), *old, goes))


#: Made once, however many houses the service lives in.
_statements, _counting, _waiting = cache(_Statements), cache(Counting), cache(Waiting)


class RollUps(Asking):
    """Facts over one service's database. What waits is counted by `settle`."""

    def __init__(self, db: Db, tables: FactTables) -> None:
        super().__init__(db, tables)
        self.waiting = _waiting(tables)
        self._counting = _counting(tables)
        self._changes = _statements(tables)

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
        await self._db.write(partial(self.waiting.forget, user_id=user_id, stand_in=stand_in, whole=whole))
        after = 0
        while ids := values_of(
            await self._db.scan(self._changes.naming, user_id=user_id, after=after, limit=FOUND)
        ):
            after = ids[-1]
            for start in range(0, len(ids), PIECE):
                piece = ids[start : start + PIECE]
                await self._db.write(partial(self._forget_facts, piece, user_id, stand_in, whole))
        for query in [*self._changes.forget, *(self._changes.forget_whole if whole else ())]:
            while await self._db.write(partial(self._forget_some, query, user_id, stand_in)):
                pass

    async def _forget_facts(
        self, ids: Sequence[int], user_id: int, stand_in: int, whole: bool, tx: Tx
    ) -> None:
        await tx.run(self._changes.facts, user_id=user_id, stand_in=stand_in, ids=ids)
        if whole:
            await tx.run(self._changes.facts_whole, user_id=user_id, ids=ids)

    async def _forget_some(self, query: Query, user_id: int, stand_in: int, tx: Tx) -> int:
        return await tx.run(query, user_id=user_id, stand_in=stand_in, limit=PIECE)

    async def counted(self) -> list[Fact]:
        """Some of the facts that are kept beside the numbers, oldest first: for a store to take over."""
        return [Fact._make(row) for row in await self._db.all(self._changes.moved, limit=PIECE)]

    async def drop(self, ids: Sequence[int]) -> None:
        """Keep these facts no more; the numbers stay."""

        async def work(tx: Tx) -> None:
            await tx.run(self._changes.drop, ids=list(ids))

        await self._db.write(work)

    async def prune(self, before: int) -> None:
        async def work(tx: Tx) -> int:
            before_id = first_id_at((before + 1) * DAY)
            return await tx.run(self._changes.prune, before=before, before_id=before_id, limit=PIECE)

        while await self._db.write(work):
            pass
