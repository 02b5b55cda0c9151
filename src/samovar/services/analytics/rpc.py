"""The contracts of analytics, over its use cases."""

from collections.abc import Iterable, Mapping, Sequence

from samovar.contracts import analytics as contract
from samovar.contracts.common import Done
from samovar.kernel.context import current_call
from samovar.kernel.facts import Fact, ItemNumbers
from samovar.services.analytics.domain import Export, Series
from samovar.services.analytics.service import AnalyticsService


class AnalyticsRpc:
    """samovar.analytics."""

    def __init__(self, service: AnalyticsService) -> None:
        self._gathering = service.gathering
        self._figures = service.figures
        self._choosing = service.choosing
        self._exporting = service.exporting

    async def record(self, *, seen: Sequence[contract.Seen] = ()) -> Done:
        facts = [Fact(one.id, one.name, one.at, one.actor_id, one.kind, one.item_id) for one in seen]
        await self._gathering.record(current_call(), facts)
        return Done()

    async def summary(self, *, days: int) -> contract.Community:
        found = await self._figures.summary(current_call(), days)
        (daily, daily_before), (weekly, weekly_before), (monthly, monthly_before) = found.active
        return contract.Community(
            first=found.when.first, last=found.when.last, series=_series(found.series),
            daily=daily, daily_before=daily_before, weekly=weekly, weekly_before=weekly_before,
            monthly=monthly, monthly_before=monthly_before,
            weeks=_spans(found.weeks), months=_spans(found.months),
            members=found.members, members_before=found.members_before,
        )  # fmt: skip

    async def popular(self, *, kind: str, days: int, limit: int) -> contract.ItemList:
        found = await self._figures.popular(current_call(), kind, days, limit)
        return contract.ItemList(items=_items(found))

    async def active_people(self, *, days: int, limit: int) -> contract.PersonList:
        found = await self._figures.active_people(current_call(), days, limit)
        return contract.PersonList(
            items=tuple(contract.PersonFigures(user_id=p.user_id, days=p.days, acts=p.acts) for p in found)
        )

    async def retention(self, *, weeks: int) -> contract.CohortList:
        found = await self._figures.retention(current_call(), weeks)
        return contract.CohortList(
            items=tuple(contract.Cohort(first=c.first, people=c.people, here=c.here) for c in found)
        )

    async def funnel(self, *, days: int) -> contract.Steps:
        return contract.Steps(**(await self._figures.funnel(current_call(), days))._asdict())

    async def mine(self, *, days: int) -> contract.Own:
        when, series, best = await self._figures.mine(current_call(), days)
        return contract.Own(first=when.first, last=when.last, series=_series(series), best=_items(best))

    async def get_choice(self) -> contract.Choice:
        return contract.Choice(counted=await self._choosing.choice(current_call()))

    async def set_choice(self, *, counted: bool) -> contract.Choice:
        return contract.Choice(counted=await self._choosing.choose(current_call(), counted=counted))

    async def begin_export(self, *, what: str, days: int) -> contract.Export:
        return _export(await self._exporting.begin(current_call(), what, days))

    async def exports(self) -> contract.ExportList:
        return contract.ExportList(items=tuple(map(_export, await self._exporting.mine(current_call()))))

    async def get_export(self, *, id: int) -> contract.Export:
        return _export(await self._exporting.one(current_call(), id))


class PersonalRpc:
    """samovar.personal, for what analytics keeps."""

    def __init__(self, service: AnalyticsService) -> None:
        self._choosing = service.choosing

    async def erase(self, *, user_id: int) -> Done:
        await self._choosing.erase(current_call(), user_id)
        return Done()


def _series(found: Iterable[Series]) -> tuple[contract.Series, ...]:
    return tuple(
        contract.Series(name=one.name, values=one.values, total=one.total, before=one.before) for one in found
    )


def _spans(people: Mapping[int, int]) -> tuple[contract.SpanCount, ...]:
    return tuple(contract.SpanCount(first=first, people=number) for first, number in sorted(people.items()))


def _items(found: Iterable[ItemNumbers]) -> tuple[contract.ItemFigures, ...]:
    return tuple(contract.ItemFigures(**item._asdict()) for item in found)


def _export(one: Export) -> contract.Export:
    return contract.Export(
        id=one.id, what=one.what, days=one.last - one.first + 1, state=one.state, done=one.done,
        rows=one.rows, bytes=one.bytes, created_at=one.created_at, expires_at=one.expires_at,
        key=one.key if one.state == "ready" else "",
    )  # fmt: skip
