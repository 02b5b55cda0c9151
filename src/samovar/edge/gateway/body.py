"""The body of a request: how much of it is taken, and for how long it is waited for."""

import asyncio

from samovar.edge.gateway.asgi import Message, Receive
from samovar.edge.gateway.problems import Refusal
from samovar.edge.settings import EdgeSettings


class Body:
    """A request's body, counted and with a deadline for all of it."""

    def __init__(self, receive: Receive, settings: EdgeSettings) -> None:
        self._receive = receive
        self._most = settings.max_body
        self._seconds = settings.body_seconds
        self._read = 0
        self._until: float | None = None

    def check_length(self, length: bytes) -> None:
        """Refuse at once what says itself that it is too long."""
        if length.isdigit() and int(length) > self._most:
            raise _too_large()

    async def receive(self) -> Message:
        """The next piece. Raises Refusal when all of it is too much or too slow."""
        if self._until is None:
            self._until = asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise Refusal(408, "too_slow", "The request came too slowly.", {"connection": "close"}) from None
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
            if self._read > self._most:
                raise _too_large()
        return message


def _too_large() -> Refusal:
    return Refusal(413, "too_large", "This is larger than we take.", {"connection": "close"})
