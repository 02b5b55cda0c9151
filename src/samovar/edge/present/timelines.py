"""Timelines: a feed's entries with the whole item of each kind."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from samovar.contracts.feed import Page
from samovar.edge.present.people import People
from samovar.edge.present.posts import PostPageView, PostView


class Presenter(Protocol):
    """Shows the items of one kind."""

    kind: str

    async def by_ids(self, ids: Sequence[int]) -> Mapping[int, Any]:
        """Those that the viewer may see, by id."""
        ...


class Timelines:
    """Shows timelines."""

    def __init__(self, people: People, presenters: Sequence[Presenter]) -> None:
        self._people = people
        self._presenters = {presenter.kind: presenter for presenter in presenters}

    async def show(self, page: Page) -> PostPageView:
        """The entries that the viewer may see; may be fewer than asked for when some are not."""
        by_kind: dict[str, list[int]] = {}
        for entry in page.items:
            by_kind.setdefault(entry.kind, []).append(entry.id)
        shown: dict[tuple[str, int], PostView] = {}
        for kind, ids in by_kind.items():
            if kind in self._presenters:
                views = await self._presenters[kind].by_ids(ids)
                shown.update(((kind, item_id), view) for item_id, view in views.items())
        sharers = await self._people.authors(
            [entry.shared_by_id for entry in page.items if entry.shared_by_id]
        )
        items = []
        for entry in page.items:
            view = shown.get((entry.kind, entry.id))
            if view is None:
                continue
            if entry.shared_by_id:
                sharer = sharers.get(entry.shared_by_id)
                if sharer is None:
                    continue
                view = msgspec.structs.replace(view, reposted_by=sharer)
            items.append(view)
        return PostPageView(items=tuple(items), next=page.next or None)
