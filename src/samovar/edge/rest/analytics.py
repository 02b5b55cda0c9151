"""Figures, at /api/analytics: the community's for those who may see them, one's own for everybody."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.response import Stream

from samovar.contracts.analytics import UnknownKind
from samovar.contracts.items import ITEMS
from samovar.edge.edge import Edge
from samovar.edge.gateway.routing import Router
from samovar.edge.present.figures import (
    ExportView,
    Figures,
    ItemFiguresList,
    OwnView,
    PersonFiguresList,
    SummaryView,
    date_of,
    export_view,
)
from samovar.edge.rest.auth import Body
from samovar.edge.rest.common import ItemId, Limit, get, item_id, post, put
from samovar.edge.seen import Seen, may_be_noted
from samovar.kernel.authz import signed_in
from samovar.kernel.context import current_call
from samovar.kernel.errors import NotFound
from samovar.kernel.ids import parse_id

Days = Annotated[int, QueryParameter(ge=1, le=730, description="Days until today, which is one of them.")]
Weeks = Annotated[int, QueryParameter(ge=1, le=26, description="Weeks until this one.")]
Kinds = Annotated[str, PathParameter(max_length=40, description="A kind of content, such as `posts`.")]


class EventBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Something that the caller looked at: an item, or a person (kind `person`)."""

    name: Literal["viewed", "clicked"]
    kind: Annotated[str, msgspec.Meta(max_length=40)]
    id: Annotated[str, msgspec.Meta(max_length=20)]


class EventsBody(Body):
    """What was looked at, in order."""

    events: Annotated[list[EventBody], msgspec.Meta(max_length=50)]


class AcceptedView(msgspec.Struct, kw_only=True, frozen=True):
    """How many of them count."""

    accepted: int


class ChoiceView(msgspec.Struct, kw_only=True, frozen=True):
    """Whether what one does and looks at is counted as one's own."""

    counted: bool


class ChoiceBody(Body):
    """What to choose."""

    counted: bool


class ExportBody(Body):
    """Which figures to write into a file: `days`, `content` or `people` of the community, or `mine`."""

    what: Literal["days", "content", "people", "mine"]
    days: Annotated[int, msgspec.Meta(ge=1, le=730)] = 30


class CohortView(msgspec.Struct, kw_only=True, frozen=True):
    """Those who came in a week, and how many of them were here in that and each later week."""

    first: str
    people: int
    here: tuple[int, ...]


class CohortListView(msgspec.Struct, kw_only=True, frozen=True):
    """Cohorts, oldest first."""

    items: tuple[CohortView, ...]


class FunnelView(msgspec.Struct, kw_only=True, frozen=True):
    """Of those who came: how many followed somebody, of these wrote, of these returned on a later day."""

    registered: int
    followed: int
    posted: int
    returned: int


class ExportListView(msgspec.Struct, kw_only=True, frozen=True):
    """One's exports, newest first."""

    items: tuple[ExportView, ...]


