"""The contracts of search, over its use cases."""

from collections.abc import Sequence

from samovar.contracts import search
from samovar.contracts.common import Done, ItemRef
from samovar.contracts.search import HitPage, IndexState, Piece, SavedList, SavedSearch, TagHit, TagPage
from samovar.kernel.context import current_call
from samovar.services.search.domain.snippet import marked_words, snippet
from samovar.services.search.domain.values import Saved
from samovar.services.search.service import SearchService
from samovar.services.search.service.finding import Asked, Found


class SearchRpc:
    """samovar.search."""

    def __init__(self, service: SearchService) -> None:
        self._service = service

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
        asked = Asked(query, kinds, newest, cursor, limit, page, author, after, before, has_media, language)
        found, following = await self._service.finding.find(current_call(), asked)
        return HitPage(items=tuple(map(_hit, found)), next=following)

    async def tags(self, *, query: str, limit: int) -> TagPage:
        found = await self._service.suggesting.tags(query, limit)
        return TagPage(items=tuple(TagHit(tag=tag, items=number) for tag, number in found))

    async def suggest(self, *, text: str, limit: int) -> search.SuggestionList:
        found = await self._service.suggesting.suggest(current_call(), text, limit)
        return search.SuggestionList(
            items=tuple(search.Suggestion(type=one.sort, text=one.text, user_id=one.user_id) for one in found)
        )

    async def kinds(self) -> search.KindList:
        return search.KindList(kinds=self._service.kinds.items())

    async def save(self, *, query: str, kind: str, newest: bool) -> SavedSearch:
        return _saved(await self._service.saving.save(current_call(), query, kind, newest))

    async def saved(self) -> SavedList:
        return SavedList(items=tuple(map(_saved, await self._service.saving.saved(current_call()))))

    async def forget(self, *, id: int) -> SavedSearch:
        return _saved(await self._service.saving.forget(current_call(), id))

    async def recommend_people(self, *, limit: int) -> search.RecommendedPeople:
        found = await self._service.recommending.people(current_call(), limit)
        return search.RecommendedPeople(
            items=tuple(search.RecommendedPerson(**one._asdict()) for one in found)
        )

    async def recommend_items(self, *, limit: int) -> search.RecommendedItems:
        found = await self._service.recommending.items(current_call(), limit)
        return search.RecommendedItems(
            items=tuple(
                search.RecommendedItem(item=ItemRef(kind=one.kind, id=one.id), tag=one.tag) for one in found
            )
        )

    async def rebuild(self) -> IndexState:
        return IndexState(**(await self._service.building.ask(current_call()))._asdict())

    async def state(self) -> IndexState:
        return IndexState(**(await self._service.building.standing(current_call()))._asdict())


class PersonalRpc:
    """samovar.personal, for what search keeps."""

    def __init__(self, service: SearchService) -> None:
        self._service = service

    async def erase(self, *, user_id: int) -> Done:
        await self._service.hearing.erase(current_call(), user_id)
        return Done()


def _hit(found: Found) -> search.Hit:
    hit = found.hit
    if not found.fresh:
        return search.Hit(kind=hit.kind, id=hit.id, author_id=hit.author_id)
    return search.Hit(
        kind=hit.kind,
        id=hit.id,
        author_id=hit.author_id,
        snippet=tuple(Piece(text=text, marked=marked) for text, marked in snippet(hit.text)),
        title=tuple(Piece(text=text, marked=marked) for text, marked in hit.title),
        words=tuple(dict.fromkeys((*marked_words(hit.title), *marked_words(hit.text)))),
    )


def _saved(saved: Saved) -> SavedSearch:
    return SavedSearch(**saved._asdict())
