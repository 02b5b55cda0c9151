"""Values and rules of analytics: pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from samovar.kernel.clock import DAY
from samovar.kernel.errors import Invalid

#: The longest period that figures are made for, and the most weeks of cohorts.
LONGEST, WEEKS = 730, 26
#: What people may be seen doing, rather than be told of by events.
SEEN: Final = ("viewed", "clicked", "active")
#: How late such a fact may come.
LATE: Final = DAY
#: What exports there are, and whether anybody may ask for them: about their own things.
EXPORTS: Final[Mapping[str, bool]] = {"days": False, "content": False, "people": False, "mine": True}
#: Exports of one person that are under way at once.
AT_ONCE: Final = 2
#: Series of a summary: what is added up, and what is taken off.
SERIES: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "registered": (("registered",), ()),
    "left": (("left",), ()),
    "created": (("created",), ()),
    "replied": (("replied",), ()),
    "reacted": (("reacted",), ("unreacted",)),
    "shared": (("shared", "quoted"), ("unshared",)),
    "followed": (("followed",), ("unfollowed",)),
    "uploaded": (("uploaded",), ()),
    "viewed": (("viewed",), ()),
    "clicked": (("clicked",), ()),
}
#: Series of one's own figures.
OWN: Final = ("viewed", "visited", "clicked", "reacted", "replied", "shared", "followed", "created")


class Period(NamedTuple):
    """Days of UTC, both included."""

    first: int
    last: int

    @property
    def days(self) -> int:
        return self.last - self.first + 1

    @property
    def before(self) -> "Period":
        """As long a period, just before."""
        return Period(self.first - self.days, self.first - 1)


class Series(NamedTuple):
    """A number for each day of a period."""

    name: str
    values: tuple[int, ...]
    total: int
    #: Total of the period before.
    before: int


@dataclass(frozen=True, slots=True)
class Export:
    """A file with figures that somebody asked for."""

    id: int
    user_id: int
    what: str
    first: int
    last: int
    state: str
    done: int
    rows: int
    bytes: int
    created_at: int
    expires_at: int

    @property
    def key(self) -> str:
        """Where its bytes are."""
        return f"analytics/exports/{self.id}.csv"


def period(days: int, now: int) -> Period:
    """The last so many days, today included. Raises Invalid."""
    if not 1 <= days <= LONGEST:
        raise Invalid(fields={"days": "Choose between 1 and 730 days."})
    last = now // DAY
    return Period(last - days + 1, last)


def bounded(limit: int) -> int:
    """How many to answer with. Raises Invalid."""
    if not 0 <= limit <= 100:
        raise Invalid(fields={"limit": "Ask for at most 100 at once."})
    return limit or 20


def series(
    name: str,
    added: Iterable[Mapping[int, int]],
    taken: Iterable[Mapping[int, int]],
    when: Period,
) -> Series:
    """A series from numbers by day of the period and of the one before."""
    every: dict[int, int] = {}
    for sign, several in ((1, added), (-1, taken)):
        for numbers in several:
            for day, number in numbers.items():
                every[day] = every.get(day, 0) + sign * number
    values = tuple(every.get(day, 0) for day in range(when.first, when.last + 1))
    before = sum(every.get(day, 0) for day in range(when.before.first, when.before.last + 1))
    return Series(name, values, sum(values), before)


def line(cells: Sequence[int | str]) -> str:
    """A line of CSV. Texts are names of ours and need no quotes; any that did would be refused."""
    texts = [str(cell) for cell in cells]
    if any(set(text) & set('",\r\n') or text.startswith(("=", "+", "@")) for text in texts):
        raise ValueError("not a cell of ours")
    return ",".join(texts) + "\r\n"
