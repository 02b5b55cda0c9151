"""Answers to strangers' GETs, kept for seconds."""

import time
from typing import Final

from samovar.edge.gateway.asgi import Message
from samovar.edge.gateway.asked import FILES, Asked

#: How much of answers is kept at most.
KEPT_BYTES: Final = 8_000_000
#: Longer bodies are not kept.
LONGEST: Final = 500_000

#: What an answer depends on.
Key = tuple[str, ...]


class Kept:
    """Whole answers by what they depend on."""

    def __init__(self, seconds: float) -> None:
        """`seconds`: how long each is kept; 0 keeps nothing."""
        self._seconds = seconds
        self._answers: dict[Key, tuple[float, Message, Message]] = {}
        self._bytes = 0

    def key_of(self, asked: Asked) -> Key | None:
        """What a stranger's request depends on; None when its answer is not kept."""
        if not self._seconds or asked.method != "GET" or b"cookie" in asked.headers:
            return None
        if asked.path.startswith(FILES):  # these say themselves how long they may be kept
            return None
        return (
            asked.path,
            asked.scope["query_string"].decode("latin-1"),
            asked.language,
            asked.text(b"accept")[:100],
            asked.text(b"hx-request"),
        )

    def find(self, key: Key) -> tuple[Message, Message] | None:
        """Head and body of an answer that is fresh."""
        found = self._answers.get(key)
        return None if found is None or found[0] < time.monotonic() else found[1:]

    def keep(self, key: Key, start: Message, body: Message) -> None:
        """Keep an answer, unless it is one person's or very long."""
        length = len(body.get("body", b""))
        personal = any(
            name == b"set-cookie" or (name == b"cache-control" and b"no-store" in value)
            for name, value in start["headers"]
        )
        if length >= LONGEST or personal:
            return
        self._bytes += length
        if self._bytes > KEPT_BYTES:
            # Simpler than remembering which is oldest: all of it is seconds old.
            self._answers.clear()
            self._bytes = length
        self._answers[key] = (time.monotonic() + self._seconds, start, body)
