"""Facts that came and are in no number yet: added by the transaction that heard of them, in order of ids."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import (
    Table,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.sql import ColumnElement

from samovar.kernel.db import Count, Id, Query, one_of
from samovar.kernel.facts import PERSON, Fact, day_of, month_of, week_of
from samovar.kernel.facts.tables import FactTables
from samovar.kernel.lists import rows_of
from samovar.kernel.store import Db, Tx
from samovar.kernel.upsert import insert_from, upsert_from

#: Facts that are taken from those waiting at once: a write is to end soon.
PIECE: Final = 500
#: Facts whose sender knows whose the item is, and those that tell something of it in any case.
_ALWAYS: Final = ("created", "removed")
_TELLING: Final = ("created", "reacted", "replied", "shared", "quoted", "removed")


class Waiting:
    """One service's waiting facts, and what they tell about whose things are."""

    def __init__(self, tables: FactTables) -> None:
        waiting, fact, item = tables.waiting, tables.fact, tables.item
        w = waiting.c
        names = [column.name for column in w]
        rows = rows_of("rows", **{column.name: column.type for column in w})
        known = select(fact.c.id).where(fact.c.id == rows.c.id, fact.c.name == rows.c.name)
        fresh = select(*rows.c).where(rows.c.id.is_not(None), not_(known.exists()))
        self._add = Query(insert_from(waiting, names, fresh))
        first = select(w.id).order_by(w.id, w.name).limit(bindparam("limit")).subquery()
        self._bound = Query(select(func.max(first.c.id)))
        upto = w.id <= bindparam("bound", type_=Id())
        there = select(item.c.item_id).where(item.c.kind == w.kind, item.c.item_id == w.item_id)
        gone = case((w.name == "removed", literal_column("1")), else_=literal_column("0"))
        self._learn = Query(
            upsert_from(
                item,
                ["kind", "item_id", "owner_id", "removed"],
                select(w.kind, w.item_id, func.max(w.owner_id), func.max(gone))
                .where(
                    upto,
                    w.item_id > 0,
                    one_of(w.name, "telling"),
                    # Most tell nothing new.
                    or_(one_of(w.name, "always"), not_(there.exists())),
                )
                .group_by(w.kind, w.item_id),
                {
                    "owner_id": lambda old, new: case((new > 0, new), else_=old),
                    "removed": lambda old, new: case((new > old, new), else_=old),
                },
            )
        )
        whose = select(item.c.owner_id).where(item.c.kind == w.kind, item.c.item_id == w.item_id)
        self._own = Query(
            update(waiting)
            .where(upto, w.owner_id == literal_column("0"), w.item_id > 0, w.kind != PERSON)
            .values(owner_id=func.coalesce(whose.scalar_subquery(), literal_column("0")))
        )
        self._some = Query(
            select(w.id, w.name, w.at, w.actor_id, w.kind, w.item_id, w.owner_id, w.detail)
            .where(upto)
            .order_by(w.id, w.name)
        )
        self._drop = Query(delete(waiting).where(one_of(w.id, "ids")))
        self._done = Query(delete(waiting).where(upto))
        asked = rows_of("asked", kind=w.kind.type, item_id=Id())
        self._owners = Query(
            select(item.c.kind, item.c.item_id, item.c.owner_id, item.c.removed).where(
                and_(item.c.kind == asked.c.kind, item.c.item_id == asked.c.item_id)
            )
        )
        self._forget = Query(forgetting(waiting))
        self._forget_whole = Query(forgetting_whole(waiting))

    async def add(self, tx: Tx, facts: Sequence[Fact]) -> None:
        """Have facts wait, but for those that did before."""
        if facts:
            rows = list({(fact.id, fact.name): _row(fact) for fact in facts}.values())
            await tx.all(self._add, rows=rows)

    async def next_piece(self, tx: Tx) -> int | None:
        """The last id of those that are due to be counted together; None when nothing waits. What they tell
        of items is known afterwards, and whose the items are is filled in."""
        bound: int | None = await tx.value(self._bound, limit=PIECE)
        if bound is not None:
            await tx.run(self._learn, bound=bound, telling=list(_TELLING), always=list(_ALWAYS))
            await tx.run(self._own, bound=bound)
        return bound

    async def until(self, tx: Tx, bound: int) -> list[Fact]:
        """Those that wait up to an id."""
        return [Fact._make(row) for row in await tx.all(self._some, bound=bound)]

    async def done(self, tx: Tx, bound: int) -> int:
        """Those up to an id wait no more; answers how many that were."""
        return await tx.run(self._done, bound=bound)

    async def drop(self, tx: Tx, ids: Sequence[int]) -> None:
        """Those with these ids wait no more."""
        await tx.run(self._drop, ids=list(ids))

    async def owners(self, db: Db, items: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int | None]:
        """Whose items are, of those that are known; None for those that are gone."""
        found = await db.all(self._owners, asked=[list(item) for item in items])
        return {(row[0], row[1]): None if row[3] else row[2] for row in found}

    async def forget(self, tx: Tx, user_id: int, stand_in: int, *, whole: bool) -> None:
        """As `Facts.forget`, for those that wait."""
        await tx.run(self._forget, user_id=user_id, stand_in=stand_in)
        if whole:
            await tx.run(self._forget_whole, user_id=user_id)


def forgetting(table: Table, *only: ColumnElement[bool]) -> Update:
    """Put `stand_in` in the place of `user_id` where they did something."""
    return (
        update(table)
        .where(table.c.actor_id == bindparam("user_id"), table.c.actor_id > literal_column("0"), *only)
        .values(actor_id=bindparam("stand_in", type_=Id()))
    )


def forgetting_whole(table: Table, *only: ColumnElement[bool]) -> Update:
    """Leave nothing `user_id`'s, and nothing about them."""
    return (
        update(table)
        .where(table.c.owner_id == bindparam("user_id"), table.c.owner_id > literal_column("0"), *only)
        .values(
            owner_id=literal_column("0", Count()),
            item_id=case((table.c.kind == PERSON, literal_column("0")), else_=table.c.item_id),
        )
    )


def _row(fact: Fact) -> list[int | str]:
    day = day_of(fact.at)
    return [
        fact.id, fact.name, fact.at, day, week_of(day), month_of(day), fact.actor_id, fact.kind, fact.item_id,
        fact.owner_id, fact.detail,
    ]  # fmt: skip
