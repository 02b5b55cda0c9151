"""What each person is told while it happens: a numbered log each, and signals that wake the edges.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Sequence
from typing import Protocol

from samovar.contracts.common import Done, ItemRef
from samovar.kernel.contract import Contract, Message, Method


class AppendRequest(Message, frozen=True, kw_only=True):
    """What Realtime.append takes."""

    user_ids: tuple[int, ...] = ()
    #: "home", "answer", "inbox", ...
    type: str = ""
    #: JSON: ids and counts, never content. At most 1000 characters.
    data: str = ""


class ListenRequest(Message, frozen=True, kw_only=True):
    """What Realtime.listen takes."""


class Position(Message, frozen=True, kw_only=True):
    """Position."""

    user_id: int = 0
    number: int = 0


class ListeningRequest(Message, frozen=True, kw_only=True):
    """What Realtime.listening takes."""

    user_ids: tuple[int, ...] = ()


class PositionList(Message, frozen=True, kw_only=True):
    """Position list."""

    items: tuple[Position, ...] = ()


class SinceRequest(Message, frozen=True, kw_only=True):
    """What Realtime.since takes."""

    after: int = 0
    limit: int = 0


class Entry(Message, frozen=True, kw_only=True):
    """Entry."""

    #: Consecutive for each person.
    number: int = 0
    type: str = ""
    #: JSON: ids and counts, never content.
    data: str = ""


class EntryList(Message, frozen=True, kw_only=True):
    """Entry list."""

    items: tuple[Entry, ...] = ()
    gap: bool = False
    #: Of the latest event there is.
    number: int = 0


class FollowersAmongRequest(Message, frozen=True, kw_only=True):
    """What Realtime.followers_among takes."""

    followee_id: int = 0
    user_ids: tuple[int, ...] = ()


class PeopleList(Message, frozen=True, kw_only=True):
    """People list."""

    user_ids: tuple[int, ...] = ()


class PlaceRequest(Message, frozen=True, kw_only=True):
    """What Realtime.touch takes."""

    item: ItemRef = ItemRef()


class Present(Message, frozen=True, kw_only=True):
    """Present."""

    #: Some of them, at most 50.
    user_ids: tuple[int, ...] = ()
    count: int = 0


class Told(Message, frozen=True, kw_only=True):
    """An event with its number in the log of each person."""

    type: str = ""
    data: str = ""
    numbers: tuple[Position, ...] = ()


class ItemNews(Message, frozen=True, kw_only=True):
    """Something about an item, not numbered."""

    #: "created", "shared", "reply", "counts", "changed", "removed".
    what: str = ""
    kind: str = ""
    id: int = 0
    #: Who made or shared it.
    by_id: int = 0
    #: For a reply: the item that it answers.
    to: ItemRef | None = None
    #: Everybody may find it in public lists.
    public: bool = False
    #: So many follow who brought it that edges find out themselves whom to tell.
    wide: bool = False


class Signal(Message, frozen=True, kw_only=True):
    """What edges are woken by, as JSON on the pub/sub channel "realtime". May get lost: the log is the
    truth.
    """

    told: tuple[Told, ...] = ()
    items: tuple[ItemNews, ...] = ()
    #: People whose relations changed: what they listen to is checked anew.
    check: tuple[int, ...] = ()


class RealtimeApi(Protocol):
    """Realtime."""

    async def append(self, *, user_ids: Sequence[int] = (), type: str, data: str) -> Done:
        """For services: tell these people something, at most 1000 at once. Only who listens is told; the
        others have
        nothing to go on from. NotFound for anybody but the system.
        """
        ...

    async def listen(self) -> Position:
        """The caller is here: keeps their log from now on, and answers the number of the latest event."""
        ...

    async def listening(self, *, user_ids: Sequence[int] = ()) -> PositionList:
        """For edges: these people, at most 500, are connected. Answers the number of the latest event of
        each.
        NotFound for anybody but the system.
        """
        ...

    async def since(self, *, after: int, limit: int) -> EntryList:
        """The caller's events after a number, oldest first, at most 200. Says `gap` when some are not kept
        any more or
        the number was never given: then what is shown has to be read anew, and `number` goes on from
        there.
        """
        ...

    async def followers_among(self, *, followee_id: int, user_ids: Sequence[int] = ()) -> PeopleList:
        """For edges: who of these people, at most 500, follows somebody. NotFound for anybody but the
        system.
        """
        ...

    async def touch(self, *, item: ItemRef) -> Done:
        """The caller is at an item now. NotFound when they may not see it."""
        ...

    async def leave(self, *, item: ItemRef) -> Done:
        """The caller has left an item."""
        ...

    async def who(self, *, item: ItemRef) -> Present:
        """Who is at an item now, as far as the caller may know. NotFound when they may not see it."""
        ...


REALTIME: Contract[RealtimeApi] = Contract(
    "samovar.realtime.v1.Realtime",
    methods=(
        Method("append", AppendRequest, Done),
        Method("listen", ListenRequest, Position, idempotent=True),
        Method("listening", ListeningRequest, PositionList, idempotent=True),
        Method("since", SinceRequest, EntryList, idempotent=True),
        Method("followers_among", FollowersAmongRequest, PeopleList, idempotent=True),
        Method("touch", PlaceRequest, Done, idempotent=True),
        Method("leave", PlaceRequest, Done, idempotent=True),
        Method("who", PlaceRequest, Present, idempotent=True),
    ),
    errors=(),
)
