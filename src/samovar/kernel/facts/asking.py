"""The questions, as roll-ups answer them."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, case, func, literal_column, select, union_all

from samovar.kernel.db import Count, Id, Query, Row, Text, one_of
from samovar.kernel.facts import (
    DAYS,
    MONTHS,
    WEEKS,
    WEIGHTS,
    ByDay,
    Cohort,
    ItemNumbers,
    PersonNumbers,
    Steps,
    pieces,
)
from samovar.kernel.facts.tables import FactTables
from samovar.kernel.store import Db

_FIRST, _LAST = bindparam("first", type_=Count()), bindparam("last", type_=Count())


class _Statements:
    """Every question of a service's facts."""

    def __init__(self, tables: FactTables) -> None:
        day, people, presence, own = tables.day.c, tables.people.c, tables.presence.c, tables.own.c
        self.counts = Query(
            select(day.name, day.day, func.sum(day.number))
            .where(one_of(day.name, "names"), day.day.between(_FIRST, _LAST))
            .group_by(day.name, day.day)
        )
        self.people = Query(
            select(people.start, people.people).where(
                people.span == bindparam("span"), people.start.between(_FIRST, _LAST)
            )
        )
        self.active = Query(
            select(func.count(presence.actor_id.distinct())).where(
                presence.span == literal_column(str(DAYS)), presence.start.between(_FIRST, _LAST)
            )
        )
        sign = case((day.name == "left", literal_column("-1")), else_=literal_column("1"))
        self.members = Query(
            select(func.coalesce(func.sum(day.number * sign), literal_column("0"))).where(
                one_of(day.name, "names"), day.day <= _LAST
            )
        )
        self.own = Query(
            select(own.name, own.day, own.number).where(
                own.owner_id == bindparam("owner_id"), own.day.between(_FIRST, _LAST)
            )
        )
        self._ask_members(tables)
        self.popular = Query(_ranked(tables, tables.response.c.kind == _KIND))
        self.popular_all = Query(_ranked(tables, tables.response.c.start >= literal_column("0")))
        self.own_items = Query(
            _ranked(tables, tables.response.c.owner_id == bindparam("owner_id", type_=Id()))
        )
        self.most_active = Query(_most_active(tables))
        self._ask_rows(tables)

    def _ask_members(self, tables: FactTables) -> None:
        member, presence = tables.member.c, tables.presence.c
        weeks = member.registered_week.between(_FIRST, _LAST)
        self.sizes = Query(
            select(member.registered_week, func.count()).where(weeks).group_by(member.registered_week)
        )
        self.here = Query(
            select(member.registered_week, presence.start, func.count())
            .join_from(tables.member, tables.presence, presence.actor_id == member.user_id)
            .where(weeks, presence.span == literal_column(str(WEEKS)), presence.start.between(_FIRST, _LAST))
            .group_by(member.registered_week, presence.start)
        )
        followed = member.followed_at.is_not(None)
        posted = and_(followed, member.posted_at.is_not(None))
        returned = and_(posted, member.last_day > member.registered_day)
        one, none = literal_column("1", Count()), literal_column("0", Count())
        self.steps = Query(
            select(
                func.count(),
                *[
                    func.coalesce(func.sum(case((step, one), else_=none)), none)
                    for step in (followed, posted, returned)
                ],
            ).where(member.registered_day.between(_FIRST, _LAST))
        )

    def _ask_rows(self, tables: FactTables) -> None:
        day, response, presence = tables.day.c, tables.response.c, tables.presence.c
        page: dict[str, Any] = {"limit": bindparam("limit"), "offset": bindparam("after")}
        on = bindparam("day", type_=Count())
        self.rows = {
            "days": Query(
                select(day.name, day.kind, day.number)
                .where(day.day == on)
                .order_by(day.name, day.kind)
                .limit(page["limit"])
                .offset(page["offset"])
            ),
            "content": Query(
                select(
                    response.kind, response.item_id, response.owner_id, response.views, response.clicks,
                    response.reactions, response.replies, response.shares, _score(response),
                )
                .where(response.span == literal_column(str(DAYS)), response.start == on)
                .order_by(response.kind, response.item_id)
                .limit(page["limit"])
                .offset(page["offset"])
            ),
            "people": Query(
                select(presence.actor_id, presence.days, presence.acts)
                .where(
                    presence.span == literal_column(str(DAYS)), presence.start == on,
                    presence.actor_id > literal_column("0"),
                )
                .order_by(presence.actor_id)
                .limit(page["limit"])
                .offset(page["offset"])
            ),
        }  # fmt: skip


#: Made once, however many houses the service lives in.
_statements = cache(_Statements)


