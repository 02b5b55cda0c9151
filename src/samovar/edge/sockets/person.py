"""Somebody with live connections to this process."""

import msgspec

from samovar.edge.gateway.sessions import Who
from samovar.edge.sockets.line import Line
from samovar.kernel.context import Call


class Person:
    """Their lines, and what they shall not hear of."""

    __slots__ = ("_roles", "aside", "checked_at", "lines", "user_id")

    def __init__(self, who: Who, now: float) -> None:
        self.user_id = who.user_id
        self._roles = who.roles
        self.lines: set[Line] = set()
        #: Those whom they mute or block.
        self.aside: frozenset[int] = frozenset()
        #: The loop's time when it was last asked what they may hear.
        self.checked_at = now

    def call(self, loop_time: float, seconds: float = 10) -> Call:
        """Circumstances of a call in this person's name. Not of one session: any of theirs may end."""
        return Call(actor=self.user_id, roles=self._roles, deadline=loop_time + seconds)

    @property
    def channels(self) -> set[str]:
        """All that any of their lines listens to."""
        return set().union(*(line.channels for line in self.lines))


def item_of(channel: str) -> tuple[str, int] | None:
    """Kind and id of an item's channel, `item:post:123`."""
    parts = channel.split(":")
    if len(parts) != 3 or parts[0] != "item" or not parts[2].isascii() or not parts[2].isdecimal():
        return None
    number = int(parts[2]) if len(parts[2]) < 20 else 0
    return (parts[1], number) if 0 < number < 2**63 else None


def channel_of(kind: str, item_id: int) -> str:
    """The channel of an item."""
    return f"item:{kind}:{item_id}"


class Command(msgspec.Struct, frozen=True):
    """What a client asks of a socket."""

    do: str
    channels: tuple[str, ...] = ()
    channel: str = ""
    #: With `hear`: say at once how things stand. For clients that were away.
    now: bool = False
