"""Full text in OpenSearch: an index for each generation, and an alias for the live one.

Tested against a real OpenSearch 2.19 by the same suite as the embedded index; what else speaks its API (such
as Elasticsearch 7) was not tried. Searches find what was written at once, since each write asks for a refresh
of the index: it is for the batches of one projector, not for many writers.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import msgspec
from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError, OpenSearchException, RequestError

from samovar.adapters.opensearch_query import INDEX, OPEN, document, query
from samovar.adapters.words import Marker, one_apart, plain_words
from samovar.kernel.errors import Unavailable
from samovar.kernel.fulltext import FORGIVES, Ask, Entry, Hit, Key, Size

#: Questions at once: its client is for threads.
_THREADS: Final = 4
#: Bytes of one bulk request.
_BULK: Final = 5_000_000
_FIELDS: Final = ["kind", "id", "version", "author", "tags", "title", "text"]
#: Documents in which a misspelt tag is looked for.
_TAGGED: Final = 100


class OpenSearchIndex:
    """Implements FullText."""

    def __init__(self, url: str, *, prefix: str, timeout: float = 10) -> None:
        self._client = OpenSearch(
            hosts=[url], timeout=timeout, max_retries=2, retry_on_timeout=True, maxsize=_THREADS
        )
        self._threads = ThreadPoolExecutor(_THREADS, "opensearch")
        self._alias = f"{prefix}-search"

    async def live(self) -> str:
        try:
            found = await self._answered(lambda: self._client.indices.get_alias(name=self._alias))
        except NotFoundError:
            return ""
        return str(next(iter(found))).removeprefix(f"{self._alias}-")

    async def begin(self, name: str) -> None:
        try:
            await self._answered(lambda: self._client.indices.create(index=self._index(name), body=INDEX))
        except RequestError as error:
            if error.error != "resource_already_exists_exception":
                raise Unavailable from error

    async def switch(self, name: str) -> None:
        target = self._index(name)
        actions = [
            {"remove": {"index": f"{self._alias}-*", "alias": self._alias, "must_exist": False}},
            {"add": {"index": target, "alias": self._alias}},
        ]
        await self._answered(lambda: self._client.indices.update_aliases(body={"actions": actions}))
        every = await self._answered(lambda: self._client.indices.get(index=f"{self._alias}-*"))
        for other in [name for name in every if name != target]:
            await self._answered(partial(self._client.indices.delete, index=other))

    async def write(
        self, name: str, put: Sequence[Entry], removed: Sequence[Key] = (), *, fresh: bool = False
    ) -> None:
        for body in _bulks(self._index(name), put, removed):
            found = await self._answered(partial(self._client.bulk, body=body))
            if found["errors"]:
                wrong = [one for line in found["items"] for one in line.values() if "error" in one]
                if wrong:
                    raise Unavailable from OpenSearchException(str(wrong[0]["error"]))
        await self._answered(lambda: self._client.indices.refresh(index=self._index(name)))

    async def find(self, ask: Ask) -> Sequence[Hit]:
        forgives = any(
            not clause.phrase and not clause.excluded and len(clause.text) >= FORGIVES
            for clause in ask.clauses
        )
        lines: list[Any] = []
        for forgiving in (False, True) if forgives else (False,):
            body: dict[str, Any] = {
                "query": query(ask, forgiving=forgiving), "from": ask.offset, "size": ask.limit,
                "_source": _FIELDS, "track_total_hits": False,
            }  # fmt: skip
            if ask.newest:
                body["sort"] = [{"id": "desc"}]
            lines = await self._lines(body)
            if len(lines) >= ask.limit or (ask.newest and (lines or ask.offset)):
                break
        marker = Marker(ask.clauses, ask.tags)
        return [_hit(line["_source"], marker) for line in lines]

    async def tags(self, text: str, limit: int) -> Sequence[tuple[str, int]]:
        counts = await self._terms("tags", text, limit)
        if text not in counts and (number := (await self._terms("tags", text, 1, whole=True)).get(text)):
            counts[text] = number
        if len(text) >= FORGIVES and len(counts) < limit:
            near = {"fuzzy": {"tags": {"value": text, "fuzziness": 1}}}
            lines = await self._lines(
                {"query": {"bool": {"filter": [near, OPEN]}}, "size": _TAGGED, "_source": ["tags"]}
            )
            for tag in {tag for line in lines for tag in line["_source"]["tags"]}:
                if tag not in counts and one_apart(tag, text):
                    counts |= await self._terms("tags", tag, 1, whole=True)
        ordered = sorted(
            counts.items(), key=lambda pair: (pair[0] != text, not pair[0].startswith(text), -pair[1])
        )
        return ordered[:limit]

    async def words(self, beginning: str, limit: int) -> Sequence[str]:
        typed = plain_words(beginning)
        return list(await self._terms("words", typed[-1], limit)) if typed else []

    async def size(self) -> Size:
        try:
            found = await self._answered(
                lambda: self._client.indices.stats(index=self._alias, metric="docs,store")
            )
        except NotFoundError:
            return Size(0, 0)
        whole = found["_all"]["primaries"]
        return Size(whole["docs"]["count"], whole["store"]["size_in_bytes"])

    async def rest(self) -> None:
        return

    async def close(self) -> None:
        self._threads.shutdown(wait=True)
        self._client.close()

    async def _answered(self, ask: Callable[[], Any]) -> Any:
        """What it answers. Raises NotFoundError and RequestError as they are, Unavailable for all else."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        except (NotFoundError, RequestError):
            raise
        except OpenSearchException as error:
            raise Unavailable from error

    def _index(self, name: str) -> str:
        return f"{self._alias}-{name}"

    async def _search(self, body: dict[str, Any]) -> Any:
        try:
            return await self._answered(lambda: self._client.search(index=self._alias, body=body))
        except NotFoundError:
            return None
        except RequestError as error:
            raise Unavailable from error

    async def _lines(self, body: dict[str, Any]) -> list[Any]:
        found = await self._search(body)
        return list(found["hits"]["hits"]) if found else []

    async def _terms(self, field: str, beginning: str, limit: int, *, whole: bool = False) -> dict[str, int]:
        """Terms of what everybody finds that begin so, or are that, with their documents."""
        # In Lucene's expressions every sign may be escaped.
        escaped = re.sub(r"(\W)", r"\\\1", beginning)
        terms = {"field": field, "size": limit, "include": escaped if whole else f"{escaped}.*"}
        begun = {"term": {field: beginning}} if whole else {"prefix": {field: beginning}}
        found = await self._search(
            {"size": 0, "query": {"bool": {"filter": [OPEN, begun]}}, "aggs": {"terms": {"terms": terms}}}
        )
        if not found:
            return {}
        return {line["key"]: line["doc_count"] for line in found["aggregations"]["terms"]["buckets"]}


def _bulks(index: str, put: Sequence[Entry], removed: Sequence[Key]) -> Iterator[bytes]:
    """Bodies of bulk requests, none much longer than `_BULK`."""
    body = bytearray()
    for key in removed:
        body += msgspec.json.encode({"delete": {"_index": index, "_id": f"{key.kind}:{key.id}"}}) + b"\n"
    for entry in put:
        body += msgspec.json.encode({"index": {"_index": index, "_id": f"{entry.kind}:{entry.id}"}}) + b"\n"
        body += msgspec.json.encode(document(entry)) + b"\n"
        if len(body) > _BULK:
            yield bytes(body)
            body.clear()
    if body:
        yield bytes(body)


def _hit(source: dict[str, Any], marker: Marker) -> Hit:
    return Hit(
        source["kind"], source["id"], source["version"], source["author"], tuple(source["tags"]),
        marker.pieces(source["title"]), marker.pieces(source["text"]),
    )  # fmt: skip
