"""Figures of the community: what happened, how often, and to whose things; for operators and for authors.
Days are days of UTC, counted from 1970-01-01. Counts are of what was not taken back.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Sequence
from typing import Protocol

from samovar.contracts.common import Done
from samovar.kernel.contract import Contract, Message, Method
from samovar.kernel.errors import Conflict, NotFound


class Seen(Message, frozen=True, kw_only=True):
    """Something was looked at."""

    #: Unique; made by who saw it.
    id: int = 0
    #: "viewed", "clicked", or "active" for somebody who was here at all.
    name: str = ""
    at: int = 0
    #: 0 for strangers, and for members who do not wish to be counted.
    actor_id: int = 0
    #: What was looked at: an item, or a person ("person" and their id); empty and 0 for "active".
    kind: str = ""
    item_id: int = 0


class RecordRequest(Message, frozen=True, kw_only=True):
    """What Analytics.record takes."""

    seen: tuple[Seen, ...] = ()


class PeriodRequest(Message, frozen=True, kw_only=True):
    """What Analytics.summary takes."""

    #: From 1 to 730.
    days: int = 0


class PopularRequest(Message, frozen=True, kw_only=True):
    """What Analytics.popular takes."""

    kind: str = ""
    days: int = 0
    limit: int = 0


class PeopleRequest(Message, frozen=True, kw_only=True):
    """What Analytics.active_people takes."""

    days: int = 0
    limit: int = 0


class RetentionRequest(Message, frozen=True, kw_only=True):
    """What Analytics.retention takes."""

    #: From 1 to 26.
    weeks: int = 0


class Series(Message, frozen=True, kw_only=True):
    """A number for each day, week or month of a period."""

    name: str = ""
    #: As many as there are spans in the period, oldest first.
    values: tuple[int, ...] = ()
    total: int = 0
    #: The total of as long a period before.
    before: int = 0


class SpanCount(Message, frozen=True, kw_only=True):
    """Span count."""

    first: int = 0
    people: int = 0


class Community(Message, frozen=True, kw_only=True):
    """Community."""

    #: The first and last day of the period.
    first: int = 0
    last: int = 0
    #: By day, by name of what happened: registered, left, created, replied, reacted, shared, followed (less
    #: what was taken back), uploaded, viewed, clicked, and active: people who were here.
    series: tuple[Series, ...] = ()
    #: People who were here in the last day, 7 and 30 days, and in as many before.
    daily: int = 0
    daily_before: int = 0
    weekly: int = 0
    weekly_before: int = 0
    monthly: int = 0
    monthly_before: int = 0
    #: People by calendar week and month, oldest first: the first days of those, and how many were here.
    weeks: tuple[SpanCount, ...] = ()
    months: tuple[SpanCount, ...] = ()
    #: Members at the end, and before the period, as far as facts tell.
    members: int = 0
    members_before: int = 0


class ItemFigures(Message, frozen=True, kw_only=True):
    """Item figures."""

    kind: str = ""
    id: int = 0
    owner_id: int = 0
    views: int = 0
    clicks: int = 0
    reactions: int = 0
    replies: int = 0
    shares: int = 0
    score: int = 0


class ItemList(Message, frozen=True, kw_only=True):
    """Item list."""

    items: tuple[ItemFigures, ...] = ()


class PersonFigures(Message, frozen=True, kw_only=True):
    """Person figures."""

    user_id: int = 0
    #: Days on which they were here, and how much they did.
    days: int = 0
    acts: int = 0


class PersonList(Message, frozen=True, kw_only=True):
    """Person list."""

    items: tuple[PersonFigures, ...] = ()


class Cohort(Message, frozen=True, kw_only=True):
    """Cohort."""

    #: The Monday of their week.
    first: int = 0
    people: int = 0
    #: How many of them were here in their first week, in the one after, and so on until this week.
    here: tuple[int, ...] = ()


class CohortList(Message, frozen=True, kw_only=True):
    """Cohort list."""

    items: tuple[Cohort, ...] = ()


class Steps(Message, frozen=True, kw_only=True):
    """Steps."""

    registered: int = 0
    followed: int = 0
    posted: int = 0
    returned: int = 0


class Own(Message, frozen=True, kw_only=True):
    """Own."""

    first: int = 0
    last: int = 0
    #: By day: viewed (one's items), visited (one's page), clicked, reacted, replied, shared, followed,
    #: created.
    series: tuple[Series, ...] = ()
    #: One's items that people responded to most.
    best: tuple[ItemFigures, ...] = ()


class GetChoiceRequest(Message, frozen=True, kw_only=True):
    """What Analytics.get_choice takes."""


class SetChoiceRequest(Message, frozen=True, kw_only=True):
    """What Analytics.set_choice takes."""

    counted: bool = False


class ExportsRequest(Message, frozen=True, kw_only=True):
    """What Analytics.exports takes."""


class Choice(Message, frozen=True, kw_only=True):
    """Choice."""

    counted: bool = False


class BeginExportRequest(Message, frozen=True, kw_only=True):
    """What Analytics.begin_export takes."""

    what: str = ""
    days: int = 0


class ExportRequest(Message, frozen=True, kw_only=True):
    """What Analytics.get_export takes."""

    id: int = 0


class Export(Message, frozen=True, kw_only=True):
    """Export."""

    id: int = 0
    what: str = ""
    days: int = 0
    #: "waiting", "writing", "ready", "failed".
    state: str = ""
    #: How many of its days are written.
    done: int = 0
    rows: int = 0
    bytes: int = 0
    created_at: int = 0
    #: When it is erased.
    expires_at: int = 0
    #: Where the file is, once it is ready.
    key: str = ""


class ExportList(Message, frozen=True, kw_only=True):
    """Export list."""

    items: tuple[Export, ...] = ()


class UnknownKind(NotFound):
    """There is no such kind of content."""

    code = "analytics.unknown_kind"
    default_message = "There is no such kind of content."


class ExportsUnderWay(Conflict):
    """Two exports are under way already. Wait until one is done."""

    code = "analytics.exports_under_way"
    default_message = "Two exports are under way already. Wait until one is done."


class AnalyticsApi(Protocol):
    """Analytics."""

    async def record(self, *, seen: Sequence[Seen] = ()) -> Done:
        """Note what people looked at. For the edge; a batch that comes again is counted once. At most 500."""
        ...

    async def summary(self, *, days: int) -> Community:
        """The community's figures for so many days until today, and for as many before. Needs
        analytics.see.
        """
        ...

    async def popular(self, *, kind: str, days: int, limit: int) -> ItemList:
        """What members responded to most, of one kind or (empty) of all. Needs analytics.see."""
        ...

    async def active_people(self, *, days: int, limit: int) -> PersonList:
        """Who did most. Needs analytics.see."""
        ...

    async def retention(self, *, weeks: int) -> CohortList:
        """Of those who came in a week: how many were there in that and each later week. Needs
        analytics.see.
        """
        ...

    async def funnel(self, *, days: int) -> Steps:
        """Of those who came in the period: how many followed somebody, then wrote, then returned. Needs
        analytics.see.
        """
        ...

    async def mine(self, *, days: int) -> Own:
        """Figures of the caller's own content."""
        ...

    async def get_choice(self) -> Choice:
        """Whether what the caller does is counted as theirs."""
        ...

    async def set_choice(self, *, counted: bool) -> Choice:
        """Change that. What was counted as theirs before is made nobody's."""
        ...

    async def begin_export(self, *, what: str, days: int) -> Export:
        """Begin to write figures into a file. `what`: "days", "content" or "people", which need
        analytics.see, or
        "mine". At most two of one person are under way at once.
        """
        ...

    async def exports(self) -> ExportList:
        """The caller's exports, newest first."""
        ...

    async def get_export(self, *, id: int) -> Export:
        """One of the caller's exports."""
        ...


ANALYTICS: Contract[AnalyticsApi] = Contract(
    "samovar.analytics.v1.Analytics",
    methods=(
        Method("record", RecordRequest, Done, idempotent=True),
        Method("summary", PeriodRequest, Community, idempotent=True),
        Method("popular", PopularRequest, ItemList, idempotent=True),
        Method("active_people", PeopleRequest, PersonList, idempotent=True),
        Method("retention", RetentionRequest, CohortList, idempotent=True),
        Method("funnel", PeriodRequest, Steps, idempotent=True),
        Method("mine", PeriodRequest, Own, idempotent=True),
        Method("get_choice", GetChoiceRequest, Choice, idempotent=True),
        Method("set_choice", SetChoiceRequest, Choice, idempotent=True),
        Method("begin_export", BeginExportRequest, Export),
        Method("exports", ExportsRequest, ExportList, idempotent=True),
        Method("get_export", ExportRequest, Export, idempotent=True),
    ),
    errors=(
        UnknownKind,
        ExportsUnderWay,
    ),
)
