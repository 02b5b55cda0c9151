"""Reactions on any item: one per person and item, of a configured set of types.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

from samovar.contracts.common import ItemRef
from samovar.kernel.contract import Contract, Event, Message, Method, register_event
from samovar.kernel.errors import Invalid


class ReactRequest(Message, frozen=True, kw_only=True):
    """What Reactions.react takes."""

    item: ItemRef = ItemRef()
    type: str = ""


class SummariesRequest(Message, frozen=True, kw_only=True):
    """What Reactions.summaries takes."""

    kind: str = ""
    ids: tuple[int, ...] = ()


class Summary(Message, frozen=True, kw_only=True):
    """Summary."""

    id: int = 0
    counts: Mapping[str, int] = {}
    #: The caller's own reaction, or empty.
    own: str = ""


class SummaryList(Message, frozen=True, kw_only=True):
    """Summary list."""

    items: tuple[Summary, ...] = ()


class WhoRequest(Message, frozen=True, kw_only=True):
    """What Reactions.who takes."""

    item: ItemRef = ItemRef()
    type: str = ""
    cursor: str = ""
    limit: int = 0


class Reactor(Message, frozen=True, kw_only=True):
    """Reactor."""

    user_id: int = 0
    type: str = ""
    created_at: int = 0


class WhoPage(Message, frozen=True, kw_only=True):
    """Who page."""

    items: tuple[Reactor, ...] = ()
    next: str = ""


class TypesRequest(Message, frozen=True, kw_only=True):
    """What Reactions.types takes."""


class ReactionType(Message, frozen=True, kw_only=True):
    """Reaction type."""

    #: "like", "laugh", ...
    type: str = ""
    emoji: str = ""
    #: English name, also the translation key.
    label: str = ""


class TypeList(Message, frozen=True, kw_only=True):
    """Type list."""

    items: tuple[ReactionType, ...] = ()


@register_event
class ReactionAdded(Event, frozen=True, kw_only=True):
    """Reaction added."""

    TYPE: ClassVar[str] = "samovar.reactions.v1.ReactionAdded"
    KEY: ClassVar[str] = "item_id"

    kind: str = ""
    item_id: int = 0
    user_id: int = 0
    type: str = ""
    author_id: int = 0
    created_at: int = 0


@register_event
class ReactionRemoved(Event, frozen=True, kw_only=True):
    """Reaction removed."""

    TYPE: ClassVar[str] = "samovar.reactions.v1.ReactionRemoved"
    KEY: ClassVar[str] = "item_id"

    kind: str = ""
    item_id: int = 0
    user_id: int = 0
    type: str = ""


class UnknownReaction(Invalid):
    """There is no such reaction here."""

    code = "reactions.unknown_type"
    default_message = "There is no such reaction here."


class ReactionsApi(Protocol):
    """Reactions."""

    async def react(self, *, item: ItemRef, type: str) -> Summary:
        """React, instead of any earlier reaction of the caller to the item. NotFound when the caller may
        not see it.
        """
        ...

    async def unreact(self, *, item: ItemRef, type: str) -> Summary:
        """Take it back, if it is of that type."""
        ...

    async def summaries(self, *, kind: str, ids: Sequence[int] = ()) -> SummaryList:
        """Counts and the caller's own, one per id asked, in that order. At most 100. Does not check who
        may see.
        """
        ...

    async def who(self, *, item: ItemRef, type: str, cursor: str, limit: int) -> WhoPage:
        """Who reacted, newest first; all types when `type` is empty. NotFound when the caller may not see
        the item.
        """
        ...

    async def types(self) -> TypeList:
        """The configured types, in the order to show them."""
        ...


REACTIONS: Contract[ReactionsApi] = Contract(
    "samovar.reactions.v1.Reactions",
    methods=(
        Method("react", ReactRequest, Summary, idempotent=True),
        Method("unreact", ReactRequest, Summary, idempotent=True),
        Method("summaries", SummariesRequest, SummaryList, idempotent=True),
        Method("who", WhoRequest, WhoPage, idempotent=True),
        Method("types", TypesRequest, TypeList, idempotent=True),
    ),
    errors=(UnknownReaction,),
)
