"""What a text that is being typed may become, and tags."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid
from samovar.kernel.fulltext import BEGINS, Ask, Clause
from samovar.kernel.kit import Kit
from samovar.kernel.paging import page_size
from samovar.services.search.domain.query import LONGEST, PERSON
from samovar.services.search.service.finding import Finding

#: Suggestions of each sort.
_EACH: Final = 4
_LAST: Final = re.compile(r"(?:^|(?<=[\s\"-]))([@#]?)([\w.]+)$")


class Suggestion(NamedTuple):
    """`sort` is "person", "tag" or "words"."""

    sort: str
    text: str
    user_id: int = 0


class Suggesting:
    """Suggestions."""

    def __init__(self, kit: Kit, finding: Finding) -> None:
        self._kit = kit
        self._finding = finding

    async def tags(self, text: str, limit: int) -> Sequence[tuple[str, int]]:
        """Tags that begin so."""
        if len(text) > LONGEST:
            raise Invalid(fields={"query": f"A search takes at most {LONGEST} characters."})
        tag = text.strip().lstrip("#").casefold()
        if not tag or not re.fullmatch(r"\w{1,100}", tag):
            return ()
        return await self._kit.fulltext.tags(tag, page_size(limit))

    async def suggest(self, call: Call, text: str, limit: int) -> list[Suggestion]:
        """People, tags and words for the last word of a text; nothing for what is too short or too long."""
        match = _LAST.search(text) if len(text) <= LONGEST else None
        if match is None or len(match[2]) < BEGINS:
            return []
        sign, word = match[1], match[2]
        found: list[Suggestion] = []
        if sign != "#":
            found += await self._people(call, word)
        if sign != "@":
            tags = await self._kit.fulltext.tags(word.casefold(), _EACH)
            found += [Suggestion("tag", tag) for tag, _ in tags if tag.startswith(word.casefold())]
        if not sign:
            before = text[: match.start(2)]
            words = await self._kit.fulltext.words(word, _EACH)
            found += [Suggestion("words", before + one) for one in words if one != word.casefold()]
        return found[: page_size(limit)]

    async def _people(self, call: Call, word: str) -> list[Suggestion]:
        ask = Ask(
            kinds=(PERSON,), viewer=await self._finding.viewer(call), clauses=(Clause(word, unfinished=True),)
        )
        hits = await self._finding.index(ask, 0, 2 * _EACH)
        shown = await self._finding.checked(call, hits)
        return [Suggestion("person", "", one.hit.id) for one in shown[:_EACH]]
