"""What a request says about itself. Of what proxies add, only as much is believed as the settings allow."""

import secrets
from functools import cached_property
from typing import Final

from samovar.edge.edge import Edge
from samovar.edge.gateway.asgi import Scope
from samovar.kernel import tracing

#: Paths that watch over the process: no sessions, no limits.
PLAIN: Final = frozenset({"/livez", "/readyz", "/metrics"})
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LANGUAGES: Final = ("en", "ru")
#: Where files are.
FILES: Final = "/media/"
#: Paths of forms with files.
UPLOADS: Final = ("/api/media/upload", "/posts", "/settings/profile")


class Asked:
    """A request's head, also of one that asks for a WebSocket."""

    def __init__(self, edge: Edge, scope: Scope) -> None:
        self._edge = edge
        self._trusts = edge.settings.trust_proxy
        self.scope = scope
        self.path: str = scope["path"]
        self.method: str = scope.get("method", "GET")
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.request_id = self._request_id()

    def text(self, name: bytes) -> str:
        """A header as text, empty when it is not there."""
        return self.headers.get(name, b"").decode("latin-1")

    def _request_id(self) -> str:
        given = self.headers.get(b"x-request-id", b"") if self._trusts else b""
        if given and len(given) <= 64 and given.replace(b"-", b"").isalnum():
            return given.decode("ascii")
        return secrets.token_hex(8)

    @cached_property
    def address(self) -> str:
        """Where it comes from."""
        # The last entry is the one that our own proxy added.
        if self._trusts and (nearest := self.text(b"x-forwarded-for").rpartition(",")[2].strip()):
            return nearest[:64]
        client = self.scope.get("client")
        return client[0] if client else ""

    @property
    def traceparent(self) -> str:
        """The trace that this request is part of, when our own proxy says so."""
        return tracing.traceparent_of(self.text(b"traceparent")) if self._trusts else ""

    @property
    def idempotency_key(self) -> str | None:
        return self.text(b"idempotency-key")[:255] or None

    @cached_property
    def language(self) -> str:
        """The first language asked for that we speak."""
        for part in self.text(b"accept-language").split(","):
            language = part.split(";")[0].strip()[:2].lower()
            if language in LANGUAGES:
                return language
        return self._edge.site.locale

    @cached_property
    def brings_files(self) -> bool:
        """Whether this is a form with files, which may be larger and come longer."""
        return (
            self.method == "POST"
            and self.path.startswith(UPLOADS)
            and self.headers.get(b"content-type", b"").lower().startswith(b"multipart/form-data")
        )

    @property
    def wants_page(self) -> bool:
        """Whether a person looks at the answer itself."""
        return (
            not self.path.startswith("/api/")
            and self.path not in PLAIN
            and b"text/html" in self.headers.get(b"accept", b"")
            and b"hx-request" not in self.headers
        )
