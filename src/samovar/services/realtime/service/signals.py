"""Signals to the edges. They say what was written, so that edges need not read it; they may get lost."""

from collections.abc import Sequence
from typing import Final

from samovar.contracts.realtime import ItemNews, Position, Signal, Told
from samovar.kernel.contract import encode
from samovar.kernel.kit import Kit
from samovar.kernel.pubsub import PubSub
from samovar.kernel.store import Tx

CHANNEL: Final = "realtime"


class Signals:
    """Given once the write that they belong to is durable."""

    def __init__(self, kit: Kit) -> None:
        self._pubsub: PubSub = kit.pubsub

    def told(self, tx: Tx, type: str, data: str, numbers: Sequence[tuple[int, int]]) -> None:
        """People were told something."""
        if numbers:
            positions = tuple([Position(user_id=user_id, number=number) for user_id, number in numbers])
            self._give(tx, Signal(told=(Told(type=type, data=data, numbers=positions),)))

    def item(self, tx: Tx, news: ItemNews) -> None:
        """Something happened to an item."""
        self._give(tx, Signal(items=(news,)))

    def check(self, tx: Tx, *user_ids: int) -> None:
        """How people stand to others has changed."""
        self._give(tx, Signal(check=user_ids))

    def _give(self, tx: Tx, signal: Signal) -> None:
        async def publish() -> None:
            await self._pubsub.publish(CHANNEL, encode(signal))

        tx.after(publish)
