"""Use cases of notifications, one file per family."""

from collections.abc import Mapping, Sequence

from samovar.kernel.inbox import Occurred
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.notifications.clients import Delivery, Graph, Items, People, Voters
from samovar.services.notifications.domain import Undone
from samovar.services.notifications.service.choosing import Choosing
from samovar.services.notifications.service.inbox import Inbox
from samovar.services.notifications.service.leaving import Leaving
from samovar.services.notifications.service.making import Making, Told
from samovar.services.notifications.service.sending import Sending
from samovar.services.notifications.service.telling import Telling
from samovar.services.notifications.service.wishes import undone, wishes


class NotificationsService:
    """All of them."""

    def __init__(self, kit: Kit) -> None:
        graph, items, delivery = Graph(kit.peers), Items(kit.peers), Delivery(kit.peers)
        self.making = Making(kit, graph)
        self.inbox = Inbox(kit, graph, items, self.making)
        self.choosing = Choosing(kit, items, delivery)
        self.sending = Sending(kit, items, Voters(kit.peers), self.making)
        self.telling = Telling(
            kit, graph, items, delivery, People(kit.peers), self.inbox, self.making, self.choosing
        )
        self.leaving = Leaving(kit, self.making)

    async def whom_to_tell(self, occurred: Sequence[Occurred]) -> Mapping[int, list[Told]]:
        """Whom to tell of a batch of events, by the envelopes' ids. Asks graph, once."""
        wanted = [(one.envelope.id, wish) for one in occurred for wish in wishes(one.event)]
        allowed = await self.making.allowed([wish for _, wish in wanted])
        found: dict[int, list[Told]] = {}
        for (envelope_id, _), told in zip(wanted, allowed, strict=True):
            if told is not None:
                found.setdefault(envelope_id, []).append(told)
        return found

    async def happened(
        self, tx: Tx, occurred: Sequence[Occurred], whom: Mapping[int, Sequence[Told]]
    ) -> None:
        """Have a batch of events take effect."""
        changes: list[Told | Undone] = []
        for event, envelope in occurred:
            changes += undone(event)
            changes += whom.get(envelope.id, ())
        await self.making.write(tx, changes)
