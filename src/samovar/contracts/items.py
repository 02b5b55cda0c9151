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
    #: It waits to be approved: its author is told so.
    held: bool | None = None


class SetSensitiveRequest(Message, frozen=True, kw_only=True):
    """What Items.set_sensitive takes."""

    id: int = 0
    sensitive: bool = False


class RemoveRequest(Message, frozen=True, kw_only=True):
    """What Items.remove takes."""

    id: int = 0


class ExamineRequest(Message, frozen=True, kw_only=True):
    """What Items.examine takes."""

    ids: tuple[int, ...] = ()


class LatestRequest(Message, frozen=True, kw_only=True):
    """What Items.latest takes."""

    #: Of this person alone, or 0.
    author_id: int = 0
    #: Only those that are hidden.
    hidden: bool = False
    cursor: str = ""
    limit: int = 0


class Exhibit(Message, frozen=True, kw_only=True):
    """An item as moderators examine it."""

    kind: str = ""
    id: int = 0
    author_id: int = 0
    audience: Audience = Audience()
    title: str = ""
    #: Plain text, whole.
    text: str = ""
    content_warning: str = ""
    language: str = ""
    media_ids: tuple[int, ...] = ()
    #: Microseconds since 1970 UTC; 0 when never edited.
    created_at: int = 0
    edited_at: int = 0
    hidden: bool = False
    #: Hidden until a moderator has looked at it.
    held: bool = False
    #: Behind a warning by a decision.
    sensitive: bool = False
    version: int = 0


class ExhibitList(Message, frozen=True, kw_only=True):
    """Exhibit list."""

    items: tuple[Exhibit, ...] = ()


class ExhibitPage(Message, frozen=True, kw_only=True):
    """Exhibit page."""

    items: tuple[Exhibit, ...] = ()
    next: str = ""


class AuthoredRequest(Message, frozen=True, kw_only=True):
    """What Items.authored takes."""

    author_ids: tuple[int, ...] = ()


class Authored(Message, frozen=True, kw_only=True):
    """Authored."""

    author_id: int = 0
    items: int = 0


class AuthoredList(Message, frozen=True, kw_only=True):
    """Authored list."""

    items: tuple[Authored, ...] = ()


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


@register_event
class ItemJudged(Event, frozen=True, kw_only=True):
    """What the community's rules said of an item when it was written or edited; sent when they said
    anything, and
    when nobody answered, so that it is judged afterwards.
    """

    TYPE: ClassVar[str] = "samovar.items.v1.ItemJudged"
    KEY: ClassVar[str] = "id"

    kind: str = ""
    id: int = 0
    author_id: int = 0
    #: "queue", "sensitive", "hide" or "hold"; "unjudged" when nobody answered.
    verdict: str = ""
    #: The rules that said so.
    rule_ids: tuple[int, ...] = ()


class ItemsApi(Protocol):
    """Served once per kind, under the kind's name as instance."""

    async def get_many(self, *, ids: Sequence[int] = ()) -> CardList:
        """Cards of those among the ids that the caller may see; the others are left out. At most 100 ids."""
        ...

    async def documents(self, *, ids: Sequence[int] = (), after: int, limit: int) -> DocumentList:
        """Items as search keeps them, whoever may see them, for the system only."""
        ...

    async def set_hidden(self, *, id: int, hidden: bool, held: bool | None = None) -> Done:
        """Hide an item by a moderator's decision, or show it again."""
        ...

    async def set_sensitive(self, *, id: int, sensitive: bool) -> Done:
        """Put an item behind a warning by a moderator's decision, or no longer."""
        ...

    async def remove(self, *, id: int) -> Done:
        """A moderator's deletion: for good. Harmless when it is gone."""
        ...

    async def examine(self, *, ids: Sequence[int] = ()) -> ExhibitList:
        """For moderators: items as they are, whoever may see them, hidden ones too. Gone ones are left
        out. At most 100.
        """
        ...

    async def latest(self, *, author_id: int, hidden: bool, cursor: str, limit: int) -> ExhibitPage:
        """For moderators: the newest items of everybody, or of one person, hidden ones too."""
        ...

    async def authored(self, *, author_ids: Sequence[int] = ()) -> AuthoredList:
        """For services: how many items people have made. One answer per id asked. At most 100."""
        ...


ITEMS: Contract[ItemsApi] = Contract(
    "samovar.items.v1.Items",
    methods=(
        Method("get_many", GetManyRequest, CardList, idempotent=True),
        Method("documents", DocumentsRequest, DocumentList, idempotent=True),
        Method("set_hidden", SetHiddenRequest, Done, idempotent=True),
        Method("set_sensitive", SetSensitiveRequest, Done, idempotent=True),
        Method("remove", RemoveRequest, Done, idempotent=True),
        Method("examine", ExamineRequest, ExhibitList, idempotent=True),
        Method("latest", LatestRequest, ExhibitPage, idempotent=True),
        Method("authored", AuthoredRequest, AuthoredList, idempotent=True),
    ),
    errors=(),
)
