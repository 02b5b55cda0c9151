"""From events to who may want to know of them. Asks nobody."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from samovar.contracts.graph import (
    FollowAccepted,
    FollowCreated,
    FollowRemoved,
    FollowRequested,
    FollowRequestRemoved,
)
from samovar.contracts.items import ItemShared, ItemUnshared
from samovar.contracts.posts import PostCreated, PostEdited
from samovar.contracts.reactions import ReactionAdded, ReactionRemoved
from samovar.services.notifications.domain import PERSON, Seen, Undone, Wish, act, subject_of

POST: Final = "post"
Item = tuple[str, int]


def _followed(event: FollowCreated) -> list[Wish]:
    return [Wish(act(event.followee_id, "followed", event.follower_id))]


def _requested(event: FollowRequested) -> list[Wish]:
    asked = act(event.followee_id, "follow_requested", event.follower_id, PERSON, event.follower_id)
    return [Wish(asked)]


def _accepted(event: FollowAccepted) -> list[Wish]:
    return [Wish(act(event.follower_id, "follow_accepted", event.followee_id, PERSON, event.followee_id))]


def _posted(event: PostCreated) -> list[Wish]:
    """Each person is told of a post once, by what concerns them most."""
    author = event.author_id
    recipients: dict[int, str] = {}
    if event.in_reply_to_author_id:
        recipients[event.in_reply_to_author_id] = "replied"
    if event.quoted_author_id:
        recipients.setdefault(event.quoted_author_id, "quoted")
    for user_id in event.mentioned_ids:
        recipients.setdefault(user_id, "mentioned")
    seen = Seen(str(event.visibility), author, tuple(event.mentioned_ids))
    about = [event.root_id, event.in_reply_to_id, event.quote_of_id]
    items: list[Item] = [(POST, id) for id in dict.fromkeys(about) if id]
    return [
        Wish(act(user_id, type, author, POST, event.post_id), seen, tuple(items))
        for user_id, type in recipients.items()
    ]


def _edited(event: PostEdited) -> list[Wish]:
    """Those whom an edit mentions for the first time."""
    seen = Seen(str(event.visibility), event.author_id, tuple(event.mentioned_ids))
    about = ((POST, event.root_id),)
    return [
        Wish(act(user_id, "mentioned", event.author_id, POST, event.post_id), seen, about)
        for user_id in event.newly_mentioned_ids
    ]


def _reacted(event: ReactionAdded) -> list[Wish]:
    given = act(event.author_id, "reacted", event.user_id, event.kind, event.item_id, {"type": event.type})
    return [Wish(given, about=((event.kind, event.item_id),))]


def _shared(event: ItemShared) -> list[Wish]:
    shared = act(event.author_id, "reposted", event.by_id, event.kind, event.id)
    return [Wish(shared, about=((event.kind, event.id),))]


_WISHES: Final[Mapping[type, Callable[[Any], list[Wish]]]] = {
    FollowCreated: _followed,
    FollowRequested: _requested,
    FollowAccepted: _accepted,
    PostCreated: _posted,
    PostEdited: _edited,
    ReactionAdded: _reacted,
    ItemShared: _shared,
}


def wishes(event: Any) -> list[Wish]:
    """Who may want to know of an event; never whoever did it."""
    make = _WISHES.get(type(event))
    if make is None:
        return []
    return [wish for wish in make(event) if wish.act.user_id and wish.act.user_id != wish.act.actor_id]


def undone(event: Any) -> Sequence[Undone]:
    """What an event takes back. Whose item it was, an event need not know: 0 stands for anybody."""
    match event:
        case FollowRemoved():
            accepted = subject_of("follow_accepted", PERSON, event.followee_id)
            return (
                Undone(event.followee_id, "followed", event.follower_id),
                Undone(event.follower_id, accepted, event.followee_id),
            )
        case FollowRequestRemoved() | FollowCreated():
            subject = subject_of("follow_requested", PERSON, event.follower_id)
            return (Undone(event.followee_id, subject, event.follower_id),)
        case ReactionRemoved():
            subject = subject_of("reacted", event.kind, event.item_id)
            return (Undone(0, subject, event.user_id, event.kind, event.item_id),)
        case ItemUnshared():
            subject = subject_of("reposted", event.kind, event.id)
            return (Undone(0, subject, event.by_id, event.kind, event.id),)
    return ()
