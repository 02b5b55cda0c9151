"""Short posts: threads, quotes, reposts, polls, bookmarks.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from samovar.contracts.common import Done, Scope
from samovar.kernel.contract import Contract, Event, Message, Method, register_event
from samovar.kernel.errors import Conflict, Forbidden, Invalid


class RulesRequest(Message, frozen=True, kw_only=True):
    """What Posts.rules takes."""


class PostRules(Message, frozen=True, kw_only=True):
    """Post rules."""

    #: Characters as people count them.
    text_limit: int = 0
    poll_options: int = 0
    #: Pictures and films in one post.
    media_limit: int = 0


class PollDraft(Message, frozen=True, kw_only=True):
    """Poll draft."""

    #: Two to eight, each at most 80 characters.
    options: tuple[str, ...] = ()
    #: Seconds, 5 minutes to 30 days.
    expires_in: int = 0
    multiple: bool = False


class CreateRequest(Message, frozen=True, kw_only=True):
    """What Posts.create takes."""

    text: str = ""
    visibility: Scope = Scope.UNSPECIFIED
    in_reply_to_id: int | None = None
    quote_of_id: int | None = None
    content_warning: str | None = None
    #: BCP 47, such as "en" or "ru"; empty when unknown.
    language: str = ""
    poll: PollDraft | None = None
    #: The author's own, each in one post; at most 4.
    media_ids: tuple[int, ...] = ()


class MediaIds(Message, frozen=True, kw_only=True):
    """Media ids."""

    ids: tuple[int, ...] = ()


class EditRequest(Message, frozen=True, kw_only=True):
    """What Posts.edit takes."""

    id: int = 0
    text: str = ""
    content_warning: str | None = None
    language: str | None = None
    #: Absent: as they are; present: these instead (at most 4).
    media: MediaIds | None = None


class GetManyRequest(Message, frozen=True, kw_only=True):
    """What Posts.get_many takes."""

    ids: tuple[int, ...] = ()


class PostRequest(Message, frozen=True, kw_only=True):
    """What Posts.delete takes."""

    id: int = 0


class ThreadRequest(Message, frozen=True, kw_only=True):
    """What Posts.thread takes."""

    id: int = 0
    #: Replies to a page; at most 100.
    limit: int = 0
    cursor: str = ""


class VoteRequest(Message, frozen=True, kw_only=True):
    """What Posts.vote takes."""

    id: int = 0
    choices: tuple[int, ...] = ()


class PageOfRequest(Message, frozen=True, kw_only=True):
    """What Posts.voters takes."""

    id: int = 0
    cursor: str = ""
    limit: int = 0


class BookmarksRequest(Message, frozen=True, kw_only=True):
    """What Posts.bookmarks takes."""

    cursor: str = ""
    limit: int = 0


class PinnedRequest(Message, frozen=True, kw_only=True):
    """What Posts.pinned takes."""

    user_id: int = 0


class CountsRequest(Message, frozen=True, kw_only=True):
    """What Posts.counts takes."""

    user_ids: tuple[int, ...] = ()


class Count(Message, frozen=True, kw_only=True):
    """Count."""

    user_id: int = 0
    posts: int = 0


class CountList(Message, frozen=True, kw_only=True):
    """Count list."""

    items: tuple[Count, ...] = ()


class PollOption(Message, frozen=True, kw_only=True):
    """Poll option."""

    title: str = ""
    votes: int = 0


class Poll(Message, frozen=True, kw_only=True):
    """Poll."""

    id: int = 0
    options: tuple[PollOption, ...] = ()
    #: Microseconds since 1970 UTC.
    expires_at: int = 0
    expired: bool = False
    multiple: bool = False
    votes_count: int = 0
    voters_count: int = 0
    #: The caller has voted, and for what.
    voted: bool = False
    own_votes: tuple[int, ...] = ()


class Mention(Message, frozen=True, kw_only=True):
    """Mention."""

    user_id: int = 0
    username: str = ""


class Post(Message, frozen=True, kw_only=True):
    """Post."""

    id: int = 0
    author_id: int = 0
    text: str = ""
    #: Safe HTML made from the text.
    html: str = ""
    visibility: Scope = Scope.UNSPECIFIED
    language: str = ""
    #: Empty when there is none.
    content_warning: str = ""
    created_at: int = 0
    #: 0 when never edited.
    edited_at: int = 0
    in_reply_to_id: int | None = None
    in_reply_to_author_id: int | None = None
    #: First post of the thread; its own id when it is that.
    root_id: int = 0
    quote_of_id: int | None = None
    poll: Poll | None = None
    mentions: tuple[Mention, ...] = ()
    tags: tuple[str, ...] = ()
    replies: int = 0
    reposts: int = 0
    quotes: int = 0
    #: The caller's own flags.
    reposted: bool = False
    bookmarked: bool = False
    pinned: bool = False
    media_ids: tuple[int, ...] = ()
    #: Grows with each change.
    version: int = 0
    #: Moderators hid it: only they and its author still see it.
    hidden: bool = False
    #: Hidden until a moderator has looked at it.
    held: bool = False
    #: Behind a warning by a moderator's decision.
    sensitive: bool = False


class PostList(Message, frozen=True, kw_only=True):
    """Post list."""

    items: tuple[Post, ...] = ()


class PostPage(Message, frozen=True, kw_only=True):
    """Post page."""

    items: tuple[Post, ...] = ()
    next: str = ""


class PersonPage(Message, frozen=True, kw_only=True):
    """Person page."""

    user_ids: tuple[int, ...] = ()
    next: str = ""


class Version(Message, frozen=True, kw_only=True):
    """Version."""

    text: str = ""
    html: str = ""
    content_warning: str = ""
    created_at: int = 0


class VersionList(Message, frozen=True, kw_only=True):
    """Version list."""

    items: tuple[Version, ...] = ()


class ThreadView(Message, frozen=True, kw_only=True):
    """Thread view."""

    #: From the root down to the parent.
    ancestors: tuple[Post, ...] = ()
    post: Post = Post()
    #: Below it, parents before children, oldest first.
    descendants: tuple[Post, ...] = ()
    next: str = ""


@register_event
class PostCreated(Event, frozen=True, kw_only=True):
    """A post was published. Small facts; the text is asked for."""

    TYPE: ClassVar[str] = "samovar.posts.v1.PostCreated"
    KEY: ClassVar[str] = "post_id"

    post_id: int = 0
    author_id: int = 0
    visibility: Scope = Scope.UNSPECIFIED
    in_reply_to_id: int | None = None
    in_reply_to_author_id: int | None = None
    quote_of_id: int | None = None
    quoted_author_id: int | None = None
    mentioned_ids: tuple[int, ...] = ()
    created_at: int = 0
    #: First post of the thread; its own id when it is that.
    root_id: int = 0


@register_event
class PostEdited(Event, frozen=True, kw_only=True):
    """Post edited."""

    TYPE: ClassVar[str] = "samovar.posts.v1.PostEdited"
    KEY: ClassVar[str] = "post_id"

    post_id: int = 0
    author_id: int = 0
    edited_at: int = 0
    visibility: Scope = Scope.UNSPECIFIED
    #: All who are mentioned now, and those of them who were not before.
    mentioned_ids: tuple[int, ...] = ()
    newly_mentioned_ids: tuple[int, ...] = ()
    root_id: int = 0


@register_event
class PostDeleted(Event, frozen=True, kw_only=True):
    """Post deleted."""

    TYPE: ClassVar[str] = "samovar.posts.v1.PostDeleted"
    KEY: ClassVar[str] = "post_id"

    post_id: int = 0
    author_id: int = 0


@register_event
class PostReposted(Event, frozen=True, kw_only=True):
    """Post reposted."""

    TYPE: ClassVar[str] = "samovar.posts.v1.PostReposted"
    KEY: ClassVar[str] = "post_id"

    post_id: int = 0
    author_id: int = 0
    by_id: int = 0


@register_event
class PollEnded(Event, frozen=True, kw_only=True):
    """A poll is over; sent once, when its time comes."""

    TYPE: ClassVar[str] = "samovar.posts.v1.PollEnded"
    KEY: ClassVar[str] = "post_id"

    post_id: int = 0
    author_id: int = 0
    voters_count: int = 0


class TextTooLong(Invalid):
    """The text is too long."""

    code = "posts.text_too_long"
    default_message = "The text is too long."


class PollClosed(Conflict):
    """This poll is over."""

    code = "posts.poll_closed"
    default_message = "This poll is over."


class AlreadyVoted(Conflict):
    """You have voted already."""

    code = "posts.already_voted"
    default_message = "You have voted already."


class CannotRepost(Forbidden):
    """This post is not for passing on."""

    code = "posts.cannot_repost"
    default_message = "This post is not for passing on."


class AgainstRules(Invalid):
    """This goes against the rules of this community."""

    code = "posts.against_rules"
    default_message = "This goes against the rules of this community."


class TooManyPins(Conflict):
    """You can pin at most five posts."""

    code = "posts.too_many_pins"
    default_message = "You can pin at most five posts."


class PostsApi(Protocol):
    """Posts."""

    async def create(
        self,
        *,
        text: str,
        visibility: Scope,
        in_reply_to_id: int | None = None,
        quote_of_id: int | None = None,
        content_warning: str | None = None,
        language: str,
        poll: PollDraft | None = None,
        media_ids: Sequence[int] = (),
    ) -> Post:
        """Publish a post. Honours the idempotency key."""
        ...

    async def get_many(self, *, ids: Sequence[int] = ()) -> PostList:
        """Those among the ids that the caller may see, in the order asked; the others are left out. At
        most 100.
        """
        ...

    async def edit(
        self,
        *,
        id: int,
        text: str,
        content_warning: str | None = None,
        language: str | None = None,
        media: MediaIds | None = None,
    ) -> Post:
        """Change one's own post; the former text goes to the history."""
        ...

    async def delete(self, *, id: int) -> Done:
        """Delete one's own post (moderators: any)."""
        ...

    async def history(self, *, id: int) -> VersionList:
        """All versions, oldest first."""
        ...

    async def thread(self, *, id: int, limit: int, cursor: str) -> ThreadView:
        """The posts above one and those below it that the caller may see."""
        ...

    async def vote(self, *, id: int, choices: Sequence[int] = ()) -> Post:
        """Choose in a poll. Indices of options, from 0."""
        ...

    async def voters(self, *, id: int, cursor: str, limit: int) -> PersonPage:
        """Who voted in a post's poll, for the system only."""
        ...

    async def repost(self, *, id: int) -> Post:
        """Show a post to one's followers. Twice is once."""
        ...

    async def unrepost(self, *, id: int) -> Post:
        """Unrepost."""
        ...

    async def reposters(self, *, id: int, cursor: str, limit: int) -> PersonPage:
        """Who reposted, newest first."""
        ...

    async def quotes(self, *, id: int, cursor: str, limit: int) -> PostPage:
        """Quotes of a post that the caller may see, newest first."""
        ...

    async def bookmark(self, *, id: int) -> Post:
        """Bookmark."""
        ...

    async def unbookmark(self, *, id: int) -> Post:
        """Unbookmark."""
        ...

    async def bookmarks(self, *, cursor: str, limit: int) -> PostPage:
        """The caller's bookmarks, newest first."""
        ...

    async def pin(self, *, id: int) -> Post:
        """Pin one's own public post to one's page (at most five)."""
        ...

    async def unpin(self, *, id: int) -> Post:
        """Unpin."""
        ...

    async def pinned(self, *, user_id: int) -> PostList:
        """A person's pinned posts, newest pin first."""
        ...

    async def rules(self) -> PostRules:
        """What a post may hold."""
        ...

    async def counts(self, *, user_ids: Sequence[int] = ()) -> CountList:
        """How many posts people have made. One answer per id asked. At most 100."""
        ...


