"""Notifications as they are shown."""

import json
from collections.abc import Sequence

import msgspec

from samovar.contracts.notifications import Notification
from samovar.edge.edge import Edge
from samovar.edge.present.people import Author, People
from samovar.edge.present.times import rfc3339
from samovar.kernel.memo import Latest

#: Views kept for the next time their owner looks.
VIEWS = 2000
#: Lines kept as JSON: unlike posts, each has one reader only.
LINES = 30_000
_Source = tuple[Notification, tuple[Author, ...]]


class ItemName(msgspec.Struct, kw_only=True, frozen=True):
    """What a notification is about."""

    kind: str
    id: str


class NotificationView(msgspec.Struct, kw_only=True, frozen=True):
    """A line of an inbox: one thing that happened, or several alike as one."""

    id: str
    #: For `up_to` of POST /api/notifications/read.
    position: str
    type: str
    #: Who did it, latest first, of `count`.
    actors: tuple[Author, ...]
    count: int
    item: ItemName | None
    #: Title and begin of the item, or what was sent.
    title: str
    text: str
    #: The item stands behind a content warning.
    sensitive: bool
    reaction: str | None
    read: bool
    created_at: str
    updated_at: str
    #: Leads to what it is about, and marks it as read.
    url: str


class InboxView(msgspec.Struct, kw_only=True, frozen=True):
    """A page of an inbox."""

    items: tuple[NotificationView, ...]
    next: str | None
    unread: int


def _view(source: _Source) -> NotificationView:
    note, actors = source
    data = json.loads(note.data) if note.data else {}
    return NotificationView(
        id=str(note.id),
        position=str(note.position),
        type=note.type,
        actors=actors,
        count=note.count,
        item=None if note.item is None else ItemName(kind=note.item.kind, id=str(note.item.id)),
        title=str(data.get("title") or note.title),
        text=str(data.get("text") or note.excerpt),
        sensitive=note.sensitive,
        reaction=data.get("type") if note.type == "reacted" else None,
        read=note.read,
        created_at=rfc3339(note.created_at),
        updated_at=rfc3339(note.updated_at),
        url=f"/inbox/{note.id}",
    )


def address_of(note: Notification) -> str:
    """The address that whoever sent a notification gave it, or nothing."""
    return str(json.loads(note.data).get("url", "")) if note.data else ""


class Inboxes:
    """Shows inboxes."""

    def __init__(self, edge: Edge, people: People) -> None:
        self._edge = edge
        self._people = people
        self._views: Latest[_Source, NotificationView] = Latest(_view, VIEWS)
        self._encoded: Latest[_Source, bytes] = Latest(
            lambda source: msgspec.json.encode(_view(source)), LINES
        )

    async def page(self, cursor: str, limit: int, filter: str) -> InboxView:
        """A page of the caller's inbox."""
        page = await self._edge.notifications.list(cursor=cursor, limit=limit, filter=filter)
        items = await self.show(page.items)
        return InboxView(items=items, next=page.next or None, unread=page.unread)

    async def json(self, cursor: str, limit: int, filter: str) -> bytes:
        """The same as JSON, its lines encoded once for as long as they stay as they are."""
        page = await self._edge.notifications.list(cursor=cursor, limit=limit, filter=filter)
        encoded = self._encoded
        items = b",".join([encoded(source[0].id, source) for source in await self._sources(page.items)])
        following = b'"%d"' % int(page.next) if page.next else b"null"
        return b'{"items":[%b],"next":%b,"unread":%d}' % (items, following, page.unread)

    async def show(self, notes: Sequence[Notification]) -> tuple[NotificationView, ...]:
        """Lines with their people; those whose people are all gone are left out."""
        return tuple([self._views(source[0].id, source) for source in await self._sources(notes)])

    async def _sources(self, notes: Sequence[Notification]) -> list[_Source]:
        authors = await self._people.authors([actor for note in notes for actor in note.actor_ids])
        found = []
        for note in notes:
            actors = tuple([authors[actor] for actor in note.actor_ids if actor in authors])
            if actors or not note.actor_ids:
                found.append((note, actors))
        return found
