"""Finding: a question to the index, and each hit asked of its owner once more before it is shown."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from samovar.contracts.search import TooDeep
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid
from samovar.kernel.fulltext import Ask, Clause, Hit, Viewer
from samovar.kernel.ids import parse_id
from samovar.kernel.kit import Kit
from samovar.kernel.paging import page_size
from samovar.services.search.clients import MOST, Kinds, Ties
from samovar.services.search.domain import query as language
from samovar.services.search.domain.query import LONGEST, Parsed
from samovar.services.search.domain.values import DEEPEST
from samovar.services.search.service.heard import follows_key

#: Of whom one follows, so many count for what only followers find.
FOLLOWS: Final = 1000
#: Seconds for which these are kept; a new tie drops them.
_KEPT: Final = 60
#: How often a page is filled up when many of its hits may not be shown.
_ROUNDS: Final = 3


class Asked(NamedTuple):
    """A request for a page of hits."""

    query: str
    kinds: Sequence[str] = ()
    newest: bool = False
    cursor: str = ""
    limit: int = 0
    page: int = 0
    author: str = ""
    after: str = ""
    before: str = ""
    has_media: bool = False
    language: str = ""


class Found(NamedTuple):
    """A hit that the caller may see. `fresh`: its text is still the one that was found."""

    hit: Hit
    fresh: bool


class Finding:
    """Hits as a caller may see them."""

    def __init__(self, kit: Kit, kinds: Kinds, ties: Ties) -> None:
        self._kit = kit
        self._kinds = kinds
        self._ties = ties

    async def find(self, call: Call, asked: Asked) -> tuple[list[Found], str]:
        """A page of hits, and where the next one begins."""
        size = page_size(asked.limit)
        offset = _start(asked, size)
        wanted = self._understood(asked)
        kinds = self._chosen(asked.kinds, wanted)
        authors = await self._authors(call, wanted.author)
        if not kinds or authors == () or (wanted.wordless and not self._narrow(wanted)):
            return [], ""
        ask = await self._ask(call, wanted, kinds, authors, newest=asked.newest or wanted.wordless)
        found, following = list[Found](), ""
        for _ in range(_ROUNDS):
            want = min(size - len(found) + size // 5 + 1, MOST, DEEPEST - offset)
            hits = await self.index(ask, offset, want)
            shown = await self.checked(call, hits, named=bool(wanted.author))
            room = size - len(found)
            found += shown[:room]
            if len(shown) > room:
                last = shown[room - 1].hit if room else hits[0]
                offset += hits.index(last) + 1
                following = str(offset)
                break
            offset += len(hits)
            more = len(hits) == want and offset < DEEPEST
            following = str(offset) if more else ""
            if not more or len(found) >= size:
                break
        return found, following

    async def index(self, ask: Ask, offset: int, limit: int) -> Sequence[Hit]:
        """Hits as the index has them."""
        if limit <= 0:
            return ()
        return await self._kit.fulltext.find(msgspec.structs.replace(ask, offset=offset, limit=limit))

    async def viewer(self, call: Call) -> Viewer:
        """Who searches, and whom they follow."""
        if call.actor is None:
            return Viewer()
        key = follows_key(call.actor)
        follows: tuple[int, ...] | None = await self._kit.cache.get(key, tuple[int, ...])
        if follows is None:
            follows = await self._ties.follows(call.actor, FOLLOWS)
            await self._kit.cache.set(key, follows, _KEPT)
        return Viewer(call.actor, follows)

    async def checked(self, call: Call, hits: Sequence[Hit], *, named: bool = False) -> list[Found]:
        """Those that the caller may see now, in their order. Whom one mutes is left out unless `named`."""
        seen = await self._kinds.seen([(hit.kind, hit.id) for hit in hits])
        kept = [hit for hit in hits if (hit.kind, hit.id) in seen]
        apart = await self._apart(call, {hit.author_id for hit in kept}, named=named)
        return [
            Found(hit, seen[hit.kind, hit.id].version == hit.version)
            for hit in kept
            if hit.author_id not in apart
        ]

    async def _apart(self, call: Call, people: set[int], *, named: bool) -> set[int]:
        people.discard(call.actor or 0)
        if call.actor is None or not people:
            return set()
        relations = await self._ties.relations(people)
        return {
            user_id
            for user_id, relation in relations.items()
            if relation.blocking or relation.blocked_by or (relation.muting and not named)
        }

    def _understood(self, asked: Asked) -> Parsed:
        """The query with the filters beside it. Raises Invalid for what is too long, or no filter."""
        text, wrong = asked.query.replace("\0", " ").strip(), dict[str, str]()
        if len(text) > LONGEST:
            wrong["query"] = f"A search takes at most {LONGEST} characters."
        elif language.parts(text) > language.MOST:
            wrong["query"] = f"A search takes at most {language.MOST} words and filters."
        found = language.parsed(asked.query.replace("\0", " ").lstrip(), self._kinds.items())
        since, until = (language.day(day) if day else 0 for day in (asked.after, asked.before))
        if since is None:
            wrong["after"] = "Write a day as 2026-03-31."
        if until is None:
            wrong["before"] = "Write a day as 2026-03-31."
        if wrong:
            raise Invalid(fields=wrong)
        return found._replace(
            author=asked.author.strip()[:64] or found.author,
            since=since or found.since,
            until=until or found.until,
            has_media=asked.has_media or found.has_media,
            languages=(language.language(asked.language[:20]),) if asked.language else found.languages,
        )

    def _chosen(self, asked: Sequence[str], wanted: Parsed) -> tuple[str, ...]:
        known = self._kinds.all()
        kinds = tuple(kind for kind in asked if kind in known) if asked else self._kinds.items()
        if wanted.kinds is None:
            return kinds
        return tuple(kind for kind in wanted.kinds if kind in kinds)

    @staticmethod
    def _narrow(wanted: Parsed) -> bool:
        """Whether filters alone are a question."""
        return bool(wanted.author or wanted.has_media or wanted.since or wanted.until or wanted.languages)

    async def _authors(self, call: Call, name: str) -> tuple[int, ...] | None:
        """Whose documents: None for anybody's, nothing when there is no such person."""
        if not name:
            return None
        if name == "me" and call.actor is not None:
            return (call.actor,)
        number = parse_id(name)
        found = number if number is not None else await self._kinds.person(name.removeprefix("@"))
        return () if found is None else (found,)

    async def _ask(
        self,
        call: Call,
        wanted: Parsed,
        kinds: tuple[str, ...],
        authors: tuple[int, ...] | None,
        *,
        newest: bool,
    ) -> Ask:
        return Ask(
            kinds=kinds,
            viewer=await self.viewer(call),
            clauses=tuple(Clause(*term) for term in wanted.terms),
            tags=wanted.tags,
            without_tags=wanted.without_tags,
            authors=authors,
            languages=wanted.languages,
            has_media=wanted.has_media,
            since=wanted.since,
            until=wanted.until,
            newest=newest,
        )


def _start(asked: Asked, size: int) -> int:
    """Where a page begins. Raises Invalid for what is no cursor, TooDeep behind the last that is shown."""
    offset = max(0, asked.page - 1) * size
    if asked.cursor:
        if not asked.cursor.isascii() or not asked.cursor.isdecimal() or len(asked.cursor) > 6:
            raise Invalid(fields={"cursor": "This list can't be continued from there."})
        offset = int(asked.cursor)
    if offset >= DEEPEST:
        raise TooDeep(fields={"page" if asked.page else "cursor": TooDeep.default_message})
    return offset
