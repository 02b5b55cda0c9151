"""A post and what hangs on it, as values; and the rules of audiences, polls and lists."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from samovar.kernel.clock import DAY, MINUTE, SECOND
from samovar.kernel.ids import MAX_ID
from samovar.services.posts.domain.text import clean_line, is_blank, longer_than

#: From the widest audience to the narrowest.
SCOPES: Final = ("public", "unlisted", "followers", "mentioned")
#: Audiences of strangers: what has one of these may be passed on by others.
OPEN: Final = frozenset(("public", "unlisted"))
PINS: Final = 5
#: How many former versions are kept; a post with as many is not edited any more.
VERSIONS: Final = 99
POLL_OPTIONS: Final = 8
#: Pictures and films of one post.
FILES: Final = 4
_OPTION_LENGTH: Final = 80
_POLL_TIME: Final = (5 * MINUTE, 30 * DAY)


class PollDraft(NamedTuple):
    """A poll to be made. `expires_in` is in seconds."""

    options: tuple[str, ...]
    expires_in: int
    multiple: bool


class Draft(NamedTuple):
    """A post to be made. An empty visibility takes that of the post replied to, or public."""

    text: str
    visibility: str
    reply_to_id: int | None
    quote_of_id: int | None
    content_warning: str
    language: str
    poll: PollDraft | None
    media_ids: tuple[int, ...]


class Post(NamedTuple):
    """A post as stored; the fields are columns, in their order. Lists are None when empty."""

    id: int
    author_id: int
    text: str
    html: str
    visibility: str
    language: str
    content_warning: str
    created_at: int
    edited_at: int
    reply_to_id: int | None
    reply_to_author_id: int | None
    root_id: int
    quote_of_id: int | None
    has_poll: bool
    #: Pairs of id and username.
    mentions: Sequence[Sequence[Any]] | None
    tags: Sequence[str] | None
    media_ids: Sequence[int] | None
    replies: int
    reposts: int
    quotes: int
    hidden: bool
    version: int
    #: Hidden until a moderator has looked at it.
    held: bool
    #: Behind a warning by a moderator's decision.
    sensitive: bool
    #: Those whom it names or answers were told of it.
    told: bool

    @property
    def people(self) -> tuple[int, ...]:
        """Those named in it, and whom it answers: they see it when only some may."""
        named = [user_id for user_id, _ in self.mentions or ()]
        if self.reply_to_author_id:
            named.append(self.reply_to_author_id)
        return tuple(dict.fromkeys(named))


class Written(NamedTuple):
    """A post as search keeps it."""

    id: int
    author_id: int
    text: str
    content_warning: str
    visibility: str
    mentions: Sequence[Sequence[Any]] | None
    reply_to_author_id: int | None
    language: str
    tags: Sequence[str] | None
    media_ids: Sequence[int] | None
    hidden: bool
    created_at: int
    version: int


class Poll(NamedTuple):
    """A poll as stored; the fields are columns, in their order."""

    post_id: int
    options: Sequence[str]
    votes: Sequence[int]
    multiple: bool
    expires_at: int
    voters: int


class Seen(NamedTuple):
    """A post as one viewer sees it, with their own marks on it."""

    post: Post
    poll: Poll | None = None
    expired: bool = False
    #: What the viewer chose, or None.
    choices: Sequence[int] | None = None
    reposted: bool = False
    bookmarked: bool = False
    pinned: bool = False


class Version(NamedTuple):
    """One state of a post's text."""

    text: str
    html: str
    content_warning: str
    created_at: int


def narrower(chosen: str, bound: str) -> str:
    """The narrower of two audiences: a reply is never shown more widely than what it answers."""
    return max(chosen, bound, key=SCOPES.index)


def counted(visibility: str) -> bool:
    """Whether a post shows in public numbers; what is between a few people does not."""
    return visibility != "mentioned"


def poll_problem(poll: PollDraft) -> dict[str, str]:
    """What is wrong with a poll, by field; empty when nothing is."""
    options = [clean_line(option) for option in poll.options[:POLL_OPTIONS] if len(option) <= 2000]
    if len(poll.options) not in range(2, POLL_OPTIONS + 1):
        return {"poll.options": "A poll has two to eight options."}
    if len(options) != len(poll.options) or any(longer_than(option, _OPTION_LENGTH) for option in options):
        return {"poll.options": "Keep each option within 80 characters."}
    if any(is_blank(option) for option in options):
        return {"poll.options": "Give each option a text."}
    if len({option.casefold() for option in options}) < len(options):
        return {"poll.options": "Make the options differ."}
    if not _POLL_TIME[0] <= poll.expires_in * SECOND <= _POLL_TIME[1]:
        return {"poll.expires_in": "A poll lasts from five minutes to thirty days."}
    return {}


def choice_problem(poll: Poll, choices: Sequence[int]) -> str | None:
    """What is wrong with a vote, or None."""
    if not choices:
        return "Choose an option."
    if any(not 0 <= choice < len(poll.options) for choice in choices):
        return "There is no such option."
    if len(set(choices)) < len(choices):
        return "Choose each option once."
    if len(choices) > 1 and not poll.multiple:
        return "Choose one option."
    return None


def is_id(value: int) -> bool:
    return 0 < value <= MAX_ID
