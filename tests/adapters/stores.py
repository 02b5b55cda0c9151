"""Real Redis and S3 for tests: each test has a part of the server for itself, and leaves nothing there."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from samovar.adapters.redis import Link, connect
from samovar.adapters.s3 import S3Blobs
from tests.servers import given

if TYPE_CHECKING:
    from samovar.adapters.opensearch import OpenSearchIndex


@asynccontextmanager
async def redis_link(**options: Any) -> AsyncIterator[Link]:
    """A way to the real Redis, among keys of its own."""
    prefix = f"test-{secrets.token_hex(8)}:"
    link = connect(given("redis"), prefix=prefix, **options)
    try:
        yield link
        cursor = 0
        while True:
            cursor, keys = await link.ask("SCAN", cursor, "MATCH", f"{prefix}*", "COUNT", 1000)
            if keys:
                await link.ask("DEL", *keys)
            if not int(cursor):
                break
    finally:
        await link.close()


@asynccontextmanager
async def bucket(**options: Any) -> AsyncIterator[S3Blobs]:
    """Blobs in a folder of the real bucket."""
    url = urlsplit(given("s3"))
    endpoint = f"{url.scheme}://{url.hostname}:{url.port}"
    blobs = S3Blobs(
        url.path.strip("/"),
        endpoint=endpoint,
        access_key=unquote(url.username or ""),
        secret_key=unquote(url.password or ""),
        prefix=f"test-{secrets.token_hex(8)}",
        public_endpoint=endpoint,
        **options,
    )
    yield blobs
    while keys := await blobs.list("", 1000):
        await blobs.delete(keys)


@asynccontextmanager
async def opensearch_index() -> AsyncIterator["OpenSearchIndex"]:
    """An index of the real OpenSearch, among indexes of its own."""
    from samovar.adapters.opensearch import OpenSearchIndex

    prefix = f"test-{secrets.token_hex(8)}"
    index = OpenSearchIndex(given("opensearch"), prefix=prefix)
    try:
        yield index
        index._client.indices.delete(index=f"{prefix}-*")
    finally:
        await index.close()


async def until(true: Callable[[], object], seconds: float = 10) -> None:
    """Wait for something that happens soon, elsewhere."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(0.005)
