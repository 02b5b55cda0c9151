"""Who follows, blocks and mutes whom, and who is private.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from samovar.kernel.contract import Contract, Event, Message, Method, register_event
from samovar.kernel.errors import Forbidden


class TargetRequest(Message, frozen=True, kw_only=True):
    """What Graph.follow takes."""

    user_id: int = 0


class RelationsRequest(Message, frozen=True, kw_only=True):
    """What Graph.relations takes."""

    user_ids: tuple[int, ...] = ()


class Relationship(Message, frozen=True, kw_only=True):
    """Relationship."""

    user_id: int = 0
    following: bool = False
    followed_by: bool = False
    #: Asked to follow, not yet answered.
    requested: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting: bool = False
    #: The person is private: only followers see what they post.
    private: bool = False
    #: They ask to follow the caller.
    requested_by: bool = False


class Pair(Message, frozen=True, kw_only=True):
    """Pair."""

    user_id: int = 0
    other_id: int = 0


class StandsRequest(Message, frozen=True, kw_only=True):
    """What Graph.stands takes."""

    pairs: tuple[Pair, ...] = ()


class RelationshipList(Message, frozen=True, kw_only=True):
    """Relationship list."""

    items: tuple[Relationship, ...] = ()


class CountsRequest(Message, frozen=True, kw_only=True):
    """What Graph.counts takes."""

    user_ids: tuple[int, ...] = ()


class Count(Message, frozen=True, kw_only=True):
    """Count."""

    user_id: int = 0
    followers: int = 0
    following: int = 0


class CountList(Message, frozen=True, kw_only=True):
    """Count list."""

    items: tuple[Count, ...] = ()


class ListRequest(Message, frozen=True, kw_only=True):
    """What Graph.followers takes."""

    user_id: int = 0
    #: From the last page's `next`, or empty.
    cursor: str = ""
    limit: int = 0


class PageRequest(Message, frozen=True, kw_only=True):
    """What Graph.requests takes."""

    cursor: str = ""
    limit: int = 0


class SuggestionsRequest(Message, frozen=True, kw_only=True):
    """What Graph.suggestions takes."""

    limit: int = 0


class Friend(Message, frozen=True, kw_only=True):
    """Friend."""

    user_id: int = 0
    #: How many of those whom the caller follows follow them.
    through: int = 0


class FriendList(Message, frozen=True, kw_only=True):
    """Friend list."""

    items: tuple[Friend, ...] = ()


class PersonPage(Message, frozen=True, kw_only=True):
    """Person page."""

    user_ids: tuple[int, ...] = ()
    #: Empty at the end.
    next: str = ""


class GetPrivacyRequest(Message, frozen=True, kw_only=True):
    """What Graph.get_privacy takes."""


class SetPrivacyRequest(Message, frozen=True, kw_only=True):
    """What Graph.set_privacy takes."""

    private: bool | None = None
    hide_followers: bool | None = None


class Privacy(Message, frozen=True, kw_only=True):
    """Privacy."""

    private: bool = False
    hide_followers: bool = False


@register_event
class FollowCreated(Event, frozen=True, kw_only=True):
    """Somebody now follows somebody."""

    TYPE: ClassVar[str] = "samovar.graph.v1.FollowCreated"
    KEY: ClassVar[str] = "follower_id"

    follower_id: int = 0
    followee_id: int = 0
    created_at: int = 0


@register_event
class FollowRemoved(Event, frozen=True, kw_only=True):
    """Follow removed."""

    TYPE: ClassVar[str] = "samovar.graph.v1.FollowRemoved"
    KEY: ClassVar[str] = "follower_id"

    follower_id: int = 0
    followee_id: int = 0


@register_event
class FollowRequested(Event, frozen=True, kw_only=True):
    """Follow requested."""

    TYPE: ClassVar[str] = "samovar.graph.v1.FollowRequested"
    KEY: ClassVar[str] = "follower_id"

    follower_id: int = 0
    followee_id: int = 0


@register_event
class FollowRequestRemoved(Event, frozen=True, kw_only=True):
    """A request was taken back, refused, or ended by a block. (One that is granted becomes a
    FollowCreated.)
    """

    TYPE: ClassVar[str] = "samovar.graph.v1.FollowRequestRemoved"
    KEY: ClassVar[str] = "follower_id"

    follower_id: int = 0
    followee_id: int = 0


@register_event
class FollowAccepted(Event, frozen=True, kw_only=True):
    """A private person let somebody follow who had asked to; a FollowCreated goes before it."""

    TYPE: ClassVar[str] = "samovar.graph.v1.FollowAccepted"
    KEY: ClassVar[str] = "follower_id"

    follower_id: int = 0
    followee_id: int = 0


@register_event
class UserBlocked(Event, frozen=True, kw_only=True):
    """User blocked."""

    TYPE: ClassVar[str] = "samovar.graph.v1.UserBlocked"
    KEY: ClassVar[str] = "user_id"

    user_id: int = 0
    blocked_id: int = 0


@register_event
class UserMuted(Event, frozen=True, kw_only=True):
    """Somebody hides somebody from their lists. Not for the one who is muted to know."""

    TYPE: ClassVar[str] = "samovar.graph.v1.UserMuted"
    KEY: ClassVar[str] = "user_id"

    user_id: int = 0
    muted_id: int = 0


@register_event
class PrivacyChanged(Event, frozen=True, kw_only=True):
    """Somebody closed their account to all but followers, or opened it."""

    TYPE: ClassVar[str] = "samovar.graph.v1.PrivacyChanged"
    KEY: ClassVar[str] = "user_id"

    user_id: int = 0
    private: bool = False


class CannotFollow(Forbidden):
    """You can't follow this person."""

    code = "graph.cannot_follow"
    default_message = "You can't follow this person."


