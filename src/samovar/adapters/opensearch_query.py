"""Questions and documents in the words of OpenSearch."""

from collections.abc import Sequence
from typing import Any, Final

from samovar.adapters.words import plain_words, stems
from samovar.kernel.fulltext import BEGINS, FOLLOWERS, FORGIVES, LONGEST, PUBLIC, Ask, Clause, Entry, Viewer

Query = dict[str, Any]

#: A word as it was asked for weighs more than one that only begins so, and that more than a misspelt one.
_EXACT: Final = 20.0
_BEGUN: Final = 2.0
_NEAR: Final = 0.001
_TITLE: Final = 3.0

_WORD: Final = {"type": "text", "analyzer": "stems"}
_NAME: Final = {"type": "keyword"}
_NUMBER: Final = {"type": "long"}

#: Letters and digits are words, as everywhere else here; then as `adapters.words` does it.
INDEX: Final[Query] = {
    "settings": {
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",
        "refresh_interval": "-1",
        "analysis": {
            "char_filter": {"yo": {"type": "mapping", "mappings": ["ё => е", "Ё => Е"]}},
            "tokenizer": {"words": {"type": "pattern", "pattern": "[^\\p{IsAlphabetic}\\p{N}]+"}},
            "filter": {
                "short": {"type": "length", "max": 60},
                "russian": {"type": "stemmer", "language": "russian"},
                "english": {"type": "stemmer", "language": "english"},
            },
            "analyzer": {
                "plain": {
                    "tokenizer": "words", "char_filter": ["yo"],
                    "filter": ["short", "lowercase", "asciifolding"],
                },
                "stems": {
                    "tokenizer": "words", "char_filter": ["yo"],
                    "filter": ["short", "lowercase", "asciifolding", "russian", "english"],
                },
            },
        },
    },
    "mappings": {
        "dynamic": "strict",
        "properties": {
            "kind": _NAME, "id": _NUMBER, "version": {"type": "long", "index": False}, "author": _NUMBER,
            "scope": _NAME, "owner": _NUMBER, "people": _NUMBER, "title": _WORD, "text": _WORD,
            "words": {"type": "text", "analyzer": "plain", "index_options": "docs", "norms": False,
                      "fielddata": True},
            "handle": _NAME, "language": _NAME, "tags": _NAME, "media": {"type": "boolean"},
            "created": _NUMBER,
        },
    },
}  # fmt: skip

OPEN: Final[Query] = {"term": {"scope": PUBLIC}}


def document(entry: Entry) -> dict[str, Any]:
    """A document as it is stored. `words` is for beginnings and wrong letters, and is not kept as text."""
    title, text = entry.title[:LONGEST], entry.text[:LONGEST]
    return {
        "kind": entry.kind, "id": entry.id, "version": entry.version, "author": entry.author_id,
        "scope": entry.scope, "owner": entry.owner_id, "people": list(entry.people), "title": title,
        "text": text, "words": f"{title} {text}", "handle": entry.handle.casefold(),
        "language": entry.language, "tags": list(entry.tags), "media": entry.has_media,
        "created": entry.created_at,
    }  # fmt: skip


def query(ask: Ask, *, forgiving: bool) -> Query:
    """The query for a question; `forgiving` lets words have one wrong letter."""
    filters: list[Query] = [{"terms": {"kind": list(ask.kinds)}}, *_filters(ask), _for(ask.viewer)]
    filters += [{"term": {"tags": tag}} for tag in ask.tags]
    without = [_whole(clause) for clause in ask.clauses if clause.excluded]
    without += [{"term": {"tags": tag}} for tag in ask.without_tags]
    must = [_clause(clause, forgiving) for clause in ask.clauses if not clause.excluded]
    if ask.any_tags:
        must.append({"bool": {"should": [{"term": {"tags": tag}} for tag in ask.any_tags]}})
    return {"bool": {"must": must, "filter": filters, "must_not": without}}


def _filters(ask: Ask) -> list[Query]:
    found: list[Query] = []
    if ask.authors is not None:
        found.append({"terms": {"author": list(ask.authors)}})
    if ask.languages:
        found.append({"terms": {"language": list(ask.languages)}})
    if ask.has_media:
        found.append({"term": {"media": True}})
    if ask.since:
        found.append({"range": {"created": {"gte": ask.since}}})
    if ask.until:
        found.append({"range": {"created": {"lt": ask.until}}})
    return found


def _for(viewer: Viewer) -> Query:
    if viewer.id is None:
        return OPEN
    near: list[Query] = [OPEN, {"term": {"owner": viewer.id}}, {"term": {"people": viewer.id}}]
    if viewer.follows:
        followed = {"terms": {"owner": list(viewer.follows)}}
        near.append({"bool": {"filter": [{"term": {"scope": FOLLOWERS}}, followed]}})
    return _any(near)


def _clause(clause: Clause, forgiving: bool) -> Query:
    words = plain_words(clause.text)
    if not words:
        return {"match_none": {}}
    exact = _whole(clause)
    if clause.phrase or len(words) > 1:
        return exact
    word, root = words[0], stems(clause.text)[0]
    parts = [exact]
    if clause.unfinished and len(word) >= BEGINS:
        parts.append({"prefix": {"words": {"value": word, "boost": _BEGUN}}})
    if not forgiving:
        return _any(parts)
    parts.append({"constant_score": {"filter": exact, "boost": _EXACT}})
    if len(word) >= FORGIVES:
        parts.append(_near("words", word))
        if len(root) >= FORGIVES:
            parts += [_near("text", root), _near("title", root)]
    return _any(parts)


def _whole(clause: Clause) -> Query:
    """The words of a clause as they are, beside each other."""
    if not stems(clause.text):
        return {"match_none": {}}
    found: list[Query] = [
        {"match_phrase": {"title": {"query": clause.text, "boost": _TITLE}}},
        {"match_phrase": {"text": {"query": clause.text}}},
    ]
    handle = "".join(clause.text.casefold().split())
    if not clause.phrase and handle:
        found.append({"term": {"handle": {"value": handle, "boost": _TITLE * 2}}})
    return _any(found)


def _near(field: str, word: str) -> Query:
    fuzzy = {"fuzzy": {field: {"value": word, "fuzziness": 1, "max_expansions": 100}}}
    return {"constant_score": {"filter": fuzzy, "boost": _NEAR}}


def _any(queries: Sequence[Query]) -> Query:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}
