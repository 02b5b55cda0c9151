"""How many come in, and where from they go on."""

from samovar.edge.edge import Edge
from samovar.edge.gateway.asked import Asked
from samovar.edge.gateway.sessions import Who
from samovar.edge.sockets.frames import FULL, SIGNED_OUT, TOO_MANY
from samovar.edge.sockets.hub import Hub
from samovar.kernel.errors import AppError
from samovar.kernel.limits import Rule


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
        self._limits = edge.limits
        self._hub = hub
        self._rule = Rule(edge.settings.reads_per_minute, edge.settings.reads_per_minute)

    async def admit(self, who: Who, asked: Asked) -> None:
        """Raises Closed when there are too many."""
        if len(self._hub) >= self._settings.sockets:
            raise Closed(FULL, "try again later")
        person = self._hub.people.get(who.user_id)
        if person is not None and len(person.lines) >= self._settings.sockets_per_person:
            raise Closed(TOO_MANY, "too many connections")
        if self._settings.rate_limits == "on":
            decision = await self._limits.take(f"live:u{who.user_id}", self._rule)
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
