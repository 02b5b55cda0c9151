"""Signals between processes: a port, and the version in one process. Signals may be lost; what must
not be lost goes by events."""

from collections.abc import Callable
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)


class PubSub(Protocol):
    """Best-effort messages on named channels."""

    async def publish(self, channel: str, message: bytes) -> None:
        """Tell whoever listens now; nobody else will ever hear it."""
        ...

    def subscribe(self, channel: str, receive: Callable[[bytes], None]) -> Callable[[], None]:
        """Call `receive` for each message, beginning soon; answers how to stop. An error of one receiver is
        logged, and the others hear the message all the same."""
        ...


class LocalPubSub:
    """Subscribers in the same process."""

    def __init__(self) -> None:
        self._channels: dict[str, list[Callable[[bytes], None]]] = {}

    async def publish(self, channel: str, message: bytes) -> None:
        for receive in tuple(self._channels.get(channel, ())):
            try:
                receive(message)
            except Exception as error:
                log.error("a signal was not taken", channel=channel, exc_info=error)

    def subscribe(self, channel: str, receive: Callable[[bytes], None]) -> Callable[[], None]:
        subscribers = self._channels.setdefault(channel, [])
        subscribers.append(receive)

        def stop() -> None:
            if receive in subscribers:
                subscribers.remove(receive)
            if not subscribers and self._channels.get(channel) is subscribers:
                del self._channels[channel]

        return stop
