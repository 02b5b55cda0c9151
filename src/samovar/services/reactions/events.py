"""What reactions hears."""

from samovar.contracts.identity import UserDeleted
from samovar.contracts.items import ItemRemoved
from samovar.kernel.inbox import hears
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Tx
from samovar.services.reactions.domain import Item
from samovar.services.reactions.service import ReactionsService


@hears(ItemRemoved)
async def forget_item(service: ReactionsService, event: ItemRemoved, tx: Tx, envelope: Envelope) -> None:
    """An item is gone, and with it the reactions to it."""
    await service.item_removed(tx, Item(event.kind, event.id))


@hears(UserDeleted)
async def forget_user(service: ReactionsService, event: UserDeleted, tx: Tx, envelope: Envelope) -> None:
    """An account is going, and with it its reactions."""
    await service.user_leaves(tx, event.user_id)
