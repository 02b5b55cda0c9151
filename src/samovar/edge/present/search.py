"""What a search found, as it is shown: the items and people themselves, with what was asked for marked."""

from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Any, Final
from urllib.parse import quote

import msgspec
import regex

from samovar.contracts.feed import Entry, Page
from samovar.contracts.search import Hit, HitPage, Piece, RecommendedItem, RecommendedPerson, Suggestion
from samovar.edge.edge import Edge
from samovar.edge.present.people import Author, People, PersonView
from samovar.edge.present.posts import PostView
from samovar.edge.present.timelines import Timelines

PERSON: Final = "person"
#: A tag of HTML, a named letter, or a word.
_PARTS: Final = regex.compile(r"(<[^>]*>)|(&#?\w+;)|([\p{L}\p{N}\p{M}]+)")


class TagView(msgspec.Struct, kw_only=True, frozen=True):
    """A tag, and in how many items that everybody sees it stands."""

    tag: str
    items: int
    url: str


class TagListView(msgspec.Struct, kw_only=True, frozen=True):
    """Tags that fit."""

    items: tuple[TagView, ...]
    next: str | None = None


class PeopleFound(msgspec.Struct, kw_only=True, frozen=True):
    """People that fit; `highlights` has safe HTML by id, in which what was asked for stands in `<mark>`."""

    items: tuple[PersonView, ...]
    highlights: Mapping[str, str]
    next: str | None


class ItemsFound(msgspec.Struct, kw_only=True, frozen=True):
    """Items that fit; `highlights` has safe HTML by id, in which what was asked for stands in `<mark>`."""

    items: tuple[PostView, ...]
    highlights: Mapping[str, str]
    next: str | None


class SuggestionView(msgspec.Struct, kw_only=True, frozen=True):
    """What a text may become. `type` is "person", "tag" or "words"; `url` leads there."""

    type: str
    text: str
    url: str
    user: Author | None = None


class RecommendedPersonView(msgspec.Struct, kw_only=True, frozen=True):
    """Somebody to follow, and why: followed by so many of those one follows, or writing about a tag."""

    user: PersonView
    followed_by: int
    tag: str | None


class RecommendedItemView(msgspec.Struct, kw_only=True, frozen=True):
    """An item to see, because of a tag."""

    item: PostView
    tag: str


class Found:
    """Shows hits."""

    def __init__(self, edge: Edge, people: People, lists: Timelines) -> None:
        self._edge = edge
        self._people = people
        self._lists = lists

    async def people(self, page: HitPage) -> PeopleFound:
        """People in the order of the hits."""
        views = await self._people.show_ids([hit.id for hit in page.items])
        shown = {view.id for view in views}
        return PeopleFound(items=views, highlights=_highlights(page.items, shown), next=page.next or None)

    async def items(self, page: HitPage) -> ItemsFound:
        """Items of all kinds in the order of the hits."""
        views = await self._views([(hit.kind, hit.id) for hit in page.items])
        shown = {view.id for view in views}
        return ItemsFound(items=views, highlights=_highlights(page.items, shown), next=page.next or None)

    async def suggestions(self, found: Sequence[Suggestion]) -> list[SuggestionView]:
        """Suggestions with addresses."""
        authors = await self._people.authors([one.user_id for one in found if one.user_id])
        views = []
        for one in found:
            if one.type == "person":
                if (author := authors.get(one.user_id)) is not None:
                    views.append(
                        SuggestionView(type=one.type, text=author.display_name, url=author.url, user=author)
                    )
            elif one.type == "tag":
                views.append(
                    SuggestionView(type=one.type, text=one.text, url=f"/tags/{quote(one.text, safe='')}")
                )
            else:
                address = f"/search?q={quote(one.text, safe='')}"
                views.append(SuggestionView(type=one.type, text=one.text, url=address))
        return views

    async def recommended_people(self, found: Sequence[RecommendedPerson]) -> list[RecommendedPersonView]:
        """People with the reasons."""
        views = {view.id: view for view in await self._people.show_ids([one.user_id for one in found])}
        return [
            RecommendedPersonView(
                user=views[str(one.user_id)], followed_by=one.followed_by, tag=one.tag or None
            )
            for one in found
            if str(one.user_id) in views
        ]

    async def recommended_items(self, found: Sequence[RecommendedItem]) -> list[RecommendedItemView]:
        """Items with the reasons."""
        refs = [(one.item.kind, one.item.id) for one in found]
        views = {view.id: view for view in await self._views(refs)}
        return [
            RecommendedItemView(item=views[str(one.item.id)], tag=one.tag)
            for one in found
            if str(one.item.id) in views
        ]

    async def _views(self, refs: Sequence[tuple[str, int]]) -> tuple[PostView, ...]:
        entries = tuple(Entry(kind=kind, id=item_id) for kind, item_id in refs)
        return (await self._lists.show(Page(items=entries))).items


def _highlights(hits: Sequence[Hit], shown: Collection[str]) -> dict[str, str]:
    return {str(hit.id): html for hit in hits if str(hit.id) in shown and (html := pieces_html(hit.snippet))}


def pieces_html(pieces: Sequence[Piece]) -> str:
    """Safe HTML: everything is escaped, and marks are all that is not text."""
    return "".join(
        f"<mark>{escape(piece.text)}</mark>" if piece.marked else escape(piece.text) for piece in pieces
    )


def with_marks(html: str, words: Collection[str]) -> str:
    """Safe HTML with these words in marks. Only text between its tags is touched, and only around words, so
    that what was safe stays so."""
    wanted = frozenset(words)
    if not wanted:
        return html

    def mark(match: Any) -> str:
        word = match[3]
        return f"<mark>{word}</mark>" if word and word.casefold() in wanted else str(match[0])

    return str(_PARTS.sub(mark, html))
