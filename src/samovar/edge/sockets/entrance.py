"""How many come in, and where from they go on."""

from samovar.edge.edge import Edge
from samovar.edge.gateway.asked import Asked
from samovar.edge.gateway.sessions import Who
from samovar.edge.sockets.frames import FULL, SIGNED_OUT, TOO_MANY
from samovar.edge.sockets.hub import Hub
from samovar.kernel.context import Call
from samovar.kernel.errors import AppError


class Closed(Exception):
    """A live connection ends here; the client is told the code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason

    @classmethod
    def of(cls, error: AppError) -> "Closed":
        """What an error of a service means for a live connection."""
        if error.status == "UNAUTHENTICATED":
            return cls(SIGNED_OUT, "not signed in")
        return cls(FULL, "try again later")


class Entrance:
    """Bounds how many live connections there are and how fast they come."""

    def __init__(self, edge: Edge, hub: Hub) -> None:
        self._settings = edge.settings
        self._limiter = edge.limiter
        self._hub = hub

    async def admit(self, who: Who, asked: Asked) -> None:
        """Raises Closed when there are too many."""
        listed = self._limiter.standing(asked.address)
        if listed is not None and listed.stand == "block":
            raise Closed(TOO_MANY, "not served")
        if len(self._hub) >= self._settings.sockets:
            raise Closed(FULL, "try again later")
        person = self._hub.people.get(who.user_id)
        if person is not None and len(person.lines) >= self._settings.sockets_per_person:
            raise Closed(TOO_MANY, "too many connections")
        if self._settings.rate_limits == "on":
            call = Call(actor=who.user_id, session=who.session_id, address=asked.address)
            decision = await self._limiter.take("live", call)
            if not decision.allowed:
                raise Closed(TOO_MANY, "too many connections")


def after_of(asked: Asked) -> int | None:
    """The number of the last event that a client has, from its address or as event streams send it."""
    text = asked.text(b"last-event-id")
    for part in asked.scope["query_string"].decode("latin-1").split("&"):
        name, _, value = part.partition("=")
        if name == "after" and not text:
            text = value
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
