"""What profiles hear."""

from samovar.contracts.identity import UserDeleted, UserRegistered
from samovar.kernel.inbox import hears
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Tx
from samovar.services.profiles.domain import Person
from samovar.services.profiles.service import ProfilesService


@hears(UserRegistered)
async def registered(service: ProfilesService, event: UserRegistered, tx: Tx, envelope: Envelope) -> None:
    """A new member has a profile with their username for a name."""
    await service.registered(tx, Person(event.user_id, event.username, event.created_at))


@hears(UserDeleted)
async def deleted(service: ProfilesService, event: UserDeleted, tx: Tx, envelope: Envelope) -> None:
    """Nobody finds them from now on."""
    await service.left(tx, event.user_id)
