"""Facts: a port. What happened, in small rows that are only ever added, and the questions that are asked of
many of them. The embedded version keeps roll-ups beside them (`rollups`); a store made for such questions
may stand in its place and gives the same answers.

Days are days of UTC, counted from 1970-01-01; weeks begin on Monday; a span is known by its first day.
A person is a positive number, nobody is 0, and somebody who is not to be known any more is a negative one.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from samovar.kernel.clock import DAY

_FIRST: Final = date(1970, 1, 1)

#: Spans by the days they have, more or less.
DAYS, WEEKS, MONTHS = 1, 7, 30

#: Facts by which a person is ranked among the active: what they do, rather than look at.
ACTS: Final = ("created", "edited", "reacted", "shared", "followed", "uploaded")
#: What a fact adds to the numbers of its item: measure and how much.
MEASURES: Final[Mapping[str, tuple[str, int]]] = {
    "viewed": ("views", 1),
    "clicked": ("clicks", 1),
    "reacted": ("reactions", 1),
    "unreacted": ("reactions", -1),
    "replied": ("replies", 1),
    "shared": ("shares", 1),
    "unshared": ("shares", -1),
    "quoted": ("shares", 1),
}
#: What a fact adds to the numbers of whom it concerns. Looks at a person themselves are "visited".
OWN: Final[Mapping[str, tuple[str, int]]] = {
    "viewed": ("viewed", 1),
    "clicked": ("clicked", 1),
    "reacted": ("reacted", 1),
    "unreacted": ("reacted", -1),
    "replied": ("replied", 1),
    "shared": ("shared", 1),
    "unshared": ("shared", -1),
    "quoted": ("shared", 1),
    "followed": ("followed", 1),
    "unfollowed": ("followed", -1),
    "created": ("created", 1),
}
#: How much each measure weighs where items are ranked.
WEIGHTS: Final[Mapping[str, int]] = {"views": 1, "clicks": 1, "reactions": 4, "replies": 6, "shares": 8}
#: Facts that are kept as long as the community is: how many members there are follows from them.
KEPT: Final = ("registered", "left")
#: The kind of facts about a person.
PERSON: Final = "person"


class Fact(NamedTuple):
    """Something that happened. Known by its id and name: it may be told again, and counts once."""

    id: int
    name: str
    at: int
    actor_id: int = 0
    #: What it is about, and whose that is.
    kind: str = ""
    item_id: int = 0
    owner_id: int = 0
    #: One small word more: which reaction, which kind of file.
    detail: str = ""


class ItemNumbers(NamedTuple):
    """How an item was responded to."""

    kind: str
    id: int
    owner_id: int
    views: int
    clicks: int
    reactions: int
    replies: int
    shares: int
    score: int


class PersonNumbers(NamedTuple):
    """How much somebody was here."""

    user_id: int
    days: int
    acts: int


class Cohort(NamedTuple):
    """Those who came in a week; how many of them were here in that and each later one."""

    first: int
    people: int
    here: tuple[int, ...]


class Steps(NamedTuple):
    """Of those who came: how many went on to each step, having made all before it."""

    registered: int = 0
    followed: int = 0
    posted: int = 0
    returned: int = 0


#: Numbers by name and day.
ByDay = Mapping[str, Mapping[int, int]]


class Facts(Protocol):
    """Facts by what is asked of them. Periods include their first and last day."""

    async def take(self, facts: Sequence[Fact]) -> None:
        """Count these; what was taken before changes nothing."""
        ...

    async def forget(self, user_id: int, stand_in: int, *, whole: bool) -> None:
        """Put somebody unknown in a person's place, wherever they did something; when `whole`, nothing is
        theirs any more either. Numbers of the community stay."""
        ...

    async def prune(self, before: int) -> None:
        """Drop facts, but for KEPT, of days before that one."""
        ...

    async def counts(self, names: Sequence[str], first: int, last: int) -> ByDay:
        """How often each happened, by day."""
        ...

    async def people(self, span: int, first: int, last: int) -> Mapping[int, int]:
        """How many people were here in each day, week or month that begins in a period."""
        ...

    async def active(self, first: int, last: int) -> int:
        """How many people were here in a period."""
        ...

    async def members(self, last: int) -> int:
        """How many people came, less those who left, until the end of a day."""
        ...

    async def cohorts(self, first: int, last: int) -> Sequence[Cohort]:
        """Those of the weeks that begin in a period, oldest first; `here` reaches to its last week."""
        ...

    async def steps(self, first: int, last: int) -> Steps:
        """How far those went who came in a period."""
        ...

    async def popular(self, kind: str, first: int, last: int, limit: int) -> Sequence[ItemNumbers]:
        """Items, of one kind or (empty) of all, that were responded to most; not those that are gone."""
        ...

    async def most_active(self, first: int, last: int, limit: int) -> Sequence[PersonNumbers]:
        """Who did most."""
        ...

    async def own(self, owner_id: int, first: int, last: int) -> ByDay:
        """How people responded to one person's things and page: names of OWN, and "visited"."""
        ...

    async def own_items(self, owner_id: int, first: int, last: int, limit: int) -> Sequence[ItemNumbers]:
        """Like `popular`, for one person's items."""
        ...

    async def rows(self, what: str, day: int, after: int, limit: int) -> Sequence[tuple[int | str, ...]]:
        """A day's numbers one by one, in an order that stays, skipping the first `after`: "days" (name, kind,
        number), "content" (as ItemNumbers), "people" (as PersonNumbers)."""
        ...


def day_of(at: int) -> int:
    """The day of a time."""
    return at // DAY


def week_of(day: int) -> int:
    """The Monday of a day's week."""
    return day - (day + 3) % 7


@lru_cache(4096)
def month_of(day: int) -> int:
    """The first day of a day's month."""
    return (date_of(day).replace(day=1) - _FIRST).days


def date_of(day: int) -> date:
    """A day as the calendar has it."""
    return _FIRST + timedelta(days=day)


def next_month(month: int) -> int:
    """The first day of the month after."""
    return month_of(month + 31)


def pieces(first: int, last: int) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """A period as days before, whole months, and days after; each may be empty (its end before its start)."""
    start = month_of(first) if month_of(first) == first else next_month(first)
    end = month_of(last + 1)  # whole months end the day before
    if end <= start:
        return (first, last), (1, 0), (1, 0)
    return (first, start - 1), (start, end - 1), (end, last)
