"""What media hears."""

from samovar.contracts.identity import UserDeleted
from samovar.contracts.items import ItemChanged, ItemCreated, ItemRemoved
from samovar.contracts.profiles import ProfileUpdated
from samovar.kernel.inbox import hears
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Tx
from samovar.services.media.domain import Item
from samovar.services.media.service import MediaService


@hears(ItemCreated)
async def stands_in(service: MediaService, event: ItemCreated, tx: Tx, envelope: Envelope) -> None:
    """An item is there: its files stand in it."""
    await service.placing.place(tx, Item(event.kind, event.id), event.author_id, event.media_ids)


@hears(ItemChanged)
async def stands_now(service: MediaService, event: ItemChanged, tx: Tx, envelope: Envelope) -> None:
    """An item changed: other files may stand in it, and some no more."""
    item = Item(event.kind, event.id)
    await service.placing.place(tx, item, event.author_id, event.media_ids)
    await service.placing.free(tx, item, event.freed_media_ids)


@hears(ItemRemoved)
async def goes_with(service: MediaService, event: ItemRemoved, tx: Tx, envelope: Envelope) -> None:
    """An item is gone, and with it all that stood in it."""
    await service.placing.clear(tx, Item(event.kind, event.id))


@hears(ProfileUpdated)
async def shown_there(service: MediaService, event: ProfileUpdated, tx: Tx, envelope: Envelope) -> None:
    """A profile shows other pictures."""
    for kind, picture in (("avatar", event.avatar_media_id), ("header", event.header_media_id)):
        item = Item(kind, event.user_id)
        await service.placing.place(tx, item, event.user_id, (picture,) if picture else ())
        await service.placing.free(tx, item, event.freed_media_ids)


@hears(UserDeleted)
async def goes_too(service: MediaService, event: UserDeleted, tx: Tx, envelope: Envelope) -> None:
    """An account is going, and with it its files."""
    await service.removing.leave(tx, event.user_id)
