"""Numbers of items as they stand, for those who look at them."""

import asyncio
from collections.abc import Collection
from typing import Any

from samovar.edge.edge import Edge
from samovar.kernel.context import Call, calling

#: Items that are asked for at once.
MOST = 100


class Counts:
    """Reads numbers, never content."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def of(self, kind: str, ids: Collection[int]) -> dict[int, dict[str, Any]]:
        """Numbers of those of the items that are there. The same for everybody who may see the item."""
        listed = sorted(set(ids))
        found: dict[int, dict[str, Any]] = {}
        deadline = asyncio.get_running_loop().time() + 10
        with calling(Call(caller="edge", system=True, deadline=deadline)):
            for start in range(0, len(listed), MOST):
                found |= await self._page(kind, listed[start : start + MOST])
        return found

    async def _page(self, kind: str, ids: list[int]) -> dict[int, dict[str, Any]]:
        summaries = await self._edge.reactions.summaries(kind=kind, ids=tuple(ids))
        found: dict[int, dict[str, Any]] = {
            summary.id: {"reactions": summary.counts} for summary in summaries.items
        }
        if kind == "post":
            posts = await self._edge.posts.get_many(ids=tuple(ids))
            for post in posts.items:
                found.setdefault(post.id, {}).update(
                    replies=post.replies, reposts=post.reposts, quotes=post.quotes
                )
        return found
