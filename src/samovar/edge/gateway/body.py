"""The body of a request: how much of it is taken, and for how long it is waited for."""

import asyncio

from samovar.edge.gateway.asgi import Message, Receive
from samovar.edge.gateway.problems import Refusal
from samovar.edge.settings import EdgeSettings


class Body:
    """A request's body, counted and with a deadline for all of it."""

    def __init__(self, receive: Receive, settings: EdgeSettings) -> None:
        self._receive = receive
        self._settings = settings
        self._most = settings.max_body
        self._files = False
        self._read = 0
        self._from: float | None = None

    def take_files(self) -> None:
        """A member brings files: they may be larger, and come for as long as they keep the pace."""
        self._files, self._most = True, self._settings.max_upload

    def check_length(self, length: bytes) -> None:
        """Refuse at once what says itself that it is too long."""
        if length.isdigit() and int(length) > self._most:
            raise _too_large()

    async def receive(self) -> Message:
        """The next piece. Raises Refusal when all of it is too much or too slow."""
        try:
            async with asyncio.timeout_at(self._until()):
                message = await self._receive()
        except TimeoutError:
            raise Refusal(408, "too_slow", "The request came too slowly.", {"connection": "close"}) from None
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
            if self._read > self._most:
                raise _too_large()
        return message

    def _until(self) -> float:
        """When the next piece must be here."""
        settings = self._settings
        if self._from is None:
            self._from = asyncio.get_running_loop().time()
        seconds = settings.body_seconds
        if self._files:
            seconds = min(seconds + self._read / max(1, settings.upload_pace), settings.upload_seconds)
        return self._from + seconds


def _too_large() -> Refusal:
    return Refusal(413, "too_large", "This is larger than we take.", {"connection": "close"})
