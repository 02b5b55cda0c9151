"""`/api/media`, and the bytes themselves at `/media/{id}/{file}`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import litestar
from litestar import HttpMethod, Request, Response
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from litestar.params import FromPath, JSONBody, PathParameter
from litestar.response import Stream

from samovar.edge.edge import Edge
from samovar.edge.gateway.routing import Router
from samovar.edge.present.media import Media, MediaPageView, MediaView
from samovar.edge.present.people import People
from samovar.edge.rest.auth import Body
from samovar.edge.rest.common import Cursor, Done, Limit, Reference, delete, get, item_id, post, put
from samovar.edge.uploads import Uploads, is_multipart
from samovar.kernel.authz import signed_in
from samovar.kernel.context import current_call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.ids import parse_id

#: What may be asked of a file's bytes from elsewhere: nothing.
POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
#: Larger ones are fetched from the store itself, where it can be reached.
_LARGE = 1 << 20
_URL_SECONDS = 300.0
_ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/avif": "avif",
    "video/mp4": "mp4", "video/webm": "webm",
}  # fmt: skip
FileId = Annotated[str, PathParameter(description="An id.", max_length=20)]


class MediaBody(Body):
    """Absent fields stay as they are."""

    #: What the picture shows, for those who don't see it.
    alt: str | None = None
    #: Where to look first, from -1 (left, top) to 1.
    focus_x: float | None = None
    focus_y: float | None = None


@dataclass
class UploadOperation(Operation):
    """Tells of the multipart form, which the handler reads by itself."""

    def __post_init__(self) -> None:
        fields: dict[str, Any] = {
            "file": Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description="What to keep."),
            "alt": Schema(type=OpenAPIType.STRING, description="What it shows, for those who don't see it."),
        }  # fmt: skip
        schema = Schema(
            type=OpenAPIType.OBJECT, properties=fields, required=["file"], additional_properties=False
        )
        self.request_body = RequestBody(
            content={"multipart/form-data": OpenAPIMediaType(schema=schema)}, required=True
        )


def routes(edge: Edge, people: People, shown: Media, uploads: Uploads) -> Router:
    """The routes below /api/media."""

    @post("/upload", summary="Send a picture or film", operation_class=UploadOperation)
    async def upload(request: Request[Any, Any, Any]) -> MediaView:
        signed_in(current_call())
        if not is_multipart(request):
            raise Invalid(fields={"body": "Send a multipart form with a field `file`."})
        purpose = str(request.query_params.get("purpose", ""))[:20]
        sent = await uploads.take(request, {"file": purpose})
        for error in sent.refused.values():
            raise error
        if len(sent.files.get("file", ())) != 1:
            raise Invalid(fields={"file": "Send one file."})
        medium = sent.files["file"][0]
        if sent.first("alt") and sent.first("alt") != medium.alt:
            medium = await edge.media.update(id=medium.id, alt=sent.first("alt"))
        return shown.view(medium)

    @get("/{media_id:str}", summary="A picture or film")
    async def show(media_id: FileId) -> MediaView:
        return shown.view(await edge.media.get(id=item_id(media_id)))

    @put("/{media_id:str}", summary="Describe one's own picture or film")
    async def change(media_id: FileId, data: JSONBody[MediaBody]) -> MediaView:
        signed_in(current_call())
        x, y = (None if value is None else _percent(value) for value in (data.focus_x, data.focus_y))
        return shown.view(await edge.media.update(id=item_id(media_id), alt=data.alt, focus_x=x, focus_y=y))

    @delete("/{media_id:str}", status_code=200, summary="Remove one's own picture or film")
    async def remove(media_id: FileId) -> Done:
        signed_in(current_call())
        await edge.media.delete(id=item_id(media_id))
        return Done()

    @get("/user/{user:str}", summary="A person's pictures and films, newest first")
    async def of_user(user: Reference, cursor: Cursor = "", limit: Limit = 30) -> MediaPageView:
        profile = await people.find(user)
        page = await edge.media.of_user(user_id=profile.id, cursor=cursor, limit=limit)
        return shown.page(page.items, page.next)

    @get("/gallery", summary="Pictures and films that everybody may see, newest first")
    async def gallery(cursor: Cursor = "", limit: Limit = 30) -> MediaPageView:
        page = await edge.media.gallery(cursor=cursor, limit=limit)
        return shown.page(page.items, page.next)

    return Router("/media", tags=["media"], route_handlers=[upload, gallery, of_user, show, change, remove])


def _percent(value: float) -> int:
    return round(max(-2.0, min(2.0, value)) * 100) if math.isfinite(value) else 200


def file_routes(edge: Edge, shown: Media) -> list[Any]:
    """The bytes, outside /api."""

    @litestar.route(
        "/media/{media_id:str}/{file:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD],
        include_in_schema=False, status_code=200,
    )  # fmt: skip
    async def serve(
        request: Request[Any, Any, Any], media_id: FromPath[str], file: FromPath[str]
    ) -> Response[Any]:
        number = parse_id(media_id)
        if number is None or len(file) > 40:
            raise NotFound
        query = request.query_params
        signed = shown.signer.holds(
            number, str(query.get("until", "")), str(query.get("key", "")), edge.clock.now()
        )
        found = await edge.media.open(id=number, file=file, signed=signed)
        tag = f'"{number:x}-{found.bytes:x}-{file}"'
        headers = {
            "etag": tag,
            "cache-control": _caching(found.public, signed, edge),
            "accept-ranges": "bytes",
            "content-security-policy": POLICY,
            "x-content-type-options": "nosniff",
        }
        if file == "original":
            name = f"{number}.{_ENDINGS.get(found.type, 'bin')}"
            headers["content-disposition"] = f'attachment; filename="{name}"'
        if tag in request.headers.get("if-none-match", ""):
            return Response(b"", status_code=304, headers=headers, media_type=found.type)
        if await _elsewhere(file, found.bytes):
            address = await edge.blobs.url(found.key, _URL_SECONDS)
            if address is not None:
                headers = {"location": address, "cache-control": "private, max-age=60"}
                return Response(b"", status_code=302, headers=headers, media_type="text/plain")
        span = _range(request.headers, found.bytes, tag)
        if span is None:
            headers["content-range"] = f"bytes */{found.bytes}"
            return Response(b"", status_code=416, headers=headers, media_type="text/plain")
        start, end = span
        headers["content-length"] = str(end - start)
        status = 200
        if end - start < found.bytes:
            status = 206
            headers["content-range"] = f"bytes {start}-{end - 1}/{found.bytes}"
        if request.method == "HEAD":
            return Response(b"", status_code=status, headers=headers, media_type=found.type)
        chunks = edge.blobs.get(found.key, start, end)
        return Stream(chunks, status_code=status, headers=headers, media_type=found.type)

    async def _elsewhere(file: str, size: int) -> bool:
        """Whether it may be fetched from the store: what is downloaded, and films where pages allow it."""
        return size > _LARGE and (
            file == "original" or (file.startswith("film.") and bool(edge.settings.media_origin))
        )

    return [serve]


def _caching(public: bool, signed: bool, edge: Edge) -> str:
    seconds = edge.settings.media_cache_seconds
    if public:
        return f"public, max-age={seconds}"
    return f"private, max-age={seconds}" if signed else f"private, max-age={min(60, seconds)}"


def _range(headers: Mapping[str, str], size: int, tag: str) -> tuple[int, int] | None:
    """The piece that is asked for, all of it when none is; None when there is none such (RFC 9110, 14)."""
    asked = headers.get("range", "")
    if headers.get("if-range", tag) != tag or not asked.startswith("bytes=") or "," in asked:
        return 0, size
    first, dash, last = asked[6:].strip().partition("-")
    whole = all(
        not part or (part.isascii() and part.isdecimal() and len(part) < 16) for part in (first, last)
    )
    if not dash or not whole or not (first or last):
        return 0, size
    if not first:
        return (max(0, size - int(last)), size) if int(last) else None
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return 0, size
    return (start, end) if start < size else None
