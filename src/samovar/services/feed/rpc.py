"""The contracts Feed and Personal, answered by the use cases."""

from samovar.contracts.common import Done
from samovar.contracts.feed import Entry, Page, Trend, TrendList
from samovar.kernel.context import current_call
from samovar.services.feed.service import Projection, Timelines
from samovar.services.feed.service.timelines import Timeline


class FeedRpc:
    """samovar.feed.v1.Feed."""

    def __init__(self, timelines: Timelines) -> None:
        self._timelines = timelines

    async def home(self, *, cursor: str, limit: int) -> Page:
        return _page(await self._timelines.home(current_call(), cursor, limit))

    async def public(self, *, cursor: str, limit: int) -> Page:
        return _page(await self._timelines.public(current_call(), cursor, limit))

    async def tag(self, *, tag: str, cursor: str, limit: int) -> Page:
        return _page(await self._timelines.tag(current_call(), tag, cursor, limit))

    async def person(self, *, user_id: int, with_replies: bool, cursor: str, limit: int) -> Page:
        return _page(
            await self._timelines.person(current_call(), user_id, cursor, limit, with_replies=with_replies)
        )

    async def trends(self, *, limit: int) -> TrendList:
        found = await self._timelines.trends(limit)
        return TrendList(
            items=tuple(Trend(tag=tag, people=people, items=items) for tag, people, items in found)
        )


class PersonalRpc:
    """samovar.personal.v1.Personal for feed."""

    def __init__(self, projection: Projection) -> None:
        self._projection = projection

    async def erase(self, *, user_id: int) -> Done:
        await self._projection.erase(current_call(), user_id)
        return Done()


def _page(timeline: Timeline) -> Page:
    entries = [
        Entry(
            kind=line.kind,
            id=line.item_id,
            shared_by_id=line.by_id if line.shared else 0,
            cursor=str(line.position),
        )
        for line in timeline.lines
    ]
    return Page(items=tuple(entries), next=timeline.next)