class GraphApi(Protocol):
    """Graph."""

    async def follow(self, *, user_id: int) -> Relationship:
        """Follow, or ask to when the person is private. Answers the relationship after it."""
        ...

    async def unfollow(self, *, user_id: int) -> Relationship:
        """Unfollow."""
        ...

    async def block(self, *, user_id: int) -> Relationship:
        """Block: both stop following, neither sees the other."""
        ...

    async def unblock(self, *, user_id: int) -> Relationship:
        """Unblock."""
        ...

    async def mute(self, *, user_id: int) -> Relationship:
        """Mute: the caller no longer sees them in lists; they don't notice."""
        ...

    async def unmute(self, *, user_id: int) -> Relationship:
        """Unmute."""
        ...

    async def accept(self, *, user_id: int) -> Relationship:
        """Let somebody who asked follow the caller."""
        ...

    async def reject(self, *, user_id: int) -> Relationship:
        """Reject."""
        ...

    async def remove_follower(self, *, user_id: int) -> Relationship:
        """Take a follower away."""
        ...

    async def relations(self, *, user_ids: Sequence[int] = ()) -> RelationshipList:
        """How the caller stands to each of these people (for a stranger: only whether they are private).
        One answer per id asked, in that order. At most 200 ids.
        """
        ...

    async def stands(self, *, pairs: Sequence[Pair] = ()) -> RelationshipList:
        """How the first of each pair stands to the second, for the system only. One answer per pair, in
        that order;
        its `user_id` is the second. At most 500 pairs.
        """
        ...

    async def counts(self, *, user_ids: Sequence[int] = ()) -> CountList:
        """Numbers of followers and followees. One answer per id asked. At most 100 ids."""
        ...

    async def followers(self, *, user_id: int, cursor: str, limit: int) -> PersonPage:
        """Followers, newest first. NotFound when the caller may not see the list (private, hidden,
        blocked).
        """
        ...

    async def following(self, *, user_id: int, cursor: str, limit: int) -> PersonPage:
        """People followed, newest first."""
        ...

    async def requests(self, *, cursor: str, limit: int) -> PersonPage:
        """Who asks to follow the caller."""
        ...

    async def blocked(self, *, cursor: str, limit: int) -> PersonPage:
        """Whom the caller blocks."""
        ...

    async def muted(self, *, cursor: str, limit: int) -> PersonPage:
        """Whom the caller mutes."""
        ...

    async def suggestions(self, *, limit: int) -> PersonPage:
        """People that those followed by the caller follow, most first; newest people when there are none."""
        ...

    async def friends_of_friends(self, *, limit: int) -> FriendList:
        """People that those followed by the caller follow, most first, with how many of them do; without
        those whom
        the caller follows, blocks or mutes, or who block them.
        """
        ...

    async def get_privacy(self) -> Privacy:
        """The caller's privacy."""
        ...

    async def set_privacy(
        self, *, private: bool | None = None, hide_followers: bool | None = None
    ) -> Privacy:
        """Change it; absent fields stay. Opening a private account accepts all who ask."""
        ...


GRAPH: Contract[GraphApi] = Contract(
    "samovar.graph.v1.Graph",
    methods=(
        Method("follow", TargetRequest, Relationship, idempotent=True),
        Method("unfollow", TargetRequest, Relationship, idempotent=True),
        Method("block", TargetRequest, Relationship, idempotent=True),
        Method("unblock", TargetRequest, Relationship, idempotent=True),
        Method("mute", TargetRequest, Relationship, idempotent=True),
        Method("unmute", TargetRequest, Relationship, idempotent=True),
        Method("accept", TargetRequest, Relationship, idempotent=True),
        Method("reject", TargetRequest, Relationship, idempotent=True),
        Method("remove_follower", TargetRequest, Relationship, idempotent=True),
        Method("relations", RelationsRequest, RelationshipList, idempotent=True),
        Method("stands", StandsRequest, RelationshipList, idempotent=True),
        Method("counts", CountsRequest, CountList, idempotent=True),
        Method("followers", ListRequest, PersonPage, idempotent=True),
        Method("following", ListRequest, PersonPage, idempotent=True),
        Method("requests", PageRequest, PersonPage, idempotent=True),
        Method("blocked", PageRequest, PersonPage, idempotent=True),
        Method("muted", PageRequest, PersonPage, idempotent=True),
        Method("suggestions", SuggestionsRequest, PersonPage, idempotent=True),
        Method("friends_of_friends", SuggestionsRequest, FriendList, idempotent=True),
        Method("get_privacy", GetPrivacyRequest, Privacy, idempotent=True),
        Method("set_privacy", SetPrivacyRequest, Privacy, idempotent=True),
    ),
    errors=(CannotFollow,),
)
