"""What moderators are shown, as values."""

from collections.abc import Mapping

import msgspec

from samovar.edge.present.media import MediaView
from samovar.edge.present.people import Author


class ActionView(msgspec.Struct, kw_only=True, frozen=True):
    """One thing that a decision does."""

    type: str
    #: When it ends by itself, or null.
    until: str | None
    #: `in_force`, `over` or `undone`.
    state: str


class AppealView(msgspec.Struct, kw_only=True, frozen=True):
    """An appeal against a decision."""

    #: `open`, `accepted` or `rejected`.
    state: str
    text: str
    created_at: str
    answer: str
    judged_at: str | None
    judge: Author | None


class DecisionView(msgspec.Struct, kw_only=True, frozen=True):
    """What was decided and why. Who decided is told to staff alone."""

    id: str
    url: str
    kind: str
    subject_id: str
    person: Author | None
    by: Author | None
    #: A rule decided it.
    automatic: bool
    case_id: str | None
    actions: tuple[ActionView, ...]
    reason: str
    reason_title: str
    reason_text: str
    message: str
    excerpt: str
    created_at: str
    undone_at: str | None
    appeal: AppealView | None
    appealable: bool


class DecisionPageView(msgspec.Struct, kw_only=True, frozen=True):
    """A page of decisions."""

    items: tuple[DecisionView, ...]
    next: str | None


class CaseView(msgspec.Struct, kw_only=True, frozen=True):
    """Everything about one subject until it is decided."""

    id: str
    url: str
    kind: str
    subject_id: str
    person: Author | None
    state: str
    origin: str
    #: How many people reported it, and for which reasons.
    reports: int
    reasons: Mapping[str, int]
    assignee: Author | None
    version: int
    opened_at: str
    closed_at: str | None
    excerpt: str
    held: bool


class CasePageView(msgspec.Struct, kw_only=True, frozen=True):
    """A page of cases."""

    items: tuple[CaseView, ...]
    next: str | None


class ReportView(msgspec.Struct, kw_only=True, frozen=True):
    """What somebody said of a subject."""

    by: Author | None
    reason: str
    text: str
    created_at: str


class ExhibitView(msgspec.Struct, kw_only=True, frozen=True):
    """An item as moderators examine it, whoever may see it."""

    kind: str
    id: str
    url: str
    author: Author | None
    title: str
    text: str
    content_warning: str
    visibility: str
    media: tuple[str, ...]
    #: Those of its files that are still there, as moderators see them.
    files: tuple[MediaView, ...]
    created_at: str
    edited_at: str | None
    hidden: bool
    held: bool
    sensitive: bool


class ExhibitPageView(msgspec.Struct, kw_only=True, frozen=True):
    """A page of items as moderators examine them."""

    items: tuple[ExhibitView, ...]
    next: str | None


class EvidenceView(msgspec.Struct, kw_only=True, frozen=True):
    """What a subject was like at a time."""

    taken_for: str
    taken_at: str
    exhibit: ExhibitView


class NoteView(msgspec.Struct, kw_only=True, frozen=True):
    """What a moderator told the others."""

    by: Author | None
    text: str
    created_at: str


class NoteListView(msgspec.Struct, kw_only=True, frozen=True):
    """Notes, newest first."""

    items: tuple[NoteView, ...]
    next: str | None = None


class LineView(msgspec.Struct, kw_only=True, frozen=True):
    """One line of the log."""

    id: str
    at: str
    #: Null for the house itself and for who is gone; `by_house` tells which.
    actor: Author | None
    by_house: bool
    action: str
    kind: str
    subject_id: str | None
    person: Author | None
    case_id: str | None
    decision_id: str | None
    why: str
    before: str
    after: str


class LinePageView(msgspec.Struct, kw_only=True, frozen=True):
    """A page of the log."""

    items: tuple[LineView, ...]
    next: str | None


class CaseFileView(msgspec.Struct, kw_only=True, frozen=True):
    """A case with all that belongs to it."""

    case: CaseView
    reports: tuple[ReportView, ...]
    evidence: tuple[EvidenceView, ...]
    notes: tuple[NoteView, ...]
    decisions: tuple[DecisionView, ...]
    history: tuple[LineView, ...]
    #: The subject as it is now; null when it is gone.
    now: ExhibitView | None


class HeldView(msgspec.Struct, kw_only=True, frozen=True):
    """An item that waits to be approved."""

    case_id: str
    since: str
    item: ExhibitView


class HeldPageView(msgspec.Struct, kw_only=True, frozen=True):
    """A page of items that wait."""

    items: tuple[HeldView, ...]
    next: str | None


class DossierView(msgspec.Struct, kw_only=True, frozen=True):
    """An account as staff see it."""

    id: str
    person: Author | None
    username: str
    email: str
    email_verified: bool
    roles: tuple[str, ...]
    otp_enabled: bool
    #: Empty, `suspended` or `banned`; until when, null for good.
    standing: str
    until: str | None
    silenced: bool
    sessions: int
    created_at: str
    last_seen_at: str | None


class DossierPageView(msgspec.Struct, kw_only=True, frozen=True):
    """A page of accounts."""

    items: tuple[DossierView, ...]
    next: str | None


class RoleView(msgspec.Struct, kw_only=True, frozen=True):
    """A role and what it may do."""

    name: str
    permissions: tuple[str, ...]
    fixed: bool
    people: int


class RoleListView(msgspec.Struct, kw_only=True, frozen=True):
    """All roles, the fixed ones first."""

    items: tuple[RoleView, ...]
    next: str | None = None


class RuleView(msgspec.Struct, kw_only=True, frozen=True):
    """A rule of the community."""

    id: str
    name: str
    kinds: tuple[str, ...]
    levels: tuple[str, ...]
    words: tuple[str, ...]
    hosts: tuple[str, ...]
    links: int
    per_hour: int
    media: bool
    outcome: str
    reason: str
    on: bool
