"""What graph hears."""

from samovar.contracts.identity import UserDeleted, UserRegistered
from samovar.kernel.inbox import hears
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Tx
from samovar.services.graph.service import GraphService


@hears(UserRegistered)
async def registered(service: GraphService, event: UserRegistered, tx: Tx, envelope: Envelope) -> None:
    """Somebody new can be suggested and counted."""
    await service.people.registered(tx, event.user_id)


@hears(UserDeleted)
async def deleted(service: GraphService, event: UserDeleted, tx: Tx, envelope: Envelope) -> None:
    """Somebody goes: no list shows them from now on."""
    await service.people.left(tx, event.user_id)
