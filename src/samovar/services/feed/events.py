"""What feed hears. Of kinds of content it knows only the events that all of them publish."""

from samovar.contracts.graph import FollowCreated, FollowRemoved
from samovar.contracts.identity import UserDeleted
from samovar.contracts.items import ItemChanged, ItemCreated, ItemRemoved, ItemShared, ItemUnshared
from samovar.kernel.inbox import hears
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Tx
from samovar.services.feed.service import Projection


@hears(ItemCreated)
async def created(service: Projection, event: ItemCreated, tx: Tx, envelope: Envelope) -> None:
    await service.item_created(tx, event, envelope.version)


@hears(ItemChanged)
async def changed(service: Projection, event: ItemChanged, tx: Tx, envelope: Envelope) -> None:
    await service.item_changed(tx, event, envelope.version)


@hears(ItemRemoved)
async def removed(service: Projection, event: ItemRemoved, tx: Tx, envelope: Envelope) -> None:
    await service.item_removed(tx, event, envelope.version)


@hears(ItemShared)
async def shared(service: Projection, event: ItemShared, tx: Tx, envelope: Envelope) -> None:
    await service.shared(tx, event)


@hears(ItemUnshared)
async def unshared(service: Projection, event: ItemUnshared, tx: Tx, envelope: Envelope) -> None:
    await service.unshared(tx, event)


@hears(FollowCreated)
async def followed(service: Projection, event: FollowCreated, tx: Tx, envelope: Envelope) -> None:
    await service.followed(tx, event, envelope.version)


@hears(FollowRemoved)
async def unfollowed(service: Projection, event: FollowRemoved, tx: Tx, envelope: Envelope) -> None:
    await service.unfollowed(tx, event, envelope.version)


@hears(UserDeleted)
async def left(service: Projection, event: UserDeleted, tx: Tx, envelope: Envelope) -> None:
    await service.left(tx, event.user_id)
