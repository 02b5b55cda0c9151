"""What realtime hears."""

from samovar.contracts.graph import FollowCreated, FollowRemoved, UserBlocked
from samovar.contracts.identity import UserDeleted
from samovar.contracts.items import ItemChanged, ItemCreated, ItemRemoved, ItemShared, ItemUnshared
from samovar.contracts.notifications import InboxChanged
from samovar.contracts.posts import PollEnded
from samovar.contracts.reactions import ReactionAdded, ReactionRemoved
from samovar.kernel.inbox import hears
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Tx
from samovar.services.realtime.service import Heard


@hears(ItemCreated)
async def created(service: Heard, event: ItemCreated, tx: Tx, envelope: Envelope) -> None:
    await service.item_created(tx, event)


@hears(ItemChanged)
async def changed(service: Heard, event: ItemChanged, tx: Tx, envelope: Envelope) -> None:
    await service.item_changed(tx, event)


@hears(ItemRemoved)
async def removed(service: Heard, event: ItemRemoved, tx: Tx, envelope: Envelope) -> None:
    await service.item_removed(tx, event)


@hears(ItemShared)
async def shared(service: Heard, event: ItemShared, tx: Tx, envelope: Envelope) -> None:
    await service.item_shared(tx, event)


@hears(ItemUnshared)
async def unshared(service: Heard, event: ItemUnshared, tx: Tx, envelope: Envelope) -> None:
    service.counts(tx, event.kind, event.id)


@hears(ReactionAdded)
async def reacted(service: Heard, event: ReactionAdded, tx: Tx, envelope: Envelope) -> None:
    service.counts(tx, event.kind, event.item_id)


@hears(ReactionRemoved)
async def unreacted(service: Heard, event: ReactionRemoved, tx: Tx, envelope: Envelope) -> None:
    service.counts(tx, event.kind, event.item_id)


@hears(PollEnded)
async def poll_ended(service: Heard, event: PollEnded, tx: Tx, envelope: Envelope) -> None:
    service.counts(tx, "post", event.post_id)


@hears(InboxChanged)
async def inbox_changed(service: Heard, event: InboxChanged, tx: Tx, envelope: Envelope) -> None:
    await service.inbox(tx, event)


@hears(FollowCreated)
async def followed(service: Heard, event: FollowCreated, tx: Tx, envelope: Envelope) -> None:
    await service.follow(tx, event.follower_id, event.followee_id, envelope.version, removed=False)


@hears(FollowRemoved)
async def unfollowed(service: Heard, event: FollowRemoved, tx: Tx, envelope: Envelope) -> None:
    await service.follow(tx, event.follower_id, event.followee_id, envelope.version, removed=True)


@hears(UserBlocked)
async def blocked(service: Heard, event: UserBlocked, tx: Tx, envelope: Envelope) -> None:
    await service.apart(tx, event.user_id, event.blocked_id)


@hears(UserDeleted)
async def left(service: Heard, event: UserDeleted, tx: Tx, envelope: Envelope) -> None:
    await service.left(tx, event.user_id)
