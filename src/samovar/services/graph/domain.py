"""What people are to each other, and the rules of it. Pure."""

from typing import Final, NamedTuple

from samovar.kernel.errors import Invalid
from samovar.kernel.ids import parse_id


class Tie(NamedTuple):
    """A tie between two people, by the names it has on either side."""

    #: Seen from the one who made it.
    own: str
    #: Seen from the other.
    mirror: str


FOLLOW: Final = Tie("following", "follower")
REQUEST: Final = Tie("requested", "requester")
BLOCK: Final = Tie("blocking", "blocked_by")
MUTE: Final = Tie("muting", "muted_by")
TIES: Final = (FOLLOW, REQUEST, BLOCK, MUTE)

#: A stand is how one person stands to another: a sum of these.
FOLLOWING: Final = 1
FOLLOWER: Final = 2
REQUESTED: Final = 4
REQUESTER: Final = 8
BLOCKING: Final = 16
BLOCKED_BY: Final = 32
MUTING: Final = 64
MUTED_BY: Final = 128
#: The other is private.
PRIVATE: Final = 256
#: The other has left.
GONE: Final = 512

#: The bit of each side of each tie.
BITS: Final = {
    "following": FOLLOWING, "follower": FOLLOWER, "requested": REQUESTED, "requester": REQUESTER,
    "blocking": BLOCKING, "blocked_by": BLOCKED_BY, "muting": MUTING, "muted_by": MUTED_BY,
}  # fmt: skip
BLOCKED: Final = BLOCKING | BLOCKED_BY


class Person(NamedTuple):
    """What graph knows of one person."""

    private: bool = False
    hide_followers: bool = False
    gone: bool = False
    followers: int = 0
    following: int = 0


class Link(NamedTuple):
    """One person of a list, and the tie's place in it (newer is larger)."""

    user_id: int
    order: int


def may_follow(stand: int) -> bool:
    """Whether somebody who stands so to a person may follow them or ask to."""
    return not stand & (BLOCKED | GONE)


def may_list(owner: Person, stand: int, *, own: bool) -> bool:
    """Whether somebody who stands so to a person may see whom they follow and who follows them."""
    if owner.gone:
        return False
    if own:
        return True
    if owner.hide_followers or stand & BLOCKED:
        return False
    return not owner.private or bool(stand & FOLLOWING)


def may_suggest(stand: int) -> bool:
    """Whether a person to whom one stands so is worth suggesting."""
    return not stand & (FOLLOWING | REQUESTED | BLOCKED | MUTING | GONE)


def page_start(cursor: str) -> int | None:
    """The order below which a page starts; None for the first page. Raises Invalid."""
    if not cursor:
        return None
    order = parse_id(cursor)
    if order is None:
        raise Invalid(fields={"cursor": "Use the `next` of the page before."})
    return order
