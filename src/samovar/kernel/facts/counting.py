"""How waiting facts become numbers: a few statements over all of a piece at once, in one transaction."""

from typing import Any, Final

from sqlalchemy import Column, Table, and_, bindparam, case, delete, func, literal_column, not_, select
from sqlalchemy.sql import ColumnElement, Select

from samovar.kernel.db import Count, Id, Query, Text
from samovar.kernel.facts import ACTS, DAYS, MEASURES, MONTHS, OWN, PERSON, WEEKS
from samovar.kernel.facts.tables import FactTables
from samovar.kernel.store import Tx
from samovar.kernel.upsert import insert_from, upsert_from

_MEASURES: Final = tuple(dict.fromkeys(measure for measure, _ in MEASURES.values()))


def number(value: int) -> ColumnElement[int]:
    """A number as it stands in a statement: PostgreSQL would take a parameter for a text."""
    return literal_column(str(value), Count())


def _word(value: str) -> ColumnElement[str]:
    return literal_column(f"'{value}'", Text())


def _among(column: Column[Any], names: tuple[str, ...]) -> ColumnElement[bool]:
    return column.in_([_word(name) for name in names])


def _added(old: Any, new: Any) -> Any:
    return old + new


def _least(old: Any, new: Any) -> Any:
    return case((old.is_(None), new), (new < old, new), else_=old)


def _most(old: Any, new: Any) -> Any:
    return case((new > old, new), else_=old)


