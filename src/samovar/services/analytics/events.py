"""What analytics hears: everything that says something. What happened between two people that others are
not to know of (blocks, mutes, requests) is not counted."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from samovar.contracts.graph import FollowCreated, FollowRemoved
from samovar.contracts.identity import UserDeleted, UserRegistered
from samovar.contracts.items import ItemCreated, ItemRemoved, ItemShared, ItemUnshared
from samovar.contracts.media import MediaDeleted, MediaUploaded
from samovar.contracts.posts import PollEnded, PostCreated, PostEdited
from samovar.contracts.profiles import ProfileUpdated
from samovar.contracts.reactions import ReactionAdded, ReactionRemoved
from samovar.kernel.facts import PERSON, Fact
from samovar.kernel.inbox import Occurred, hears_together
from samovar.kernel.store import Tx
from samovar.services.analytics.service import AnalyticsService


def _registered(e: UserRegistered, id: int, at: int) -> list[Fact]:
    return [Fact(id, "registered", e.created_at or at, e.user_id, detail=e.locale)]


def _left(e: UserDeleted, id: int, at: int) -> list[Fact]:
    return [Fact(id, "left", at)]


def _followed(e: FollowCreated, id: int, at: int) -> list[Fact]:
    return [Fact(id, "followed", e.created_at or at, e.follower_id, PERSON, e.followee_id, e.followee_id)]


def _unfollowed(e: FollowRemoved, id: int, at: int) -> list[Fact]:
    return [Fact(id, "unfollowed", at, e.follower_id, PERSON, e.followee_id, e.followee_id)]


def _created(e: ItemCreated, id: int, at: int) -> list[Fact]:
    at = e.created_at or at
    found = [Fact(id, "created", at, e.author_id, e.kind, e.id, e.author_id, e.language)]
    parent, whose = e.in_reply_to, e.in_reply_to_author_id
    if parent is not None and whose != e.author_id:
        found.append(Fact(id, "replied", at, e.author_id, parent.kind, parent.id, whose))
    return found


def _removed(e: ItemRemoved, id: int, at: int) -> list[Fact]:
    return [Fact(id, "removed", at, 0, e.kind, e.id, e.author_id)]


def _shared(e: ItemShared, id: int, at: int) -> list[Fact]:
    return [Fact(id, "shared", e.created_at or at, e.by_id, e.kind, e.id, e.author_id)]


def _unshared(e: ItemUnshared, id: int, at: int) -> list[Fact]:
    return [Fact(id, "unshared", at, e.by_id, e.kind, e.id)]


def _quoted(e: PostCreated, id: int, at: int) -> list[Fact]:
    if e.quote_of_id is None or e.quoted_author_id in (None, e.author_id):
        return []
    at, whose = e.created_at or at, e.quoted_author_id or 0
    return [Fact(id, "quoted", at, e.author_id, "post", e.quote_of_id, whose)]


def _edited(e: PostEdited, id: int, at: int) -> list[Fact]:
    return [Fact(id, "edited", e.edited_at or at, e.author_id, "post", e.post_id, e.author_id)]


def _poll_ended(e: PollEnded, id: int, at: int) -> list[Fact]:
    return [Fact(id, "poll_ended", at, 0, "post", e.post_id, e.author_id)]


def _reacted(e: ReactionAdded, id: int, at: int) -> list[Fact]:
    return [Fact(id, "reacted", e.created_at or at, e.user_id, e.kind, e.item_id, e.author_id, detail=e.type)]


def _unreacted(e: ReactionRemoved, id: int, at: int) -> list[Fact]:
    return [Fact(id, "unreacted", at, e.user_id, e.kind, e.item_id, detail=e.type)]


def _uploaded(e: MediaUploaded, id: int, at: int) -> list[Fact]:
    return [Fact(id, "uploaded", e.created_at or at, e.owner_id, "media", e.media_id, e.owner_id, e.kind)]


def _file_removed(e: MediaDeleted, id: int, at: int) -> list[Fact]:
    return [Fact(id, "file_removed", at, 0, "media", e.media_id, e.owner_id)]


def _introduced(e: ProfileUpdated, id: int, at: int) -> list[Fact]:
    return [Fact(id, "profile_changed", at, e.user_id)]


#: What each event tells: from the event, its id and the time it happened.
TELLS: Final[Mapping[type[Any], Callable[[Any, int, int], list[Fact]]]] = {
    UserRegistered: _registered,
    UserDeleted: _left,
    FollowCreated: _followed,
    FollowRemoved: _unfollowed,
    ItemCreated: _created,
    ItemRemoved: _removed,
    ItemShared: _shared,
    ItemUnshared: _unshared,
    PostCreated: _quoted,
    PostEdited: _edited,
    PollEnded: _poll_ended,
    ReactionAdded: _reacted,
    ReactionRemoved: _unreacted,
    MediaUploaded: _uploaded,
    MediaDeleted: _file_removed,
    ProfileUpdated: _introduced,
}


async def nothing(service: AnalyticsService, occurred: Sequence[Occurred]) -> None:
    """Nobody has to be asked about what happened."""


@hears_together(*TELLS, prepare=nothing)
async def happened(service: AnalyticsService, occurred: Sequence[Occurred], _: None, tx: Tx) -> None:
    """All of a batch, as facts."""
    facts: list[Fact] = []
    for event, envelope in occurred:
        facts += TELLS[type(event)](event, envelope.id, envelope.time)
        if type(event) is UserDeleted:
            await service.choosing.left(tx, event.user_id)
    await service.gathering.add(tx, facts)
