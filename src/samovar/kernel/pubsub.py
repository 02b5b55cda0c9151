"""Signals between processes: a port, and the version in one process. Signals may be lost; what must
not be lost goes by events."""

from collections.abc import Callable
from typing import Protocol


class PubSub(Protocol):
    """Best-effort messages on named channels."""

    async def publish(self, channel: str, message: bytes) -> None:
        """Tell whoever listens now; nobody else will ever hear it."""
        ...

    def subscribe(self, channel: str, receive: Callable[[bytes], None]) -> Callable[[], None]:
        """Call `receive` for each message; answers how to stop."""
        ...


class LocalPubSub:
    """Subscribers in the same process."""

    def __init__(self) -> None:
        self._channels: dict[str, list[Callable[[bytes], None]]] = {}

    async def publish(self, channel: str, message: bytes) -> None:
        for receive in tuple(self._channels.get(channel, ())):
            receive(message)

    def subscribe(self, channel: str, receive: Callable[[bytes], None]) -> Callable[[], None]:
        subscribers = self._channels.setdefault(channel, [])
        subscribers.append(receive)

        def stop() -> None:
            if receive in subscribers:
                subscribers.remove(receive)
            if not subscribers:
                self._channels.pop(channel, None)

        return stop
