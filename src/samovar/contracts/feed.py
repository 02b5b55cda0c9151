"""Timelines over every kind of content.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from typing import Protocol

from samovar.kernel.contract import Contract, Message, Method


class TimelineRequest(Message, frozen=True, kw_only=True):
    """What Feed.home takes."""

    #: From the last page's `next`, or empty.
    cursor: str = ""
    limit: int = 0


class TagRequest(Message, frozen=True, kw_only=True):
    """What Feed.tag takes."""

    tag: str = ""
    cursor: str = ""
    limit: int = 0


class PersonRequest(Message, frozen=True, kw_only=True):
    """What Feed.person takes."""

    user_id: int = 0
    with_replies: bool = False
    cursor: str = ""
    limit: int = 0


class Entry(Message, frozen=True, kw_only=True):
    """One line of a timeline. The item itself is asked of its kind, which checks again who may see it."""

    kind: str = ""
    id: int = 0
    #: Who passed it on, or 0 when it is here by its author.
    shared_by_id: int = 0
    #: A cursor that continues after this entry.
    cursor: str = ""


class Page(Message, frozen=True, kw_only=True):
    """Page."""

    items: tuple[Entry, ...] = ()
    #: Empty at the end.
    next: str = ""


class TrendsRequest(Message, frozen=True, kw_only=True):
    """What Feed.trends takes."""

    limit: int = 0


class Trend(Message, frozen=True, kw_only=True):
    """Trend."""

    tag: str = ""
    people: int = 0
    items: int = 0


class TrendList(Message, frozen=True, kw_only=True):
    """Trend list."""

    items: tuple[Trend, ...] = ()


class FeedApi(Protocol):
    """Feed."""

    async def home(self, *, cursor: str, limit: int) -> Page:
        """What the people whom the caller follows posted or passed on, and the caller's own, newest first.
        Past the kept window it reads through to storage, so it never ends before the content does.
        """
        ...

    async def public(self, *, cursor: str, limit: int) -> Page:
        """Public items of all members, newest first; no replies, no reposts."""
        ...

    async def tag(self, *, tag: str, cursor: str, limit: int) -> Page:
        """Public items with a tag."""
        ...

    async def person(self, *, user_id: int, with_replies: bool, cursor: str, limit: int) -> Page:
        """One person's items and reposts, as the caller may see them."""
        ...

    async def trends(self, *, limit: int) -> TrendList:
        """Tags most used lately in public items, with how many people used them."""
        ...


FEED: Contract[FeedApi] = Contract(
    "samovar.feed.v1.Feed",
    methods=(
        Method("home", TimelineRequest, Page, idempotent=True),
        Method("public", TimelineRequest, Page, idempotent=True),
        Method("tag", TagRequest, Page, idempotent=True),
        Method("person", PersonRequest, Page, idempotent=True),
        Method("trends", TrendsRequest, TrendList, idempotent=True),
    ),
    errors=(),
)
