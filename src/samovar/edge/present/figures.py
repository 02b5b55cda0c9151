"""Figures as pages and the API show them: days as dates, items with what they are, people with names."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from samovar.contracts.analytics import Community, Export, ItemFigures, Own, Series
from samovar.contracts.items import ITEMS, Card
from samovar.edge.edge import Edge
from samovar.edge.present.people import Author, People
from samovar.edge.present.times import rfc3339


class SeriesView(msgspec.Struct, kw_only=True, frozen=True):
    """A number for each day of a period."""

    values: tuple[int, ...]
    total: int
    #: Total of as long a period before.
    before: int


class ActiveView(msgspec.Struct, kw_only=True, frozen=True):
    """People who were here, and in as long a time before."""

    now: int
    before: int


class SpanView(msgspec.Struct, kw_only=True, frozen=True):
    """People who were here in a calendar week or month."""

    first: str
    people: int


class SummaryView(msgspec.Struct, kw_only=True, frozen=True):
    """The community's figures for a period of days (UTC), both its ends included."""

    first: str
    last: str
    #: By name of what happened: registered, created, reacted, viewed and so on.
    series: dict[str, SeriesView]
    #: People in the last day, 7 and 30 days.
    daily: ActiveView
    weekly: ActiveView
    monthly: ActiveView
    weeks: tuple[SpanView, ...]
    months: tuple[SpanView, ...]
    members: int
    members_before: int


class ItemFiguresView(msgspec.Struct, kw_only=True, frozen=True):
    """An item and how it was responded to."""

    kind: str
    id: str
    url: str
    title: str
    author: Author | None
    views: int
    clicks: int
    reactions: int
    replies: int
    shares: int
    score: int


class ItemFiguresList(msgspec.Struct, kw_only=True, frozen=True):
    """Items, most responded to first."""

    items: tuple[ItemFiguresView, ...]


class PersonFiguresView(msgspec.Struct, kw_only=True, frozen=True):
    """A person and how much they were here."""

    user: Author
    days: int
    acts: int


class PersonFiguresList(msgspec.Struct, kw_only=True, frozen=True):
    """People, most active first."""

    items: tuple[PersonFiguresView, ...]


class OwnView(msgspec.Struct, kw_only=True, frozen=True):
    """Figures of one's own things."""

    first: str
    last: str
    #: By name: viewed, visited (one's page), clicked, reacted, replied, shared, followed, created.
    series: dict[str, SeriesView]
    best: tuple[ItemFiguresView, ...]


class ExportView(msgspec.Struct, kw_only=True, frozen=True):
    """A file with figures, and how far it is."""

    id: str
    what: str
    days: int
    #: `waiting`, `writing`, `ready` or `failed`.
    state: str
    #: How much of it is written, from 0 to 100.
    percent: int
    rows: int
    bytes: int
    created_at: str
    expires_at: str
    #: Where it is, once it is ready.
    url: str | None


def date_of(day: int) -> date:
    """A day of UTC counted from 1970."""
    return date(1970, 1, 1) + timedelta(days=day)


class Figures:
    """Shows figures, with one question per kind and one for all people."""

    def __init__(self, edge: Edge, people: People) -> None:
        self._edge = edge
        self._people = people

    def summary(self, found: Community) -> SummaryView:
        return SummaryView(
            first=date_of(found.first).isoformat(),
            last=date_of(found.last).isoformat(),
            series=series(found.series),
            daily=ActiveView(now=found.daily, before=found.daily_before),
            weekly=ActiveView(now=found.weekly, before=found.weekly_before),
            monthly=ActiveView(now=found.monthly, before=found.monthly_before),
            weeks=tuple(SpanView(first=date_of(w.first).isoformat(), people=w.people) for w in found.weeks),
            months=tuple(SpanView(first=date_of(m.first).isoformat(), people=m.people) for m in found.months),
            members=found.members,
            members_before=found.members_before,
        )

    async def items(self, found: Sequence[ItemFigures], limit: int) -> tuple[ItemFiguresView, ...]:
        """Those that the viewer may see, at most so many."""
        cards = await self._cards(found)
        authors = await self._people.authors([card.author_id for card in cards.values()])
        shown: list[ItemFiguresView] = []
        for one in found:
            card = cards.get((one.kind, one.id))
            if card is not None and len(shown) < limit:
                author = authors.get(card.author_id)
                shown.append(_item(one, card, author))
        return tuple(shown)

    async def _cards(self, found: Sequence[ItemFigures]) -> Mapping[tuple[str, int], Card]:
        by_kind: dict[str, list[int]] = {}
        for one in found:
            by_kind.setdefault(one.kind, []).append(one.id)
        cards = {}
        for kind in by_kind.keys() & set(self._edge.peers.instances(ITEMS)):
            answer = await self._edge.peers.get(ITEMS, kind).get_many(ids=tuple(by_kind[kind][:100]))
            cards.update({(kind, card.id): card for card in answer.items})
        return cards

    async def active(self, days: int, limit: int) -> tuple[PersonFiguresView, ...]:
        """Who did most."""
        found = (await self._edge.analytics.active_people(days=days, limit=limit)).items
        authors = await self._people.authors([one.user_id for one in found])
        return tuple(
            PersonFiguresView(user=authors[one.user_id], days=one.days, acts=one.acts)
            for one in found
            if one.user_id in authors
        )

    async def popular(self, kind: str, days: int, limit: int) -> tuple[ItemFiguresView, ...]:
        """What was responded to most. Twice as many are asked for: some may not be for the viewer."""
        found = await self._edge.analytics.popular(kind=kind, days=days, limit=min(100, 2 * limit))
        return await self.items(found.items, limit)

    async def own(self, found: Own, limit: int) -> OwnView:
        return OwnView(
            first=date_of(found.first).isoformat(),
            last=date_of(found.last).isoformat(),
            series=series(found.series),
            best=await self.items(found.best, limit),
        )


def series(found: Sequence[Series]) -> dict[str, SeriesView]:
    """Series by name."""
    return {one.name: SeriesView(values=one.values, total=one.total, before=one.before) for one in found}


def export_view(one: Export) -> ExportView:
    """An export; its parts are days."""
    ready = one.state == "ready"
    return ExportView(
        id=str(one.id), what=one.what, days=one.days, state=one.state,
        percent=100 if ready else min(99, 100 * one.done // max(1, one.days)), rows=one.rows, bytes=one.bytes,
        created_at=rfc3339(one.created_at), expires_at=rfc3339(one.expires_at),
        url=f"/api/analytics/exports/{one.id}/file" if ready else None,
    )  # fmt: skip


def _item(one: ItemFigures, card: Card, author: Author | None) -> ItemFiguresView:
    numbers: dict[str, Any] = {
        name: getattr(one, name) for name in ("views", "clicks", "reactions", "replies", "shares", "score")
    }
    # Behind a content warning it is not for reading here.
    words = " ".join((card.title or ("" if card.sensitive else card.summary)).split())
    url = f"/@{author.username}/{one.id}" if author is not None and one.kind == "post" else ""
    return ItemFiguresView(
        kind=one.kind, id=str(one.id), url=url, title=words[:120], author=author, **numbers
    )
