"""What these tests have in common."""

import json
from collections.abc import Sequence
from typing import Any

from samovar.contracts.delivery import AddressGone, Outgoing, Resubscribed, Sent, Unsubscribed
from samovar.kernel.contract import decode
from samovar.kernel.outbox import Envelope
from tests.world import World


def letter(id: str = "test:1:email", **fields: Any) -> Outgoing:
    """A letter that is right, but for what is given."""
    usual = {
        "id": id, "user_id": 7, "channel": "email", "address": "anna@example.org", "template": "test",
        "category": "system", "locale": "en",
    }  # fmt: skip
    if isinstance(fields.get("data"), dict):
        fields["data"] = json.dumps(fields["data"])
    return Outgoing(**{**usual, **fields})


async def send(world: World, *messages: Outgoing) -> None:
    """Have messages sent, and wait until what is due is done."""
    await world.system.delivery.send(messages=messages)
    await world.drain()


async def became(world: World, id: str, user_id: int = 7) -> Sent:
    """What became of a message."""
    (sent,) = (await world.system.delivery.deliveries(user_id=user_id, id=id, cursor="", limit=1)).items
    return sent


class Ear:
    """Another service's listener: remembers delivery's events, each once."""

    def __init__(self, world: World) -> None:
        self._types = {kind.TYPE: kind for kind in (AddressGone, Resubscribed, Unsubscribed)}
        self._heard: dict[int, Any] = {}
        bus = world.house.backends.bus
        bus.subscribe("ear", frozenset(self._types), frozenset(("delivery",)), self._take)

    async def _take(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            if envelope.type in self._types:
                self._heard[envelope.id] = decode(envelope.payload, self._types[envelope.type])

    @property
    def heard(self) -> list[Any]:
        return list(self._heard.values())
