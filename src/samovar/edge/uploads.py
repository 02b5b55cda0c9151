"""Files on their way in: multipart bodies taken as they come, written to the blobs piece by piece.

Nothing of a file is held but the piece under way. The service looks at it once it is whole.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec
from litestar import Request
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from samovar.contracts.media import Medium, TooBig
from samovar.edge.edge import Edge
from samovar.kernel.context import continue_as, current_call
from samovar.kernel.errors import AppError, Invalid, TooLarge

#: Longest text field of such a form, in bytes.
_TEXT: Final = 65_536
_PARTS: Final = 100
#: Most files of one form.
_FILES: Final = 8

#: The head of a part, a piece of its body, or None at its end.
Event = Any


class Sent(msgspec.Struct):
    """A form with files, taken."""

    #: Text fields by name, each with all its values.
    fields: dict[str, list[str]]
    #: Files by the name of their field.
    files: dict[str, list[Medium]]
    #: Files that were refused, by the name of their field.
    refused: dict[str, AppError]

    def first(self, name: str) -> str:
        """The first value of a text field, or an empty text."""
        return (self.fields.get(name) or [""])[0]


def is_multipart(request: Request[Any, Any, Any]) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


class Uploads:
    """Takes forms with files."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def take(self, request: Request[Any, Any, Any], purposes: Mapping[str, str]) -> Sent:
        """Read a form. `purposes`: of the fields with files, what they are for. A file that is refused is
        noted and the rest is read. Raises Invalid for what is no form."""
        sent = Sent({}, {}, {})
        try:
            parser = _parser(request)
            events = _events(request, parser)
            async for event in events:
                if not isinstance(event, MultipartSegment):
                    continue
                name = event.name or ""
                if name in purposes:
                    await self._file(sent, name, purposes[name], events, request)
                elif event.filename is not None:
                    raise Invalid(fields={"body": "There is a file that was not asked for."})
                else:
                    sent.fields.setdefault(name, []).append(await _text(events))
        except (MultipartError, UnicodeDecodeError) as error:
            raise Invalid(fields={"body": "This is not a whole multipart form."}) from error
        self._go_on()
        return sent

    async def _file(
        self,
        sent: Sent,
        name: str,
        purpose: str,
        events: AsyncIterator[Event],
        request: Request[Any, Any, Any],
    ) -> None:
        first = await anext(events)
        if first is None:  # no file was chosen
            return
        if sum(map(len, sent.files.values())) >= _FILES:
            raise TooLarge("Too many files at once.")
        alt = (sent.fields.get("alt") or [""])[0]
        try:
            announced = 0 if sent.files or sent.refused else _announced(request)
            sent.files.setdefault(name, []).append(
                await self._store(bytes(first), events, alt, purpose, announced)
            )
        except AppError as error:
            sent.refused.setdefault(name, error)
            await _skip(events)

    async def _store(
        self, first: bytes, events: AsyncIterator[Event], alt: str, purpose: str, announced: int
    ) -> Medium:
        media = self._edge.media
        self._go_on()
        ticket = await media.begin(bytes=announced, alt=alt, purpose=purpose)
        digest, size = hashlib.sha256(), 0

        async def chunks() -> AsyncIterator[bytes]:
            nonlocal size
            piece: Event = first
            while piece is not None:
                size += len(piece)
                if size > ticket.most:
                    raise TooBig
                digest.update(piece)
                yield bytes(piece)
                piece = await anext(events)

        try:
            if ticket.done:  # the same request once more: only to be compared
                async for _ in chunks():
                    pass
            else:
                await self._edge.blobs.put(ticket.key, chunks(), content_type="application/octet-stream")
        except BaseException:
            if not ticket.done:
                self._go_on()
                with suppress(AppError):
                    await media.abandon(id=ticket.id)
            raise
        self._go_on()
        return await media.finish(id=ticket.id, bytes=size, sha256=digest.hexdigest())

    def _go_on(self) -> None:
        """The body may have taken minutes: what follows has its own time."""
        until = asyncio.get_running_loop().time() + self._edge.settings.request_seconds
        continue_as(msgspec.structs.replace(current_call(), deadline=until))


def _announced(request: Request[Any, Any, Any]) -> int:
    """About how large the file is: the whole body without what is around it."""
    length = request.headers.get("content-length", "")
    return max(0, int(length) - 1024) if length.isascii() and length.isdecimal() and len(length) < 16 else 0


def _parser(request: Request[Any, Any, Any]) -> PushMultipartParser:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not 0 < len(boundary) <= 200:
        raise Invalid(fields={"body": "This is not a whole multipart form."})
    return PushMultipartParser(boundary, max_segment_count=_PARTS, max_header_size=4096)


async def _events(request: Request[Any, Any, Any], parser: PushMultipartParser) -> AsyncIterator[Event]:
    """What the parser finds, as the body comes."""
    async for chunk in request.stream():
        for event in parser.parse(chunk):
            yield event
    for event in parser.parse(b""):
        yield event
    parser.close()


async def _text(events: AsyncIterator[Event]) -> str:
    found = b""
    while (piece := await anext(events)) is not None:
        found += piece
        if len(found) > _TEXT:
            raise TooLarge
    return found.decode()


async def _skip(events: AsyncIterator[Event]) -> None:
    """Read over the rest of a file; its end may have been read already."""
    try:
        while await anext(events) is not None:
            pass
    except StopAsyncIteration:
        pass
