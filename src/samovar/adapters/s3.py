"""Blobs in a bucket of S3, by obstore.

What a broken-off upload leaves can't be seen, but takes room: have the bucket abort multipart uploads
and expire `~partial/` (below the prefix) after a day.
"""

import secrets
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog

from samovar.kernel.blobs import checked_key, checked_range, joined
from samovar.kernel.errors import Conflict, NotFound, Unavailable

if TYPE_CHECKING:
    from obstore.store import S3Store

log = structlog.get_logger(__name__)

#: Bytes of one part of an upload, of which two are under way. S3 takes 10,000 parts, of no less than this.
PART: Final = 5 << 20
UNDER_WAY: Final = 2
#: Bytes that are fetched at once. Between two of them a slow reader holds no connection.
PIECE: Final = 1 << 20
#: Where large blobs wait that are stored only if there is none. No key begins with it.
PARTIAL: Final = "~partial"


class S3Blobs:
    """One object for each blob. Its parts are put together by the store, in one step."""

    def __init__(
        self,
        bucket: str,
        *,
        endpoint: str = "",
        region: str = "us-east-1",
        access_key: str = "",
        secret_key: str = "",
        prefix: str = "",
        public_endpoint: str = "",
        patience: float = 5.0,
    ) -> None:
        """Without an endpoint it is Amazon's of the region; without keys they are those of the machine's
        role. `prefix` is the folder of the bucket that holds all keys. `public_endpoint` is where browsers
        find the same store; without one, blobs are had through us only. A server that is silent for
        `patience` seconds is asked once more."""
        self._bucket = bucket
        self._prefix = prefix
        self._endpoint = endpoint
        self._config = {
            "region": region, "access_key_id": access_key, "secret_access_key": secret_key,
            "copy_if_not_exists": "multipart",
        }  # fmt: skip
        self._patience = timedelta(seconds=patience)
        self._store = self._open(endpoint)
        self._public = self._open(public_endpoint) if public_endpoint else None

    def _open(self, endpoint: str, content_type: str = "") -> "S3Store":
        from obstore.store import S3Store

        config: Any = {name: value for name, value in {**self._config, "endpoint": endpoint}.items() if value}
        options: Any = {
            "allow_http": endpoint.startswith("http://"), "connect_timeout": self._patience,
            "read_timeout": self._patience, "timeout": timedelta(minutes=5),
        }  # fmt: skip
        if content_type:
            options["default_content_type"] = content_type
        return S3Store(
            self._bucket,
            prefix=self._prefix or None,
            config=config,
            client_options=options,
            retry_config={"max_retries": 1, "retry_timeout": 2 * self._patience},
        )

    async def put(
        self, key: str, chunks: AsyncIterator[bytes], *, content_type: str, if_absent: bool = False
    ) -> int:
        checked_key(key)
        if if_absent and await self.size(key) is not None:
            raise Conflict
        pieces = joined(chunks, PART)
        first = await anext(pieces, b"")
        if len(first) >= PART:
            return await self._put_parts(key, first, pieces, content_type, if_absent)
        with _reaching():
            await self._store.put_async(
                key,
                first,
                attributes={"Content-Type": content_type},
                mode="create" if if_absent else "overwrite",
                use_multipart=False,
            )
        return len(first)

    async def _put_parts(
        self, key: str, first: bytes, rest: AsyncIterator[bytes], content_type: str, if_absent: bool
    ) -> int:
        size = 0

        async def pieces() -> AsyncIterator[bytes]:
            nonlocal size
            size = len(first)
            yield first
            async for piece in rest:
                size += len(piece)
                yield piece

        target = f"{PARTIAL}/{secrets.token_hex(16)}" if if_absent else key
        with _reaching():
            await self._store.put_async(
                target,
                pieces(),
                attributes={"Content-Type": content_type},
                chunk_size=PART,
                max_concurrency=UNDER_WAY,
            )
            if if_absent:
                await self._move(target, key, content_type)
        return size

    async def _move(self, source: str, key: str, content_type: str) -> None:
        """Move within the store, unless there is something already: S3 can't upload parts on that condition.
        The copy gets its type from a store that knows no other."""
        try:
            await self._open(self._endpoint, content_type).copy_async(source, key, overwrite=False)
        finally:
            await self._store.delete_async(source)

    async def get(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        checked_key(key)
        checked_range(start, end)
        at, version = start, ""
        while end is None or at < end:
            until = at + PIECE if end is None else min(end, at + PIECE)
            piece, size, version = await self._piece(key, at, until, version)
            if piece:
                yield piece
            at += len(piece)
            if at >= size:
                return
        if start == end and await self.size(key) is None:
            raise NotFound

    async def _piece(self, key: str, start: int, end: int, version: str) -> tuple[bytes, int, str]:
        """Some bytes, the size of the whole, and its version: all pieces are of one."""
        from obstore.exceptions import GenericError

        wanted: Any = {"range": (start, end)}
        if version:
            wanted["if_match"] = version
        with _reaching():
            try:
                found = await self._store.get_async(key, options=wanted)
                return bytes(await found.bytes_async()), found.meta["size"], found.meta["e_tag"] or ""
            except FileNotFoundError:
                raise NotFound from None
            except GenericError:
                # Behind the end there is nothing to be had, which is not told apart from other troubles.
                size = await self.size(key)
                if size is None or start < size:
                    raise
                return b"", size, version

    async def size(self, key: str) -> int | None:
        checked_key(key)
        with _reaching():
            try:
                return (await self._store.head_async(key))["size"]
            except FileNotFoundError:
                return None

    async def delete(self, keys: Iterable[str]) -> None:
        with _reaching():
            await self._store.delete_async([checked_key(key) for key in keys])

    async def list(self, folder: str, limit: int, *, after: str = "") -> Sequence[str]:
        found: list[str] = []
        stream = self._store.list(checked_key(folder) if folder else None, offset=after or None)
        with _reaching():
            async for batch in stream:
                found += [each["path"] for each in batch if not each["path"].startswith(PARTIAL)]
                if len(found) >= limit:
                    break
        return found[: max(0, limit)]

    async def url(self, key: str, seconds: float) -> str | None:
        checked_key(key)
        if self._public is None:
            return None
        from obstore import sign_async

        with _reaching():
            return await sign_async(self._public, "GET", key, timedelta(seconds=seconds))

    async def trouble(self) -> str:
        """Why the bucket can't be used, in a few words; empty when it can."""
        try:
            await self.list("", 1)
        except Unavailable as error:
            return _in_words(error.__cause__)
        return ""


@contextmanager
def _reaching() -> Iterator[None]:
    """Raises Conflict and Unavailable for what S3 and the way to it say."""
    from obstore.exceptions import AlreadyExistsError, BaseError

    try:
        yield
    except AlreadyExistsError:
        raise Conflict from None
    except (BaseError, FileNotFoundError) as error:
        log.warning("blobs are not reached", error=_in_words(error))
        raise Unavailable(retry_after=2) from error


def _in_words(error: BaseException | None) -> str:
    return str(error).partition("\n")[0].partition(": <?xml")[0][:300]
