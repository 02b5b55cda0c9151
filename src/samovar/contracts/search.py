"""Full text over every kind of content, people and tags; what somebody may like to see.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Sequence
from typing import Protocol

from samovar.contracts.common import ItemRef
from samovar.kernel.contract import Contract, Message, Method
from samovar.kernel.errors import Conflict, Invalid


class FindRequest(Message, frozen=True, kw_only=True):
    """What Search.find takes."""

    #: Words, "phrases", -exclusions, #tags and filters: kind:, from:, after:, before:, has:media, lang:.
    query: str = ""
    #: "person" or kinds of items; all kinds of items when empty. The text's own `kind:` narrows it.
    kinds: tuple[str, ...] = ()
    #: Newest first, instead of what fits best.
    newest: bool = False
    #: From the last page's `next`, or empty.
    cursor: str = ""
    limit: int = 0
    #: Pages of `limit` from 1, instead of a cursor; 0: by the cursor.
    page: int = 0
    #: Filters beside the text's own; empty and 0: none. Dates are days: 2026-03-31.
    #: `@name` or an id.
    author: str = ""
    after: str = ""
    before: str = ""
    has_media: bool = False
    language: str = ""


class Piece(Message, frozen=True, kw_only=True):
    """A part of a text; marked: asked for."""

    text: str = ""
    marked: bool = False


class Hit(Message, frozen=True, kw_only=True):
    """Hit."""

    kind: str = ""
    id: int = 0
    author_id: int = 0
    #: The part of the text around what was asked for; empty when the text has changed a moment ago.
    snippet: tuple[Piece, ...] = ()
    title: tuple[Piece, ...] = ()
    #: The words of the whole text that were asked for, as they stand there.
    words: tuple[str, ...] = ()


class HitPage(Message, frozen=True, kw_only=True):
    """Hit page."""

    items: tuple[Hit, ...] = ()
    next: str = ""


class TagsRequest(Message, frozen=True, kw_only=True):
    """What Search.tags takes."""

    query: str = ""
    limit: int = 0


class TagHit(Message, frozen=True, kw_only=True):
    """Tag hit."""

    tag: str = ""
    #: Items that everybody may see.
    items: int = 0


class TagPage(Message, frozen=True, kw_only=True):
    """Tag page."""

    items: tuple[TagHit, ...] = ()


class SuggestRequest(Message, frozen=True, kw_only=True):
    """What Search.suggest takes."""

    text: str = ""
    limit: int = 0


class Suggestion(Message, frozen=True, kw_only=True):
    """Suggestion."""

    #: "person", "tag" or "words".
    type: str = ""
    #: The tag, or the whole text with its last word finished.
    text: str = ""
    user_id: int = 0


class SuggestionList(Message, frozen=True, kw_only=True):
    """Suggestion list."""

    items: tuple[Suggestion, ...] = ()


class KindsRequest(Message, frozen=True, kw_only=True):
    """What Search.kinds takes."""


class KindList(Message, frozen=True, kw_only=True):
    """Kind list."""

    kinds: tuple[str, ...] = ()


class SaveRequest(Message, frozen=True, kw_only=True):
    """What Search.save takes."""

    query: str = ""
    #: Empty: everything.
    kind: str = ""
    newest: bool = False


class SavedSearch(Message, frozen=True, kw_only=True):
    """Saved search."""

    id: int = 0
    query: str = ""
    kind: str = ""
    newest: bool = False
    created_at: int = 0


class SavedRequest(Message, frozen=True, kw_only=True):
    """What Search.saved takes."""


class SavedList(Message, frozen=True, kw_only=True):
    """Saved list."""

    items: tuple[SavedSearch, ...] = ()


class ForgetRequest(Message, frozen=True, kw_only=True):
    """What Search.forget takes."""

    id: int = 0


class RecommendRequest(Message, frozen=True, kw_only=True):
    """What Search.recommend_people takes."""

    limit: int = 0


class RecommendedPerson(Message, frozen=True, kw_only=True):
    """Recommended person."""

    user_id: int = 0
    #: How many people that the caller follows follow them; 0 when that is not the reason.
    followed_by: int = 0
    #: A tag that both write about; empty when that is not the reason.
    tag: str = ""


class RecommendedPeople(Message, frozen=True, kw_only=True):
    """Recommended people."""

    items: tuple[RecommendedPerson, ...] = ()


class RecommendedItem(Message, frozen=True, kw_only=True):
    """Recommended item."""

    item: ItemRef = ItemRef()
    #: The tag of the caller's interest that it has.
    tag: str = ""


class RecommendedItems(Message, frozen=True, kw_only=True):
    """Recommended items."""

    items: tuple[RecommendedItem, ...] = ()


class RebuildRequest(Message, frozen=True, kw_only=True):
    """What Search.rebuild takes."""


class StateRequest(Message, frozen=True, kw_only=True):
    """What Search.state takes."""


class IndexState(Message, frozen=True, kw_only=True):
    """Index state."""

    #: Documents that can be found.
    documents: int = 0
    bytes: int = 0
    #: Changes that are yet to be taken in, and the age of the oldest in microseconds.
    waiting: int = 0
    oldest: int = 0
    #: True while the index is made anew; then how much of it is done, and of how many.
    rebuilding: bool = False
    done: int = 0
    total: int = 0
    #: When it was made anew last; 0: never.
    rebuilt_at: int = 0


class TooDeep(Invalid):
    """Search shows the first 1,000 results. Add a word or a filter to narrow it."""

    code = "search.too_deep"
    default_message = "Search shows the first 1,000 results. Add a word or a filter to narrow it."


class TooManySaved(Conflict):
    """You can keep at most 50 searches. Delete one first."""

    code = "search.too_many_saved"
    default_message = "You can keep at most 50 searches. Delete one first."


class SearchApi(Protocol):
    """Search."""

    async def find(
        self,
        *,
        query: str,
        kinds: Sequence[str] = (),
        newest: bool,
        cursor: str,
        limit: int,
        page: int,
        author: str,
        after: str,
        before: str,
        has_media: bool,
        language: str,
    ) -> HitPage:
        """Items and people that fit and that the caller may see, best first. What the text says is in the
        reference
        of the query language; what it can't mean is taken as words.
        """
        ...

    async def tags(self, *, query: str, limit: int) -> TagPage:
        """Tags that begin so, or are written nearly so, in items that everybody may see."""
        ...

    async def suggest(self, *, text: str, limit: int) -> SuggestionList:
        """What the text that is being typed may become: people, tags, words."""
        ...

    async def kinds(self) -> KindList:
        """The kinds of items that can be searched."""
        ...

    async def save(self, *, query: str, kind: str, newest: bool) -> SavedSearch:
        """Keep a search of the caller's; one that is kept already is answered as it is."""
        ...

    async def saved(self) -> SavedList:
        """The caller's searches, newest first."""
        ...

    async def forget(self, *, id: int) -> SavedSearch:
        """Keep one no more. NotFound when it is not the caller's."""
        ...

    async def recommend_people(self, *, limit: int) -> RecommendedPeople:
        """People whom the caller may want to follow, each with the reason."""
        ...

    async def recommend_items(self, *, limit: int) -> RecommendedItems:
        """Items about what the caller writes and likes, by people whom they don't follow yet, each with
        the reason.
        """
        ...

    async def rebuild(self) -> IndexState:
        """Make the index anew from the owners' data, beside the live one. Needs system.run. One that is
        under way is
        gone on with.
        """
        ...

    async def state(self) -> IndexState:
        """How the index stands. Needs system.see."""
        ...


SEARCH: Contract[SearchApi] = Contract(
    "samovar.search.v1.Search",
    methods=(
        Method("find", FindRequest, HitPage, idempotent=True),
        Method("tags", TagsRequest, TagPage, idempotent=True),
        Method("suggest", SuggestRequest, SuggestionList, idempotent=True),
        Method("kinds", KindsRequest, KindList, idempotent=True),
        Method("save", SaveRequest, SavedSearch, idempotent=True),
        Method("saved", SavedRequest, SavedList, idempotent=True),
        Method("forget", ForgetRequest, SavedSearch),
        Method("recommend_people", RecommendRequest, RecommendedPeople, idempotent=True),
        Method("recommend_items", RecommendRequest, RecommendedItems, idempotent=True),
        Method("rebuild", RebuildRequest, IndexState, idempotent=True),
        Method("state", StateRequest, IndexState, idempotent=True),
    ),
    errors=(
        TooDeep,
        TooManySaved,
    ),
)
