"""What search hears. Of kinds of content it knows only the events that all of them publish."""

from collections.abc import Sequence

from samovar.contracts.graph import FollowCreated, FollowRemoved, PrivacyChanged
from samovar.contracts.identity import UserDeleted, UserRegistered
from samovar.contracts.items import ItemChanged, ItemCreated, ItemRemoved
from samovar.contracts.profiles import ProfileUpdated
from samovar.contracts.reactions import ReactionAdded
from samovar.kernel.inbox import Occurred, hears, hears_together
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Tx
from samovar.services.search.domain.query import PERSON
from samovar.services.search.service import SearchService
from samovar.services.search.service.heard import Tagged


async def tags_of(service: SearchService, occurred: Sequence[Occurred]) -> Tagged:
    """The tags of what was reacted to."""
    return await service.hearing.tags_of(occurred)


@hears_together(ItemCreated, ReactionAdded, prepare=tags_of)
async def interests(service: SearchService, occurred: Sequence[Occurred], prepared: Tagged, tx: Tx) -> None:
    await service.hearing.interests(tx, occurred, prepared)


@hears(ItemChanged)
async def changed(service: SearchService, event: ItemChanged, tx: Tx, envelope: Envelope) -> None:
    await service.hearing.changed(tx, event.kind, event.id)


@hears(ItemRemoved)
async def removed(service: SearchService, event: ItemRemoved, tx: Tx, envelope: Envelope) -> None:
    await service.hearing.changed(tx, event.kind, event.id)


@hears(UserRegistered)
async def registered(service: SearchService, event: UserRegistered, tx: Tx, envelope: Envelope) -> None:
    await service.hearing.changed(tx, PERSON, event.user_id)


@hears(ProfileUpdated)
async def updated(service: SearchService, event: ProfileUpdated, tx: Tx, envelope: Envelope) -> None:
    await service.hearing.changed(tx, PERSON, event.user_id)


@hears(UserDeleted)
async def left(service: SearchService, event: UserDeleted, tx: Tx, envelope: Envelope) -> None:
    await service.hearing.user_leaves(tx, event.user_id)


@hears(PrivacyChanged)
async def privacy(service: SearchService, event: PrivacyChanged, tx: Tx, envelope: Envelope) -> None:
    await service.hearing.privacy_changed(tx, event.user_id)


@hears(FollowCreated)
async def followed(service: SearchService, event: FollowCreated, tx: Tx, envelope: Envelope) -> None:
    await service.hearing.ties_changed(tx, event.follower_id)


@hears(FollowRemoved)
async def unfollowed(service: SearchService, event: FollowRemoved, tx: Tx, envelope: Envelope) -> None:
    await service.hearing.ties_changed(tx, event.follower_id)
