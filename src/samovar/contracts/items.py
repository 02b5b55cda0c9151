"""What every kind of content serves and publishes, so that feed, reactions, search, reports and
pages know kinds only through this.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from samovar.contracts.common import Audience, Done, ItemRef
from samovar.kernel.contract import Contract, Event, Message, Method, register_event


class GetManyRequest(Message, frozen=True, kw_only=True):
    """What Items.get_many takes."""

    ids: tuple[int, ...] = ()


class Card(Message, frozen=True, kw_only=True):
    """An item as lists, searches and notifications show it."""

    kind: str = ""
    id: int = 0
    author_id: int = 0
    audience: Audience = Audience()
    #: Empty for kinds without titles.
    title: str = ""
    #: Plain text, at most 500 characters.
    summary: str = ""
    language: str = ""
    #: True behind a content warning.
    sensitive: bool = False
    #: Microseconds since 1970 UTC.
    created_at: int = 0
    tags: tuple[str, ...] = ()
    #: Grows with each change.
    version: int = 0
    #: Moderators hid it: only they and its author still see it.
    hidden: bool = False


class CardList(Message, frozen=True, kw_only=True):
    """Card list."""

    items: tuple[Card, ...] = ()


class DocumentsRequest(Message, frozen=True, kw_only=True):
    """What Items.documents takes."""

    #: These, whatever else is asked for. At most 500; those that are gone are left out.
    ids: tuple[int, ...] = ()
    #: Without ids: those after this id, in the order of their ids.
    after: int = 0
    #: At most 500.
    limit: int = 0


class Document(Message, frozen=True, kw_only=True):
    """An item with all its text."""

    id: int = 0
    author_id: int = 0
    audience: Audience = Audience()
    #: Empty for kinds without titles.
    title: str = ""
    #: Plain text.
    text: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    has_media: bool = False
    #: Hidden by moderators: not to be found.
    hidden: bool = False
    created_at: int = 0
    version: int = 0


class DocumentList(Message, frozen=True, kw_only=True):
    """Document list."""

    items: tuple[Document, ...] = ()
    #: How many there are; only when asked from the beginning.
    total: int = 0


class SetHiddenRequest(Message, frozen=True, kw_only=True):
    """What Items.set_hidden takes."""

    id: int = 0
    hidden: bool = False


@register_event
class ItemCreated(Event, frozen=True, kw_only=True):
    """Something new that lists may show."""

    TYPE: ClassVar[str] = "samovar.items.v1.ItemCreated"
    KEY: ClassVar[str] = "id"

    kind: str = ""
    id: int = 0
    author_id: int = 0
    audience: Audience = Audience()
    created_at: int = 0
    #: Lower-case tags without the hash sign.
    tags: tuple[str, ...] = ()
    #: The item this one answers, if any, and its author.
    in_reply_to: ItemRef | None = None
    in_reply_to_author_id: int = 0
    language: str = ""
    #: Files that stand in it.
    media_ids: tuple[int, ...] = ()


@register_event
class ItemChanged(Event, frozen=True, kw_only=True):
    """Its text, audience, tags, files or visibility by moderators changed."""

    TYPE: ClassVar[str] = "samovar.items.v1.ItemChanged"
    KEY: ClassVar[str] = "id"

    kind: str = ""
    id: int = 0
    author_id: int = 0
    audience: Audience = Audience()
    tags: tuple[str, ...] = ()
    hidden: bool = False
    #: Files that stand in it, and those that stand in it no more since this change.
    media_ids: tuple[int, ...] = ()
    freed_media_ids: tuple[int, ...] = ()


@register_event
class ItemRemoved(Event, frozen=True, kw_only=True):
    """It is gone for good."""

    TYPE: ClassVar[str] = "samovar.items.v1.ItemRemoved"
    KEY: ClassVar[str] = "id"

    kind: str = ""
    id: int = 0
    author_id: int = 0


@register_event
class ItemShared(Event, frozen=True, kw_only=True):
    """Somebody showed it to their followers (a repost)."""

    TYPE: ClassVar[str] = "samovar.items.v1.ItemShared"
    KEY: ClassVar[str] = "share_id"

    #: Id of the act of sharing; orders it in lists.
    share_id: int = 0
    kind: str = ""
    id: int = 0
    author_id: int = 0
    by_id: int = 0
    created_at: int = 0


@register_event
class ItemUnshared(Event, frozen=True, kw_only=True):
    """They took that back."""

    TYPE: ClassVar[str] = "samovar.items.v1.ItemUnshared"
    KEY: ClassVar[str] = "share_id"

    share_id: int = 0
    kind: str = ""
    id: int = 0
    by_id: int = 0


class ItemsApi(Protocol):
    """Served once per kind, under the kind's name as instance."""

    async def get_many(self, *, ids: Sequence[int] = ()) -> CardList:
        """Cards of those among the ids that the caller may see; the others are left out. At most 100 ids."""
        ...

    async def documents(self, *, ids: Sequence[int] = (), after: int, limit: int) -> DocumentList:
        """Items as search keeps them, whoever may see them, for the system only."""
        ...

    async def set_hidden(self, *, id: int, hidden: bool) -> Done:
        """Hide an item by a moderator's decision, or show it again."""
        ...


ITEMS: Contract[ItemsApi] = Contract(
    "samovar.items.v1.Items",
    methods=(
        Method("get_many", GetManyRequest, CardList, idempotent=True),
        Method("documents", DocumentsRequest, DocumentList, idempotent=True),
        Method("set_hidden", SetHiddenRequest, Done, idempotent=True),
    ),
    errors=(),
)
