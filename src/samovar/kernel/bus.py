"""The bus between services: a port, and the version that lives in one process.

The in-process bus keeps nothing: the producer's outbox is the queue, and an event leaves it only
when every listener has recorded it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

import msgspec

from samovar.kernel.outbox import Envelope

Take = Callable[[Sequence[Envelope]], Awaitable[None]]

#: Type of the envelope that stands for a message nobody can read. An inbox makes a dead letter of it.
UNREADABLE: Final = "samovar.unreadable"


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of such an envelope: all there is to put the message right by hand."""

    reason: str
    #: Where the bus has it.
    place: str
    headers: Mapping[str, str]
    value: str


class Bus(Protocol):
    """Carries events from outboxes to inboxes: at least once, in order per key and source."""

    def subscribe(self, consumer: str, types: frozenset[str], sources: frozenset[str], take: Take) -> None:
        """Have a consumer's inbox take events of these types, which these services publish.

        A `take` that raises is called again, with the same events or more. To be said before `start`.
        """
        ...

    async def start(self) -> None:
        """Begin to carry. Raises ConnectionError with what is wrong."""
        ...

    async def stop(self) -> None:
        """Finish what is being taken, and carry no more."""
        ...

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """Return once the events can't be lost any more. Raises to have them sent again."""
        ...

    async def settle(self) -> int:
        """Wait until this process has taken what was published so far, as far as it is its to take.

        Answers how many events were taken since the last call. Raises TimeoutError.
        """
        ...

    def lag(self) -> Mapping[str, int]:
        """How many events each consumer here has yet to take."""
        ...


class LocalBus:
    """Listeners in the same process. Publishing waits for them, so that nothing is ever behind."""

    def __init__(self) -> None:
        self._consumers: list[tuple[str, frozenset[str], Take]] = []

    def subscribe(self, consumer: str, types: frozenset[str], sources: frozenset[str], take: Take) -> None:
        self._consumers.append((consumer, types, take))

    async def start(self) -> None:
        return None

    async def stop(self) -> None:
        return None

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        takes = []
        for _, types, take in self._consumers:
            if wanted := [envelope for envelope in envelopes if envelope.type in types]:
                takes.append(take(wanted))
        await asyncio.gather(*takes)

    async def settle(self) -> int:
        return 0

    def lag(self) -> Mapping[str, int]:
        return {consumer: 0 for consumer, _, _ in self._consumers}
