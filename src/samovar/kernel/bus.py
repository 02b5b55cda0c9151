"""The bus between services: a port, and the version that lives in one process.

The in-process bus keeps nothing: the producer's outbox is the queue, and an event leaves it only
when every listener has recorded it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from samovar.kernel.outbox import Envelope

Take = Callable[[Sequence[Envelope]], Awaitable[None]]


class Bus(Protocol):
    """Carries events from outboxes to inboxes: at least once, in order per key and source."""

    def subscribe(self, consumer: str, types: frozenset[str], take: Take) -> None:
        """Have a consumer's inbox take events of these types."""
        ...

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """Return once the events can't be lost any more. Raises to have them sent again."""
        ...


class LocalBus:
    """Listeners in the same process."""

    def __init__(self) -> None:
        self._consumers: list[tuple[frozenset[str], Take]] = []

    def subscribe(self, consumer: str, types: frozenset[str], take: Take) -> None:
        self._consumers.append((types, take))

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        present = {envelope.type for envelope in envelopes}
        takes = [take(envelopes) for types, take in self._consumers if types & present]
        await asyncio.gather(*takes)