def routes(edge: Edge, figures: Figures, seen: Seen) -> Router:
    """Route handlers."""
    analytics = edge.analytics

    @get("/summary", summary="The community's figures")
    async def summary(days: Days = 30) -> SummaryView:
        return figures.summary(await analytics.summary(days=days))

    @get("/{kinds:str}/popular", summary="What members responded to most")
    async def popular(kinds: Kinds, days: Days = 30, limit: Limit = 20) -> ItemFiguresList:
        known = {f"{kind}s": kind for kind in edge.peers.instances(ITEMS)}
        if kinds not in known:
            raise UnknownKind
        return ItemFiguresList(items=await figures.popular(known[kinds], days, limit))

    @get("/users/active", summary="Who did most")
    async def active(days: Days = 30, limit: Limit = 20) -> PersonFiguresList:
        return PersonFiguresList(items=await figures.active(days, limit))

    @get("/retention", summary="How many of those who came in a week came again")
    async def retention(weeks: Weeks = 8) -> CohortListView:
        found = (await analytics.retention(weeks=weeks)).items
        return CohortListView(
            items=tuple(
                CohortView(first=date_of(one.first).isoformat(), people=one.people, here=one.here)
                for one in found
            )
        )

    @get("/funnel", summary="How far newcomers went")
    async def funnel(days: Days = 30) -> FunnelView:
        found = await analytics.funnel(days=days)
        return FunnelView(
            registered=found.registered, followed=found.followed, posted=found.posted, returned=found.returned
        )

    @get("/mine", summary="Figures of one's own things")
    async def mine(days: Days = 30) -> OwnView:
        return await figures.own(await analytics.mine(days=days), 20)

    @get("/choice", summary="Whether what one does is counted as one's own")
    async def choice() -> ChoiceView:
        return ChoiceView(counted=(await analytics.get_choice()).counted)

    @put("/choice", summary="Choose whether what one does is counted as one's own")
    async def choose(data: JSONBody[ChoiceBody]) -> ChoiceView:
        return ChoiceView(counted=(await analytics.set_choice(counted=data.counted)).counted)

    @post("/events", status_code=202, summary="Tell what was looked at")
    async def events(request: Request[Any, Any, Any], data: JSONBody[EventsBody]) -> AcceptedView:
        if not may_be_noted(dict(request.scope["headers"])):
            return AcceptedView(accepted=0)
        there = await visible(data.events)
        actor = current_call().actor
        accepted = [
            seen.note(event.name, event.kind, int(event.id), actor)
            for event in data.events
            if (event.kind, event.id) in there
        ]
        return AcceptedView(accepted=sum(accepted))

    async def visible(events: Sequence[EventBody]) -> set[tuple[str, str]]:
        """Those of what is named that the caller may see."""
        by_kind: dict[str, set[int]] = {}
        for event in events:
            if (number := parse_id(event.id)) is not None:
                by_kind.setdefault(event.kind, set()).add(number)
        found = set()
        for kind in by_kind.keys() & set(edge.peers.instances(ITEMS)):
            cards = await edge.peers.get(ITEMS, kind).get_many(ids=tuple(by_kind[kind]))
            found |= {(kind, str(card.id)) for card in cards.items}
        if people := by_kind.get("person"):
            profiles = await edge.profiles.get_many(ids=tuple(people))
            found |= {("person", str(profile.id)) for profile in profiles.items}
        return found

    @post("/exports", status_code=202, summary="Have figures written into a file")
    async def begin(data: JSONBody[ExportBody]) -> ExportView:
        return export_view(await analytics.begin_export(what=data.what, days=data.days))

    @get("/exports", summary="One's files of figures")
    async def exports() -> ExportListView:
        return ExportListView(items=tuple(map(export_view, (await analytics.exports()).items)))

    @get("/exports/{export:str}", summary="How far a file of figures is")
    async def export_of(export: ItemId) -> ExportView:
        return export_view(await analytics.get_export(id=item_id(export)))

    @get("/exports/{export:str}/file", summary="The file itself", media_type="text/csv")
    async def file(export: ItemId) -> Response[Any]:
        signed_in(current_call())
        found = await analytics.get_export(id=item_id(export))
        if not found.key:
            raise NotFound
        day = date_of(found.created_at // 86_400_000_000).isoformat()
        headers = {
            "content-disposition": f'attachment; filename="{found.what}-{day}.csv"',
            "content-length": str(found.bytes),
            "cache-control": "private, no-store",
        }
        return Stream(edge.blobs.get(found.key), headers=headers, media_type="text/csv; charset=utf-8")

    handlers = [
        summary, popular, active, retention, funnel, mine, choice, choose, events, begin, exports, export_of,
        file,
    ]  # fmt: skip
    return Router("/analytics", tags=["analytics"], route_handlers=handlers)
