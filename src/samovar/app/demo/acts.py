"""What happens in the sample community: one value per act, with what must have happened before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from samovar.app.demo.corpus import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that a member does on a day (counted from the start, with its fraction)."""

    #: What the progress calls it.
    WHAT: ClassVar[str] = ""
    day: float
    who: str

    @property
    def makes(self) -> str:
        """The name of what there is afterwards; empty when nothing rests on it."""
        return ""

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of what must be there before."""
        return (f"member {self.who}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(Act):
    """Somebody becomes a member."""

    WHAT = "members"
    person: Person

    @property
    def makes(self) -> str:
        return f"member {self.who}"

    @property
    def needs(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow(Act):
    """Somebody follows another, or asks to."""

    WHAT = "follows"
    whom: str

    @property
    def makes(self) -> str:
        return f"follow {self.who} {self.whom}"

    @property
    def needs(self) -> tuple[str, ...]:
        return (f"member {self.who}", f"member {self.whom}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(Act):
    """A private member lets somebody follow."""

    WHAT = "follows"
    whom: str

    @property
    def makes(self) -> str:
        return f"accepted {self.whom} {self.who}"

    @property
    def needs(self) -> tuple[str, ...]:
        return (f"follow {self.whom} {self.who}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Write(Act):
    """A post, a reply or a quote."""

    WHAT = "posts"
    #: What it is called here.
    key: int
    text: str
    language: str
    topic: str
    parent: int | None = None
    quote: int | None = None
    visibility: str = "public"
    warning: str = ""
    options: tuple[str, ...] = ()
    #: How long the poll runs, in days.
    poll_days: int = 0
    multiple: bool = False
    marks: Mapping[str, str]

    @property
    def makes(self) -> str:
        return f"post {self.key}"

    @property
    def needs(self) -> tuple[str, ...]:
        """The author, and the posts it answers or quotes."""
        above = (other for other in (self.parent, self.quote) if other is not None)
        return (f"member {self.who}", *(f"post {other}" for other in above))


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPost(Act):
    """Something done to a post that is there."""

    key: int

    @property
    def needs(self) -> tuple[str, ...]:
        return (f"member {self.who}", f"post {self.key}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(OnPost):
    """The author changes a post."""

    WHAT = "edits"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class React(OnPost):
    """Somebody reacts to a post."""

    WHAT = "reactions"
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote(OnPost):
    """Somebody votes in a poll."""

    WHAT = "votes"
    choices: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repost(OnPost):
    """Somebody passes a post on."""

    WHAT = "reposts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark(OnPost):
    """Somebody keeps a post."""

    WHAT = "bookmarks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin(OnPost):
    """The author pins a post."""

    WHAT = "pins"