class Asking:
    """Reads the roll-ups of one service's database."""

    def __init__(self, db: Db, tables: FactTables) -> None:
        self._db = db
        self._sql = _statements(tables)

    async def counts(self, names: Sequence[str], first: int, last: int) -> ByDay:
        rows = await self._db.scan(self._sql.counts, names=list(names), first=first, last=last)
        return _by_day([(row[0], row[1], int(row[2])) for row in rows])

    async def people(self, span: int, first: int, last: int) -> dict[int, int]:
        return dict(await self._db.scan(self._sql.people, span=span, first=first, last=last))

    async def active(self, first: int, last: int) -> int:
        return int((await self._db.scan(self._sql.active, first=first, last=last))[0][0])

    async def members(self, last: int) -> int:
        return int((await self._db.scan(self._sql.members, names=["registered", "left"], last=last))[0][0])

    async def cohorts(self, first: int, last: int) -> list[Cohort]:
        sizes: dict[int, int] = dict(await self._db.scan(self._sql.sizes, first=first, last=last))
        here = {
            (week, start): number
            for week, start, number in await self._db.scan(self._sql.here, first=first, last=last)
        }
        return cohorts_of(sizes, here, last)

    async def steps(self, first: int, last: int) -> Steps:
        return Steps(*map(int, (await self._db.scan(self._sql.steps, first=first, last=last))[0]))

    async def popular(self, kind: str, first: int, last: int, limit: int) -> list[ItemNumbers]:
        if kind:
            rows = await self._db.scan(self._sql.popular, kind=kind, limit=limit, **_parts(first, last))
        else:
            rows = await self._db.scan(self._sql.popular_all, limit=limit, **_parts(first, last))
        return [_item(row) for row in rows]

    async def most_active(self, first: int, last: int, limit: int) -> list[PersonNumbers]:
        rows = await self._db.scan(self._sql.most_active, limit=limit, **_parts(first, last))
        return [PersonNumbers(row[0], int(row[1]), int(row[2])) for row in rows]

    async def own(self, owner_id: int, first: int, last: int) -> ByDay:
        return _by_day(await self._db.scan(self._sql.own, owner_id=owner_id, first=first, last=last))

    async def own_items(self, owner_id: int, first: int, last: int, limit: int) -> list[ItemNumbers]:
        rows = await self._db.scan(self._sql.own_items, owner_id=owner_id, limit=limit, **_parts(first, last))
        return [_item(row) for row in rows]

    async def rows(self, what: str, day: int, after: int, limit: int) -> list[tuple[int | str, ...]]:
        return await self._db.scan(self._sql.rows[what], day=day, after=after, limit=limit)


def cohorts_of(sizes: dict[int, int], here: dict[tuple[int, int], int], last: int) -> list[Cohort]:
    """Cohorts from how many came in each week, and how many of them were here in each."""
    return [
        Cohort(week, sizes[week], tuple(here.get((week, at), 0) for at in range(week, last + 1, 7)))
        for week in sorted(sizes)
    ]


_KIND = bindparam("kind", type_=Text())


def _parts(first: int, last: int) -> dict[str, int]:
    """A period's parts as parameters."""
    (a, b), (c, d), (e, f) = pieces(first, last)
    return {"a": a, "b": b, "c": c, "d": d, "e": e, "f": f}


def _in_parts(span: Any, start: Any) -> list[Any]:
    """Conditions for the rows of each of a period's parts."""
    found = []
    for kind, low, high in ((DAYS, "a", "b"), (MONTHS, "c", "d"), (DAYS, "e", "f")):
        within = start.between(bindparam(low, type_=Count()), bindparam(high, type_=Count()))
        found.append(and_(span == literal_column(str(kind)), within))
    return found


def _score(c: Any) -> Any:
    total: Any = literal_column("0")
    for measure, weight in WEIGHTS.items():
        total = total + c[measure] * literal_column(str(weight), Count())
    return total


def _ranked(tables: FactTables, wanted: Any) -> Any:
    r = tables.response.c
    parts = [
        select(r.kind, r.item_id, r.owner_id, *[r[measure] for measure in WEIGHTS]).where(within, wanted)
        for within in _in_parts(r.span, r.start)
    ]
    each = union_all(*parts).subquery().c
    sums = [func.sum(each[measure]).label(measure) for measure in WEIGHTS]
    found = (
        select(each.kind, each.item_id, func.max(each.owner_id).label("owner_id"), *sums)
        .group_by(each.kind, each.item_id)
        .subquery()
    ).c
    score = _score(found)
    return (
        select(found.kind, found.item_id, found.owner_id, *[found[m] for m in WEIGHTS], score)
        .where(score > literal_column("0"))
        .order_by(score.desc(), found.item_id.desc(), found.kind)
        .limit(bindparam("limit"))
    )


def _most_active(tables: FactTables) -> Any:
    p = tables.presence.c
    parts = [
        select(p.actor_id, p.days, p.acts).where(within, p.actor_id > literal_column("0"))
        for within in _in_parts(p.span, p.start)
    ]
    each = union_all(*parts).subquery().c
    days, acts = func.sum(each.days), func.sum(each.acts)
    return (
        select(each.actor_id, days, acts)
        .group_by(each.actor_id)
        .order_by(acts.desc(), days.desc(), each.actor_id.desc())
        .limit(bindparam("limit"))
    )


def _item(row: Row) -> ItemNumbers:
    kind, id, owner_id, *numbers = row
    return ItemNumbers(kind, id, owner_id, *map(int, numbers))


def _by_day(rows: Sequence[Row]) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for name, day, number in rows:
        found.setdefault(name, {})[day] = number
    return found
