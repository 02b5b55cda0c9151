"""The built styles, scripts, fonts and icons: read once, served for ever (their names carry a hash)."""

import mimetypes
from pathlib import Path
from typing import Any, Final

import msgspec

ROOT: Final = Path(__file__).parent / "static"
FOR_EVER: Final = b"public, max-age=31536000, immutable"


class Assets:
    """Names of built files, and an ASGI application that serves them below /static/."""

    def __init__(self, root: Path = ROOT) -> None:
        manifest = root / "manifest.json"
        if not manifest.exists():
            raise RuntimeError("The pages' assets are not built: run `make setup`.")
        self._names: dict[str, str] = msgspec.json.decode(manifest.read_bytes(), type=dict[str, str])
        self._files = {name: root / name for name in self._names.values()}
        if (root / "licences.txt").exists():
            self._files["licences.txt"] = root / "licences.txt"
        self._loaded: dict[tuple[str, bool], bytes] = {}

    def url(self, name: str) -> str:
        """Address of a built file. Raises KeyError for one that isn't."""
        return f"/static/{self._names[name]}"

    def content(self, name: str) -> bytes:
        """What is in a built file. Raises KeyError."""
        return self._files[self._names[name]].read_bytes()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        name = scope["path"].removeprefix("/static/")
        path = self._files.get(name)
        if path is None or scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 404, b"", [(b"content-type", b"text/plain")])
            return
        accepts = dict(scope["headers"]).get(b"accept-encoding", b"")
        body, compressed = self._body(name, path, b"gzip" in accepts)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = [
            (b"content-type", kind.encode() + (b"; charset=utf-8" if kind.startswith("text/") else b"")),
            (b"cache-control", FOR_EVER),
            (b"x-content-type-options", b"nosniff"),
            (b"vary", b"Accept-Encoding"),
        ]
        if compressed:
            headers.append((b"content-encoding", b"gzip"))
        await _answer(send, 200, body if scope["method"] == "GET" else b"", headers, len(body))

    def _body(self, name: str, path: Path, gzip: bool) -> tuple[bytes, bool]:
        packed = path.with_name(path.name + ".gz")
        use = gzip and packed.exists()
        key = (name, use)
        if key not in self._loaded:
            self._loaded[key] = (packed if use else path).read_bytes()
        return self._loaded[key], use


async def _answer(
    send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]], length: int | None = None
) -> None:
    size = str(len(body) if length is None else length).encode()
    await send(
        {"type": "http.response.start", "status": status, "headers": [*headers, (b"content-length", size)]}
    )
    await send({"type": "http.response.body", "body": body})
