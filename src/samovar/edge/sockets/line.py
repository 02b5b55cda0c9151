"""One live connection, whichever way it goes."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from samovar.edge.gateway.sessions import Who
from samovar.edge.sockets.frames import Frames, Numbered

if TYPE_CHECKING:
    from samovar.edge.sockets.person import Person


class Line(ABC):
    """A person's live connection."""

    __slots__ = (
        "behind",
        "catching_up",
        "channels",
        "closed",
        "expires_at",
        "heard_at",
        "person",
        "position",
        "session_id",
    )

    kind = ""

    def __init__(self, who: Who, person: "Person", now: float) -> None:
        self.person = person
        self.session_id = who.session_id
        self.expires_at = who.expires_at
        #: Number of the last event that was given; None until it is known where to begin.
        self.position: int | None = None
        self.channels: set[str] = set()
        #: The loop's time when something last came from the client.
        self.heard_at = now
        self.catching_up = False
        #: Something came while the log was read.
        self.behind = False
        self.closed = False

    @abstractmethod
    def push(self, message: Frames) -> None:
        """Give a message, without waiting. A reader who is too far behind loses the line."""

    @abstractmethod
    def ping(self) -> None:
        """Have something go over the line, so that nothing between takes it for dead."""

    @abstractmethod
    async def room(self) -> bool:
        """Wait until there is room for more; False when there will be none."""

    @abstractmethod
    def close(self, code: int, reason: str) -> None:
        """End the line and tell the client why."""

    def give(self, number: int, event: Numbered) -> bool:
        """Give a numbered event if it is the next one; False when events before it are missing."""
        if self.position is None or number > self.position + 1:
            return False
        if number == self.position + 1:
            self.position = number
            self.push(event.frames(number))
        return True
