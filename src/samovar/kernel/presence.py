"""Who is here now: a port, and the version in memory. Whoever is not heard of for a while has left."""

from collections.abc import Sequence
from typing import Final, Protocol

from samovar.kernel.clock import SECOND, Clock

#: So many touches after the last one, at least, channels are looked through for those that nobody asks about.
SWEEP: Final = 1000


class Presence(Protocol):
    """Members of channels, each for as long as they were last heard of. Both are short texts, and a
    channel begins with the name of whoever keeps it. It is a hint: nothing is decided by it."""

    async def touch(self, channel: str, member: str, seconds: float) -> None:
        """A member is here, for so many seconds from now; this never shortens what was said before."""
        ...

    async def leave(self, channel: str, member: str) -> None:
        """A member is here no more."""
        ...

    async def members(self, channel: str, limit: int) -> Sequence[str]:
        """Some who are here, those first who will be here longest."""
        ...

    async def count(self, channel: str) -> int:
        """How many are here."""
        ...


class MemoryPresence:
    """Those present in this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._channels: dict[str, dict[str, int]] = {}
        self._until_sweep = SWEEP

    async def touch(self, channel: str, member: str, seconds: float) -> None:
        until = self._clock.now() + int(seconds * SECOND)
        present = self._channels.setdefault(channel, {})
        present[member] = max(until, present.get(member, 0))
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            for name in tuple(self._channels):
                self._here(name)
            # As many touches as there are members: a sweep costs each of them little.
            self._until_sweep = max(SWEEP, sum(map(len, self._channels.values())))

    async def leave(self, channel: str, member: str) -> None:
        self._channels.get(channel, {}).pop(member, None)
        self._here(channel)

    async def members(self, channel: str, limit: int) -> Sequence[str]:
        here = self._here(channel)
        return sorted(here, key=lambda member: (here[member], member), reverse=True)[: max(0, limit)]

    async def count(self, channel: str) -> int:
        return len(self._here(channel))

    def _here(self, channel: str) -> dict[str, int]:
        """Those who are here; the others are forgotten."""
        now = self._clock.now()
        here = {member: until for member, until in self._channels.get(channel, {}).items() if until > now}
        if here:
            self._channels[channel] = here
        else:
            self._channels.pop(channel, None)
        return here
