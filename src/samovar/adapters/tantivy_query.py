"""Questions to the index in the words of tantivy."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

import tantivy
from tantivy import Occur, Query

from samovar.adapters.words import plain_words, stems
from samovar.kernel.fulltext import BEGINS, FORGIVES, Ask, Clause, Viewer

#: A word as it was asked for weighs more than one that only begins so, and that more than a misspelt one.
_EXACT: Final = 20.0
_BEGUN: Final = 2.0
_NEAR: Final = 0.001
_TITLE: Final = 3.0
_MUST, _MAY, _NOT = Occur.Must, Occur.Should, Occur.MustNot


class Questions:
    """Makes queries for one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def query(self, ask: Ask, *, forgiving: Collection[Clause] = ()) -> Query:
        """The query for a question; `forgiving` clauses may have one wrong letter."""
        parts = [(_MUST, _silent(self._one_of("kind", ask.kinds)))]
        parts += [
            (_MUST, self._clause(clause, clause in forgiving))
            for clause in ask.clauses
            if not clause.excluded
        ]
        parts += [(_NOT, self._whole(clause)) for clause in ask.clauses if clause.excluded]
        parts += [(_MUST, _silent(self._term("tags", tag))) for tag in ask.tags]
        parts += [(_NOT, self._term("tags", tag)) for tag in ask.without_tags]
        if ask.any_tags:
            parts.append((_MUST, _any([self._term("tags", tag) for tag in ask.any_tags])))
        parts += [(_MUST, _silent(query)) for query in self._filters(ask)]
        parts.append(self._for(ask.viewer))
        return Query.boolean_query(parts)

    def in_public(self) -> Query:
        """Documents that everybody finds."""
        return self._term("open", "yes")

    def tagged(self, tag: str) -> Query:
        """Documents that everybody finds with a tag."""
        return Query.boolean_query([(_MUST, self._term("tags", tag)), (_MUST, self.in_public())])

    def near_tag(self, tag: str) -> Query:
        """Documents that everybody finds with a tag that has one wrong letter."""
        near = Query.fuzzy_term_query(self._schema, "tags", tag, 1)
        return Query.boolean_query([(_MUST, near), (_MUST, self.in_public())])

    def _filters(self, ask: Ask) -> list[Query]:
        found = []
        if ask.authors is not None:
            found.append(Query.term_set_query(self._schema, "author", list(ask.authors)))
        if ask.languages:
            found.append(self._one_of("language", ask.languages))
        if ask.has_media:
            found.append(self._number("media", 1))
        if ask.since or ask.until:
            found.append(
                Query.range_query(
                    self._schema, "created", tantivy.FieldType.Integer, lower_bound=ask.since,
                    upper_bound=ask.until or (1 << 62), include_lower=True, include_upper=False,
                )
            )  # fmt: skip
        return found

    def _for(self, viewer: Viewer) -> tuple[Occur, Query]:
        """What the viewer may find. For members it is said by what they may not: nearly all documents are
        open, and a union with them would be walked through whole."""
        if viewer.id is None:
            return _MUST, _silent(self.in_public())
        closed = [(_MUST, self._term("open", "no"))]
        closed += [(_NOT, self._number(field, viewer.id)) for field in ("owner", "people")]
        if viewer.follows:
            followed = Query.term_set_query(self._schema, "circle", list(viewer.follows))
            closed.append((_NOT, followed))
        return _NOT, Query.boolean_query(closed)

    def _clause(self, clause: Clause, forgiving: bool) -> Query:
        words = plain_words(clause.text)
        if not words:
            return Query.empty_query()
        exact = self._whole(clause)
        if clause.phrase or len(words) > 1:
            return exact
        word, root = words[0], stems(clause.text)[0]
        parts = [exact]
        if clause.unfinished and len(word) >= BEGINS:
            begun = Query.fuzzy_term_query(self._schema, "words", word, 0, prefix=True)
            parts.append(Query.const_score_query(begun, _BEGUN))
        if not forgiving:
            return _any(parts) if len(parts) > 1 else exact
        # The wholly right come first, however frequent the word is.
        parts[0] = _any([exact, Query.const_score_query(exact, _EXACT)])
        if len(word) >= FORGIVES:
            parts.append(self._near("words", word))
            if len(root) >= FORGIVES:
                parts += [self._near("text", root), self._near("title", root)]
        return _any(parts)

    def _whole(self, clause: Clause) -> Query:
        """The words of a clause as they are, beside each other."""
        roots = stems(clause.text)
        if not roots:
            return Query.empty_query()
        query: Callable[[str], Query]
        if len(roots) == 1:

            def query(field: str) -> Query:
                return Query.term_query(self._schema, field, roots[0], "freq")
        else:

            def query(field: str) -> Query:
                return Query.phrase_query(self._schema, field, list(roots))

        found = [Query.boost_query(query("title"), _TITLE), query("text")]
        handle = "".join(clause.text.casefold().split())
        if not clause.phrase and handle:
            found.append(Query.const_score_query(self._term("handle", handle), _TITLE * 2))
        return _any(found)

    def _near(self, field: str, word: str) -> Query:
        return Query.const_score_query(Query.fuzzy_term_query(self._schema, field, word, 1), _NEAR)

    def _one_of(self, field: str, values: Sequence[str]) -> Query:
        if len(values) == 1:
            return self._term(field, values[0])
        return Query.term_set_query(self._schema, field, list(values))

    def _term(self, field: str, value: str) -> Query:
        return Query.term_query(self._schema, field, value, "basic")

    def _number(self, field: str, value: int) -> Query:
        return Query.term_query(self._schema, field, value, "basic")


def _any(queries: Sequence[Query]) -> Query:
    return Query.boolean_query([(_MAY, query) for query in queries])


def _silent(query: Query) -> Query:
    """It decides, but does not weigh."""
    return Query.const_score_query(query, 0.0)
