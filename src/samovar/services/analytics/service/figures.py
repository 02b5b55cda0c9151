"""The figures, as they are asked for."""

from collections.abc import Mapping
from typing import NamedTuple

from samovar.contracts.analytics import UnknownKind
from samovar.kernel.authz import require, signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid
from samovar.kernel.facts import (
    DAYS,
    MONTHS,
    WEEKS,
    Cohort,
    Facts,
    ItemNumbers,
    PersonNumbers,
    Steps,
    day_of,
    month_of,
    week_of,
)
from samovar.kernel.kit import Kit
from samovar.services.analytics import domain
from samovar.services.analytics.clients import Items
from samovar.services.analytics.domain import OWN, SERIES, Period, Series, bounded, period, series

SEE = "analytics.see"
#: Weeks and months that a summary goes back.
WEEKS_BACK, MONTHS_BACK = 12, 12


class Summary(NamedTuple):
    """The community's figures for a period."""

    when: Period
    series: tuple[Series, ...]
    #: People in the last 1, 7 and 30 days, and in as many before.
    active: tuple[tuple[int, int], ...]
    weeks: Mapping[int, int]
    months: Mapping[int, int]
    members: int
    members_before: int


class Figures:
    """Answers questions, to those who may ask them."""

    def __init__(self, kit: Kit, facts: Facts, items: Items) -> None:
        self._clock = kit.clock
        self._facts = facts
        self._items = items

    async def summary(self, call: Call, days: int) -> Summary:
        """The community's figures for the last days."""
        require(call, SEE)
        when = period(days, self._clock.now())
        first, last = when.before.first, when.last
        names = [name for added, taken in SERIES.values() for name in (*added, *taken)]
        counts = await self._facts.counts(names, first, last)
        found = [
            series(name, [counts.get(n, {}) for n in added], [counts.get(n, {}) for n in taken], when)
            for name, (added, taken) in SERIES.items()
        ]
        found.append(series("active", [await self._facts.people(DAYS, first, last)], [], when))
        active = []
        for length in (1, 7, 30):
            now = await self._facts.active(last - length + 1, last)
            active.append((now, await self._facts.active(last - 2 * length + 1, last - length)))
        month = month_of(last)
        for _ in range(MONTHS_BACK - 1):
            month = month_of(month - 1)
        return Summary(
            when, tuple(found), tuple(active),
            await self._facts.people(WEEKS, week_of(last) - 7 * (WEEKS_BACK - 1), last),
            await self._facts.people(MONTHS, month, last),
            await self._facts.members(last), await self._facts.members(when.first - 1),
        )  # fmt: skip

    async def popular(self, call: Call, kind: str, days: int, limit: int) -> list[ItemNumbers]:
        """What was responded to most in the last days. Raises UnknownKind."""
        require(call, SEE)
        if kind and kind not in self._items.kinds:
            raise UnknownKind
        when = period(days, self._clock.now())
        return list(await self._facts.popular(kind, when.first, when.last, bounded(limit)))

    async def active_people(self, call: Call, days: int, limit: int) -> list[PersonNumbers]:
        """Who did most in the last days."""
        require(call, SEE)
        when = period(days, self._clock.now())
        return list(await self._facts.most_active(when.first, when.last, bounded(limit)))

    async def retention(self, call: Call, weeks: int) -> list[Cohort]:
        """Those who came in the last weeks, and who of them came again."""
        require(call, SEE)
        if not 1 <= weeks <= domain.WEEKS:
            raise Invalid(fields={"weeks": "Choose between 1 and 26 weeks."})
        last = week_of(day_of(self._clock.now()))
        return list(await self._facts.cohorts(last - 7 * (weeks - 1), last))

    async def funnel(self, call: Call, days: int) -> Steps:
        """How far those went who came in the last days."""
        require(call, SEE)
        when = period(days, self._clock.now())
        return await self._facts.steps(when.first, when.last)

    async def mine(self, call: Call, days: int) -> tuple[Period, list[Series], list[ItemNumbers]]:
        """Figures of the caller's own things."""
        user_id = signed_in(call)
        when = period(days, self._clock.now())
        numbers = await self._facts.own(user_id, when.before.first, when.last)
        found = [series(name, [numbers.get(name, {})], [], when) for name in OWN]
        return when, found, list(await self._facts.own_items(user_id, when.first, when.last, 20))
