"""Timelines: a feed's entries with the whole item of each kind."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from samovar.contracts.feed import Page
from samovar.edge.edge import Edge
from samovar.edge.present.people import Author, People
from samovar.edge.present.posts import PostPageView, PostView
from samovar.kernel.context import current_call
from samovar.kernel.memo import Derived

#: Passed-on views kept for the next reader.
SHARED = 2000
#: Seconds in which the feed is sure to have heard of a new item.
FRESH = 15


def _fresh_key() -> str:
    return f"edge.fresh:{current_call().actor}"


class Presenter(Protocol):
    """Shows the items of one kind."""

    kind: str

    async def by_ids(self, ids: Sequence[int]) -> Mapping[int, Any]:
        """Those that the viewer may see, by id."""
        ...


class Timelines:
    """Shows timelines."""

    def __init__(self, edge: Edge, people: People, presenters: Sequence[Presenter]) -> None:
        self._edge = edge
        self._people = people
        self._presenters = {presenter.kind: presenter for presenter in presenters}
        self._passed_on = Derived(_passed_on, SHARED)

    async def home(self, cursor: str, limit: int) -> PostPageView:
        """The viewer's home feed, with what they made a moment ago even when the feed has not heard yet."""
        shown = await self.show(await self._edge.feed.home(cursor=cursor, limit=limit))
        fresh = () if cursor else await self._made_lately()
        if not fresh:
            return shown
        present = {item.id for item in shown.items}
        own = await self._presenters["post"].by_ids([made for made in fresh if str(made) not in present])
        first = sorted(own.values(), key=lambda item: int(item.id), reverse=True)
        return msgspec.structs.replace(shown, items=(*first, *shown.items))

    async def note_made(self, item_id: int) -> None:
        """Remember for some seconds that the viewer made an item."""
        before = await self._made_lately()
        await self._edge.cache.set(_fresh_key(), (*before[-9:], item_id), FRESH)

    async def _made_lately(self) -> tuple[int, ...]:
        made: tuple[int, ...] | None = await self._edge.cache.get(_fresh_key(), tuple[int, ...])
        return made or ()

    async def show(self, page: Page) -> PostPageView:
        """The entries that the viewer may see; may be fewer than asked for when some are not."""
        by_kind: dict[str, list[int]] = {}
        for entry in page.items:
            by_kind.setdefault(entry.kind, []).append(entry.id)
        shown: dict[str, Mapping[int, PostView]] = {}
        for kind, ids in by_kind.items():
            presenter = self._presenters.get(kind)
            shown[kind] = {} if presenter is None else await presenter.by_ids(ids)
        sharers = await self._people.authors(
            [entry.shared_by_id for entry in page.items if entry.shared_by_id]
        )
        items = []
        for entry in page.items:
            view = shown[entry.kind].get(entry.id)
            if view is None:
                continue
            if entry.shared_by_id:
                sharer = sharers.get(entry.shared_by_id)
                if sharer is None:
                    continue
                view = self._passed_on(view, sharer)
            items.append(view)
        return PostPageView(items=tuple(items), next=page.next or None)


def _passed_on(view: PostView, sharer: Author) -> PostView:
    return msgspec.structs.replace(view, reposted_by=sharer)