class Counting:
    """The statements, in their order."""

    def __init__(self, tables: FactTables) -> None:
        waiting = tables.waiting
        w = waiting.c
        #: Those of the piece.
        self._piece = w.id <= bindparam("bound", type_=Id())
        #: Those of somebody.
        self._here = and_(self._piece, w.actor_id != number(0))
        made: list[Any] = [self._days(tables)]
        # How many are new has to be asked before they are written down.
        for span, start in ((DAYS, w.day), (WEEKS, w.week), (MONTHS, w.month)):
            made.append(self._people(tables, span, start))
        for span, start in ((MONTHS, w.month), (WEEKS, w.week), (DAYS, w.day)):
            made.append(self._presence(tables, span, start))
        made.append(self._members(tables))
        for span, start in ((DAYS, w.day), (MONTHS, w.month)):
            made.append(self._responses(tables, span, start))
        made += [
            self._own(tables),
            insert_from(tables.fact, [column.name for column in w], select(*w).where(self._piece)),
        ]
        self._statements = [Query(statement) for statement in made]
        response = tables.response.c
        gone = select(w.kind).where(
            self._piece, w.name == _word("removed"), w.item_id == response.item_id, w.kind == response.kind
        )
        removed = select(w.item_id).where(self._piece, w.name == _word("removed"))
        self._drop = Query(delete(tables.response).where(response.item_id.in_(removed), gone.exists()))

    async def count(self, tx: Tx, bound: int) -> None:
        """Count all that wait up to an id."""
        for query in self._statements:
            await tx.run(query, bound=bound)
        await tx.run(self._drop, bound=bound)

    def _days(self, tables: FactTables) -> Any:
        w = tables.waiting.c
        found = select(w.name, w.day, w.kind, func.count()).where(self._piece).group_by(w.name, w.day, w.kind)
        return upsert_from(tables.day, ["name", "day", "kind", "number"], found, {"number": _added})

    def _absent(self, presence: Table, span: int, start: Any, actor: Any) -> ColumnElement[bool]:
        """Nobody noted that somebody was there in a span."""
        p = presence.c
        there = select(p.actor_id).where(p.span == number(span), p.start == start, p.actor_id == actor)
        return not_(there.exists())

    def _people(self, tables: FactTables, span: int, start: Column[Any]) -> Any:
        w = tables.waiting.c
        new = self._absent(tables.presence, span, start, w.actor_id)
        found = (
            select(number(span), start, func.count(w.actor_id.distinct()))
            .where(self._here, new)
            .group_by(start)
        )
        return upsert_from(tables.people, ["span", "start", "people"], found, {"people": _added})

    def _presence(self, tables: FactTables, span: int, start: Column[Any]) -> Any:
        """Acts, and days on which somebody was there that are not noted yet: those come last."""
        w = tables.waiting.c
        acts = func.sum(case((_among(w.name, ACTS), number(1)), else_=number(0)))
        columns = ["span", "start", "actor_id", "acts", "days"]
        found: Select[Any]
        if span == DAYS:
            found = (
                select(number(span), w.day, w.actor_id, acts, number(1))
                .where(self._here)
                .group_by(w.day, w.actor_id)
            )
            return upsert_from(tables.presence, columns, found, {"acts": _added})
        each = (
            select(start.label("start"), w.day, w.actor_id, acts.label("acts"))
            .where(self._here)
            .group_by(start, w.day, w.actor_id)
            .subquery()
        ).c
        new = case((self._absent(tables.presence, DAYS, each.day, each.actor_id), number(1)), else_=number(0))
        found = (
            select(number(span), each.start, each.actor_id, func.sum(each.acts), func.sum(new))
            .where(each.actor_id != number(0))
            .group_by(each.start, each.actor_id)
        )
        return upsert_from(tables.presence, columns, found, {"acts": _added, "days": _added})

    def _members(self, tables: FactTables) -> Any:
        w = tables.waiting.c

        def first(name: str, column: Column[Any]) -> Any:
            return func.min(case((w.name == _word(name), column)))

        found = (
            select(
                w.actor_id, first("registered", w.day), first("registered", w.week), first("followed", w.at),
                first("created", w.at), func.max(w.day),
            )
            .where(self._here)
            .group_by(w.actor_id)
        )  # fmt: skip
        firsts = ["registered_day", "registered_week", "followed_at", "posted_at"]
        return upsert_from(
            tables.member,
            ["user_id", *firsts, "last_day"],
            found,
            {**dict.fromkeys(firsts, _least), "last_day": _most},
        )

    def _responses(self, tables: FactTables, span: int, start: Column[Any]) -> Any:
        w, item = tables.waiting.c, tables.item.c
        gone = select(item.item_id).where(
            item.kind == w.kind, item.item_id == w.item_id, item.removed == number(1)
        )
        sums = []
        for measure in _MEASURES:
            cases = [
                (w.name == _word(name), number(sign))
                for name, (of, sign) in MEASURES.items()
                if of == measure
            ]
            sums.append(func.sum(case(*cases, else_=number(0))))
        found = (
            select(number(span), start, w.kind, w.item_id, func.max(w.owner_id), *sums)
            .where(
                self._piece, _among(w.name, tuple(MEASURES)), w.item_id > number(0), w.kind != _word(PERSON),
                not_(gone.exists()),
            )
            .group_by(start, w.kind, w.item_id)
        )  # fmt: skip
        return upsert_from(
            tables.response,
            ["span", "start", "kind", "item_id", "owner_id", *_MEASURES],
            found,
            # Whose it is does not change: setting it would write its index anew at every response.
            dict.fromkeys(_MEASURES, _added),
        )

    def _own(self, tables: FactTables) -> Any:
        w = tables.waiting.c
        visited = (and_(w.kind == _word(PERSON), w.name == _word("viewed")), _word("visited"))
        names = [(w.name == _word(name), _word(of)) for name, (of, _) in OWN.items() if name != of]
        taken = tuple(name for name, (_, sign) in OWN.items() if sign < 0)
        each = (
            select(
                w.owner_id, w.day, case(visited, *names, else_=w.name).label("name"),
                case((_among(w.name, taken), number(-1)), else_=number(1)).label("number"),
            )
            .where(self._piece, w.owner_id > number(0), _among(w.name, tuple(OWN)))
            .subquery()
        ).c  # fmt: skip
        found = (
            select(each.owner_id, each.day, each.name, func.sum(each.number))
            .where(each.owner_id > number(0))
            .group_by(each.owner_id, each.day, each.name)
        )
        return upsert_from(tables.own, ["owner_id", "day", "name", "number"], found, {"number": _added})
