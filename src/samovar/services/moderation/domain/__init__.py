"""Reports, cases, decisions and the log as values, and their rules. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from samovar.kernel.errors import Invalid
from samovar.kernel.ids import MAX_ID

#: Noted acts of other parts that are against a person; they are noted first, which refuses them where the
#: person is beyond reach.
AGAINST: Final = frozenset(("files.rejected", "files.banned"))
#: The kind that stands for a person as a subject.
PERSON: Final = "person"
REPORTED_FOR: Final = ("spam", "rude", "harassment", "illegal", "wrong_place", "other")
OPEN: Final = "open"
RESOLVED: Final = "resolved"
DISMISSED: Final = "dismissed"
STATES: Final = (OPEN, RESOLVED, DISMISSED)
IN_FORCE: Final = "in_force"
OVER: Final = "over"
UNDONE: Final = "undone"

HIDE: Final = "hide"
SENSITIVE: Final = "sensitive"
DELETE: Final = "delete"
HOLD: Final = "hold"
WARN: Final = "warn"
SILENCE: Final = "silence"
SUSPEND: Final = "suspend"
BAN: Final = "ban"
#: What may be done to items and to people, with the permission that it takes.
TO_ITEMS: Final[Mapping[str, str]] = {
    HIDE: "content.hide", SENSITIVE: "content.mark", DELETE: "content.delete",
}  # fmt: skip
TO_PEOPLE: Final[Mapping[str, str]] = {
    WARN: "accounts.warn", SILENCE: "accounts.silence", SUSPEND: "accounts.suspend", BAN: "accounts.ban",
}  # fmt: skip
PERMISSIONS: Final[Mapping[str, str]] = {**TO_ITEMS, **TO_PEOPLE, HOLD: "content.hide"}
#: What may end by itself.
TIMED: Final = frozenset({HIDE, SENSITIVE, SILENCE, SUSPEND})
#: What a person can't sign in under: they are written to, and shown the way by a key.
KEPT_OUT: Final = frozenset({SUSPEND, BAN})

WORDS: Final = 2000
REPORT_WORDS: Final = 1000
EXCERPT: Final = 200
#: Cases that one act takes at most.
MANY: Final = 50
#: Longest term: ten years.
LONGEST: Final = 10 * 366 * 24 * 3600 * 1_000_000


class Subject(NamedTuple):
    """An item of any kind, or a person."""

    kind: str
    id: int

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"


class Case(NamedTuple):
    """Everything about one subject until it is decided, in the order of the columns."""

    id: int
    kind: str
    subject_id: int
    person_id: int
    state: str
    origin: str
    reports: int
    reasons: Mapping[str, int]
    assignee_id: int
    version: int
    opened_at: int
    updated_at: int
    closed_at: int
    excerpt: str
    held: bool

    @property
    def subject(self) -> Subject:
        return Subject(self.kind, self.subject_id)


class Report(NamedTuple):
    """What somebody said of a subject."""

    id: int
    case_id: int
    reporter_id: int | None
    reason: str
    text: str
    created_at: int


class Evidence(NamedTuple):
    """A subject as it was; `exhibit` as the contract has it."""

    id: int
    case_id: int
    taken_for: str
    taken_at: int
    exhibit: Mapping[str, Any]


class Note(NamedTuple):
    """What moderators tell each other."""

    id: int
    case_id: int
    person_id: int
    author_id: int
    text: str
    created_at: int


class Decision(NamedTuple):
    """What was decided, by whom (0: by a rule) and why; and the appeal against it."""

    id: int
    case_id: int
    kind: str
    subject_id: int
    person_id: int
    by_id: int
    reason: str
    message: str
    excerpt: str
    created_at: int
    undone_at: int
    appeal: str
    appeal_text: str
    appealed_at: int
    appeal_answer: str
    judge_id: int
    judged_at: int

    @property
    def subject(self) -> Subject:
        return Subject(self.kind, self.subject_id)


class Effect(NamedTuple):
    """One thing that a decision does to its subject."""

    decision_id: int
    type: str
    kind: str
    subject_id: int
    until: int
    state: str


class Line(NamedTuple):
    """One line of the log."""

    id: int
    at: int
    actor_id: int
    action: str
    kind: str
    subject_id: int
    person_id: int
    case_id: int
    decision_id: int
    why: str
    before: str
    after: str


class Filter(NamedTuple):
    """Which cases to list; empty and 0 for all."""

    state: str = OPEN
    kind: str = ""
    reason: str = ""
    assignee_id: int = 0
    free: bool = False
    person_id: int = 0
    reporter_id: int = 0
    held: bool = False


class Wish(NamedTuple):
    """An action asked for, and when it is to end; 0: never."""

    type: str
    until: int


def checked_wishes(kind: str, wishes: Sequence[Wish], now: int) -> list[Wish]:
    """Actions that fit together and the subject. Raises Invalid."""
    allowed = TO_PEOPLE if kind == PERSON else TO_ITEMS
    types = [wish.type for wish in wishes]
    if not wishes or len(set(types)) < len(types) or not set(types) <= set(allowed):
        raise Invalid(fields={"actions": f"Choose among {', '.join(allowed)}, each once."})
    for wish in wishes:
        if wish.until and wish.type not in TIMED:
            raise Invalid(fields={"actions": "This has no term."})
        if wish.until and not now < wish.until <= now + LONGEST:
            raise Invalid(fields={"actions": "The term must lie in the next ten years."})
    return list(wishes)


def words(text: str, field: str, most: int = WORDS, least: int = 0) -> str:
    """What somebody wrote, without white space around it. Raises Invalid."""
    text = text.strip().replace("\r\n", "\n")
    if len(text) > most:
        raise Invalid(fields={field: "This is too long."})
    if len(text) < least:
        raise Invalid(fields={field: "Write a little more."})
    if any(ord(char) < 32 and char not in "\n\t" for char in text):
        raise Invalid(fields={field: "This holds characters that can't be shown."})
    return text


def excerpt_of(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text[: EXCERPT * 4].split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"


def is_id(value: int) -> bool:
    return 0 < value <= MAX_ID