POSTS: Contract[PostsApi] = Contract(
    "samovar.posts.v1.Posts",
    methods=(
        Method("create", CreateRequest, Post),
        Method("get_many", GetManyRequest, PostList, idempotent=True),
        Method("edit", EditRequest, Post, idempotent=True),
        Method("delete", PostRequest, Done, idempotent=True),
        Method("history", PostRequest, VersionList, idempotent=True),
        Method("thread", ThreadRequest, ThreadView, idempotent=True),
        Method("vote", VoteRequest, Post),
        Method("voters", PageOfRequest, PersonPage, idempotent=True),
        Method("repost", PostRequest, Post, idempotent=True),
        Method("unrepost", PostRequest, Post, idempotent=True),
        Method("reposters", PageOfRequest, PersonPage, idempotent=True),
        Method("quotes", PageOfRequest, PostPage, idempotent=True),
        Method("bookmark", PostRequest, Post, idempotent=True),
        Method("unbookmark", PostRequest, Post, idempotent=True),
        Method("bookmarks", BookmarksRequest, PostPage, idempotent=True),
        Method("pin", PostRequest, Post, idempotent=True),
        Method("unpin", PostRequest, Post, idempotent=True),
        Method("pinned", PinnedRequest, PostList, idempotent=True),
        Method("rules", RulesRequest, PostRules, idempotent=True),
        Method("counts", CountsRequest, CountList, idempotent=True),
    ),
    errors=(
        TextTooLong,
        PollClosed,
        AlreadyVoted,
        CannotRepost,
        AgainstRules,
        TooManyPins,
    ),
)
