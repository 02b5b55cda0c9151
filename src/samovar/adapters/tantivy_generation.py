"""One generation of the embedded index: a folder (or the process's memory) that tantivy writes and reads.

Everything here blocks: `tantivy_index` calls it from threads.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import tantivy

from samovar.adapters.tantivy_query import Questions
from samovar.adapters.words import Marker, analyzers, folded, in_order, one_apart, plain_words, stems
from samovar.kernel.fulltext import (
    FOLLOWERS,
    FORGIVES,
    FREQUENT,
    LONGEST,
    PUBLIC,
    Ask,
    Clause,
    Entry,
    Hit,
    Key,
)

#: What tantivy's writer takes at least, and what makes few large segments of very many documents.
_HEAP: Final = 15_000_000
_LARGE_HEAP: Final = 50_000_000
#: Seconds without writing after which the writer and its memory go.
_REST: Final = 10.0
#: Documents in which a misspelt tag is looked for.
_TAGGED: Final = 100


class Generation:
    """Reads at any time; opened for writing at the first write only, since one process may write."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        schema = _schema()
        if folder is None:
            self._index = tantivy.Index(schema)
        else:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._index = tantivy.Index(schema, str(folder))
        self._index.register_tokenizer("stems", analyzers().stems)
        self._index.register_tokenizer("plain", analyzers().plain)
        self._index.config_reader("manual")
        self._index.reload()
        self._searcher = self._index.searcher()
        self._ask = Questions(schema)
        self._writer: tantivy.IndexWriter | None = None
        self._written = 0.0

    def write(self, put: Sequence[Entry], removed: Sequence[Key], *, fresh: bool) -> None:
        """Durable and found once this returns."""
        if self._writer is None:
            self._writer = self._index.writer(_LARGE_HEAP if fresh else _HEAP, 1)
        writer = self._writer
        try:
            for gone in removed:
                writer.delete_documents_by_term("key", f"{gone.kind}:{gone.id}")
            for entry in put:
                if not fresh:
                    writer.delete_documents_by_term("key", f"{entry.kind}:{entry.id}")
                writer.add_document(_document(entry))
            writer.commit()
        except BaseException:
            self._writer = None
            raise
        self._index.reload()
        self._searcher = self._index.searcher()
        self._written = time.monotonic()

    def rest(self, *, at_once: bool = False) -> None:
        """Let the writer go once nothing was written for some seconds."""
        if self._writer is not None and (at_once or time.monotonic() - self._written > _REST):
            writer, self._writer = self._writer, None
            writer.wait_merging_threads()
            self._index.reload()
            self._searcher = self._index.searcher()

    def find(self, ask: Ask) -> list[Hit]:
        """Words as they are; those with a wrong letter behind them when there are not enough."""
        searcher, order = self._searcher, "id" if ask.newest else None
        forgives = [clause for clause in ask.clauses if self._may_be_wrong(clause)]
        found: list[tuple[Any, tantivy.DocAddress]] = []
        for forgiving in ((), forgives) if forgives else ((),):
            query = self._ask.query(ask, forgiving=forgiving)
            found = searcher.search(query, ask.limit, False, order, ask.offset).hits
            if len(found) >= ask.limit or (ask.newest and (found or ask.offset)):
                break
        marker = Marker(ask.clauses, ask.tags)
        return [_hit(searcher.doc(address), marker) for _, address in found]

    def _may_be_wrong(self, clause: Clause) -> bool:
        """Whether a word may be misspelt: long enough, and in few documents as it is."""
        if clause.phrase or clause.excluded or len(clause.text) < FORGIVES:
            return False
        roots = stems(clause.text)
        if len(roots) != 1:
            return False
        number = sum(self._searcher.doc_freq(field, roots[0]) for field in ("text", "title"))
        return number < FREQUENT

    def tags(self, text: str, limit: int) -> list[tuple[str, int]]:
        searcher, public = self._searcher, self._ask.in_public()
        counts = dict(searcher.terms_with_prefix("tags", text, public, limit))
        if text not in counts and (number := self._number_of(text)):
            counts[text] = number
        if len(text) >= FORGIVES and len(counts) < limit:
            hits = searcher.search(self._ask.near_tag(text), _TAGGED, False).hits
            for _, address in hits:
                for tag in searcher.doc(address).get_all("tags"):
                    if tag not in counts and one_apart(tag, text):
                        counts[tag] = self._number_of(tag)
        return in_order(text, counts)[:limit]

    def _number_of(self, tag: str) -> int:
        """In how many documents that everybody finds a tag stands."""
        # Its own stub does not know of `count`.
        found: Any = self._searcher.search(self._ask.tagged(tag), 1, True)
        return int(found.count)

    def words(self, beginning: str, limit: int) -> list[str]:
        typed = plain_words(beginning)
        if not typed:
            return []
        found = self._searcher.terms_with_prefix("words", typed[-1], self._ask.in_public(), limit)
        return [word for word, _ in found]

    def documents(self) -> int:
        return self._searcher.num_docs


def _schema() -> tantivy.Schema:
    make = tantivy.SchemaBuilder()
    make.add_text_field("key", tokenizer_name="raw", index_option="basic", stored=True)
    for name in ("kind", "open", "language", "handle"):
        make.add_text_field(name, tokenizer_name="raw", index_option="basic")
    make.add_text_field("tags", tokenizer_name="raw", index_option="basic", stored=True)
    make.add_text_field("title", tokenizer_name="stems", stored=True)
    make.add_text_field("text", tokenizer_name="stems", stored=True)
    make.add_text_field("words", tokenizer_name="plain", index_option="basic")
    for name in ("owner", "circle", "people", "media"):
        make.add_integer_field(name, indexed=True)
    make.add_integer_field("author", indexed=True, stored=True)
    make.add_integer_field("created", indexed=True)
    make.add_integer_field("id", fast=True)
    make.add_integer_field("version", stored=True)
    return make.build()


def _document(entry: Entry) -> tantivy.Document:
    title, text = entry.title[:LONGEST], entry.text[:LONGEST]
    made = tantivy.Document()
    made.add_text("key", f"{entry.kind}:{entry.id}")
    made.add_text("kind", entry.kind)
    made.add_text("open", "yes" if entry.scope == PUBLIC else "no")
    if entry.scope == FOLLOWERS:
        made.add_integer("circle", entry.owner_id)
    made.add_text("language", entry.language)
    if entry.handle:
        made.add_text("handle", entry.handle.casefold())
    for tag in entry.tags:
        made.add_text("tags", tag)
    if title:
        made.add_text("title", title)
    if text:
        made.add_text("text", text)
    made.add_text("words", folded(f"{title} {text}"))
    made.add_integer("owner", entry.owner_id)
    made.add_integer("author", entry.author_id)
    made.add_integer("media", int(entry.has_media))
    for person in entry.people:
        made.add_integer("people", person)
    made.add_integer("created", entry.created_at)
    made.add_integer("id", entry.id)
    made.add_integer("version", entry.version)
    return made


def _hit(document: tantivy.Document, marker: Marker) -> Hit:
    kind, _, number = str(document.get_first("key")).rpartition(":")
    return Hit(
        kind, int(number), int(document.get_first("version") or 0), int(document.get_first("author") or 0),
        tuple(document.get_all("tags")), marker.pieces(document.get_first("title") or ""),
        marker.pieces(document.get_first("text") or ""),
    )  # fmt: skip
