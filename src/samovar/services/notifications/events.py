"""What notifications hears. What people do to each other's things comes often, so batches of it are
handled together, after graph was asked once for all of them."""

from collections.abc import Mapping, Sequence

from samovar.contracts.delivery import AddressGone, Resubscribed, Unsubscribed
from samovar.contracts.graph import (
    FollowAccepted,
    FollowCreated,
    FollowRemoved,
    FollowRequested,
    FollowRequestRemoved,
    UserBlocked,
    UserMuted,
)
from samovar.contracts.identity import UserDeleted
from samovar.contracts.items import ItemRemoved, ItemShared, ItemUnshared
from samovar.contracts.posts import PollEnded, PostCreated, PostEdited
from samovar.contracts.reactions import ReactionAdded, ReactionRemoved
from samovar.kernel.inbox import Occurred, hears, hears_together
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Tx
from samovar.services.notifications.service import NotificationsService
from samovar.services.notifications.service.making import Told


async def prepare(service: NotificationsService, occurred: Sequence[Occurred]) -> Mapping[int, list[Told]]:
    """Whom to tell of a batch, by the envelopes' ids."""
    return await service.whom_to_tell(occurred)


@hears_together(
    FollowCreated,
    FollowRemoved,
    FollowRequested,
    FollowRequestRemoved,
    FollowAccepted,
    PostCreated,
    PostEdited,
    ItemShared,
    ItemUnshared,
    ReactionAdded,
    ReactionRemoved,
    prepare=prepare,
)
async def happened(
    service: NotificationsService, occurred: Sequence[Occurred], prepared: Mapping[int, list[Told]], tx: Tx
) -> None:
    await service.happened(tx, occurred, prepared)


@hears(PollEnded)
async def poll_ended(service: NotificationsService, event: PollEnded, tx: Tx, envelope: Envelope) -> None:
    await service.sending.poll_ended(tx, event.post_id, event.author_id)


@hears(ItemRemoved)
async def item_removed(service: NotificationsService, event: ItemRemoved, tx: Tx, envelope: Envelope) -> None:
    await service.leaving.item_removed(tx, event.kind, event.id)


@hears(UserBlocked)
async def blocked(service: NotificationsService, event: UserBlocked, tx: Tx, envelope: Envelope) -> None:
    await service.leaving.apart(tx, event.user_id, event.blocked_id)
    await service.leaving.apart(tx, event.blocked_id, event.user_id)


@hears(UserMuted)
async def muted(service: NotificationsService, event: UserMuted, tx: Tx, envelope: Envelope) -> None:
    await service.leaving.apart(tx, event.user_id, event.muted_id)


@hears(UserDeleted)
async def left(service: NotificationsService, event: UserDeleted, tx: Tx, envelope: Envelope) -> None:
    await service.leaving.user_left(tx, event.user_id)


@hears(AddressGone)
async def address_gone(service: NotificationsService, event: AddressGone, tx: Tx, envelope: Envelope) -> None:
    await service.choosing.address_gone(tx, event.user_id, event.channel, event.address)


@hears(Unsubscribed)
async def unsubscribed(
    service: NotificationsService, event: Unsubscribed, tx: Tx, envelope: Envelope
) -> None:
    await service.choosing.unsubscribed(tx, event.user_id, event.channel, event.category, wanted=False)


@hears(Resubscribed)
async def resubscribed(
    service: NotificationsService, event: Resubscribed, tx: Tx, envelope: Envelope
) -> None:
    await service.choosing.unsubscribed(tx, event.user_id, event.channel, event.category, wanted=True)
