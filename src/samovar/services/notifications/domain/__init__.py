"""Notifications as values, and their rules. Pure."""

from typing import Any, Final, NamedTuple

from samovar.kernel.clock import DAY
from samovar.kernel.errors import Invalid
from samovar.kernel.ids import MAX_ID

#: Types in the order to show them.
TYPES: Final = (
    "mentioned", "replied", "quoted", "followed", "follow_requested", "follow_accepted", "reacted",
    "reposted", "poll_ended", "reminder", "system",
)  # fmt: skip
#: Named parts of an inbox.
FILTERS: Final = {
    "mentions": ("mentioned", "replied", "quoted"),
    "follows": ("followed", "follow_requested", "follow_accepted"),
}
#: Types whose lines gather several people.
GATHERED: Final = frozenset({"followed", "reacted", "reposted"})
#: The kind that stands for a person in a line's subject, where there is no item.
PERSON: Final = "person"
#: Who is named in a line, at most.
NAMED: Final = 8
#: A line that was read goes on gathering for that long.
OPEN: Final = DAY


class Act(NamedTuple):
    """Something somebody did that somebody else may want to know."""

    user_id: int
    type: str
    kind: str
    item_id: int
    #: 0 when nobody did it.
    actor_id: int
    #: What makes lines alike.
    subject: str
    data: dict[str, Any] | None = None


class Undone(NamedTuple):
    """An act that was taken back."""

    #: 0 when the event doesn't say whose line it is: then `kind` and `item_id` find it.
    user_id: int
    subject: str
    actor_id: int
    kind: str = ""
    item_id: int = 0


class Seen(NamedTuple):
    """Who may see what an act tells of: as in the contracts' Audience."""

    scope: str
    owner_id: int
    people: tuple[int, ...]


class Wish(NamedTuple):
    """An act, and what decides whether its recipient is told."""

    act: Act
    #: None when it is the recipient's own item or no item at all.
    seen: Seen | None = None
    #: Items whose muting silences it: itself, what it answers, the beginning of its thread.
    about: tuple[tuple[str, int], ...] = ()


class Note(NamedTuple):
    """A line of an inbox."""

    id: int
    user_id: int
    position: int
    type: str
    kind: str
    item_id: int
    subject: str
    slot: int
    actors: list[int]
    number: int
    read: bool
    created_at: int
    updated_at: int
    data: dict[str, Any] | None


def subject_of(type: str, kind: str = "", item_id: int = 0) -> str:
    """What makes lines alike."""
    return f"{type}:{kind}:{item_id}" if kind else type


def act(
    user_id: int,
    type: str,
    actor_id: int,
    kind: str = "",
    item_id: int = 0,
    data: dict[str, Any] | None = None,
) -> Act:
    return Act(user_id, type, kind, item_id, actor_id, subject_of(type, kind, item_id), data)


def still_open(note: Note, now: int) -> bool:
    """Whether more of the same joins this line."""
    return not note.slot and (not note.read or now - note.created_at < OPEN)


def types_of(filter: str) -> tuple[str, ...]:
    """The types that a filter lets through. Raises Invalid."""
    if filter in ("", "unread"):
        return TYPES
    if filter in TYPES:
        return (filter,)
    if filter not in FILTERS:
        raise Invalid(fields={"filter": "There is no such part of the inbox."})
    return FILTERS[filter]


def is_id(value: int) -> bool:
    return 0 < value <= MAX_ID


class Device(NamedTuple):
    """A browser or app that is told as well."""

    id: int
    user_id: int
    channel: str
    address: str
    #: Hash of what makes the address one.
    digest: str
    name: str
    hint: str
    created_at: int
