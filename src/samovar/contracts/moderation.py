"""Reports, cases, decisions, appeals, rules, and the log of who did what.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

from samovar.contracts.common import Done
from samovar.contracts.items import Exhibit
from samovar.kernel.contract import Contract, Event, Message, Method, register_event
from samovar.kernel.errors import Conflict, Forbidden


class ReportRequest(Message, frozen=True, kw_only=True):
    """What Moderation.report takes."""

    kind: str = ""
    id: int = 0
    #: "spam", "rude", "harassment", "illegal", "wrong_place" or "other".
    reason: str = ""
    #: At most 1000 characters.
    text: str = ""


class CasesRequest(Message, frozen=True, kw_only=True):
    """What Moderation.cases takes."""

    #: "open" (when empty), "resolved", "dismissed" or "all".
    state: str = ""
    #: Empty for all; else a kind of subjects, or a reason.
    kind: str = ""
    reason: str = ""
    #: "" for all, "mine", "free".
    assigned: str = ""
    #: About this person, or 0; reported by this person, or 0.
    person_id: int = 0
    reporter_id: int = 0
    cursor: str = ""
    limit: int = 0


class GetManyRequest(Message, frozen=True, kw_only=True):
    """What Moderation.get_many takes."""

    ids: tuple[int, ...] = ()


class CaseRequest(Message, frozen=True, kw_only=True):
    """What Moderation.open takes."""

    id: int = 0


class Case(Message, frozen=True, kw_only=True):
    """Case."""

    id: int = 0
    kind: str = ""
    subject_id: int = 0
    #: The person concerned: an item's author, or the person reported.
    person_id: int = 0
    #: "open", "resolved" or "dismissed".
    state: str = ""
    #: "report", "rule" or "staff".
    origin: str = ""
    #: How many people reported it, and the reasons with their numbers as JSON.
    reports: int = 0
    reasons: Mapping[str, int] = {}
    #: Who works on it, or 0.
    assignee_id: int = 0
    version: int = 0
    #: Microseconds since 1970 UTC; 0 while open.
    opened_at: int = 0
    updated_at: int = 0
    closed_at: int = 0
    #: The first words of what was reported.
    excerpt: str = ""
    #: Waits to be approved.
    held: bool = False


class CaseList(Message, frozen=True, kw_only=True):
    """Case list."""

    items: tuple[Case, ...] = ()


class CasePage(Message, frozen=True, kw_only=True):
    """Case page."""

    items: tuple[Case, ...] = ()
    next: str = ""


class Report(Message, frozen=True, kw_only=True):
    """Report."""

    #: 0 when they are gone.
    reporter_id: int = 0
    reason: str = ""
    text: str = ""
    created_at: int = 0


class Evidence(Message, frozen=True, kw_only=True):
    """What a subject was like at a time: later edits and deletions leave it."""

    #: "report", "decision" or "rule".
    taken_for: str = ""
    taken_at: int = 0
    exhibit: Exhibit = Exhibit()


class Note(Message, frozen=True, kw_only=True):
    """Note."""

    id: int = 0
    author_id: int = 0
    text: str = ""
    created_at: int = 0


class NoteList(Message, frozen=True, kw_only=True):
    """Note list."""

    items: tuple[Note, ...] = ()


class Action(Message, frozen=True, kw_only=True):
    """One thing that a decision does."""

    #: "hide", "sensitive", "delete" for items; "warn", "silence", "suspend", "ban" for people; rules "hold".
    type: str = ""
    #: When it ends by itself, in microseconds since 1970 UTC; 0: never.
    until: int = 0
    #: In answers: "in_force", "over" (its time came), or "undone".
    state: str = ""


class Decision(Message, frozen=True, kw_only=True):
    """Decision."""

    id: int = 0
    case_id: int = 0
    kind: str = ""
    subject_id: int = 0
    person_id: int = 0
    #: Who decided; 0 for a rule. Only for staff.
    by_id: int = 0
    actions: tuple[Action, ...] = ()
    reason: str = ""
    #: The reason's title and text in the reader's language, or of the rule.
    reason_title: str = ""
    reason_text: str = ""
    message: str = ""
    created_at: int = 0
    #: 0 unless it was taken back.
    undone_at: int = 0
    #: What it was about, for the person concerned: the beginning of the text.
    excerpt: str = ""
    #: The appeal: "" (none), "open", "accepted" or "rejected".
    appeal: str = ""
    appeal_text: str = ""
    appealed_at: int = 0
    appeal_answer: str = ""
    judged_at: int = 0
    #: Only for staff.
    judge_id: int = 0
    #: May the caller appeal now?
    appealable: bool = False


class AuditLine(Message, frozen=True, kw_only=True):
    """Who did what, to whom, when and why. Never changed."""

    id: int = 0
    at: int = 0
    #: 0 for the house itself.
    actor_id: int = 0
    #: Such as "case.dismissed", "decision.hide", "rule.saved", "roles.set".
    action: str = ""
    kind: str = ""
    subject_id: int = 0
    person_id: int = 0
    case_id: int = 0
    decision_id: int = 0
    why: str = ""
    #: What it was and what it became, as JSON, or empty.
    before: str = ""
    after: str = ""


class CaseFile(Message, frozen=True, kw_only=True):
    """Case file."""

    case: Case = Case()
    #: The newest 100.
    reports: tuple[Report, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[Note, ...] = ()
    decisions: tuple[Decision, ...] = ()
    history: tuple[AuditLine, ...] = ()
    #: The subject as it is now; absent when it is gone.
    now: Exhibit | None = None


class ClaimRequest(Message, frozen=True, kw_only=True):
    """What Moderation.claim takes."""

    id: int = 0
    version: int = 0
    #: False gives it back.
    claim: bool = False


class NoteRequest(Message, frozen=True, kw_only=True):
    """What Moderation.add_note takes."""

    #: One of the two.
    case_id: int = 0
    person_id: int = 0
    #: At most 2000 characters.
    text: str = ""


class DismissRequest(Message, frozen=True, kw_only=True):
    """What Moderation.dismiss takes."""

    case_ids: tuple[int, ...] = ()
    #: Of the one case, or 0 for whatever it is.
    version: int = 0


class ActRequest(Message, frozen=True, kw_only=True):
    """What Moderation.act takes."""

    case_ids: tuple[int, ...] = ()
    #: Without cases: what it is about, subjects of one kind.
    kind: str = ""
    subject_ids: tuple[int, ...] = ()
    actions: tuple[Action, ...] = ()
    #: A reason's key, and words of one's own (at most 2000 characters); at least one of them.
    reason: str = ""
    message: str = ""
    #: Of the one case, or 0 for whatever it is.
    version: int = 0


class UndoRequest(Message, frozen=True, kw_only=True):
    """What Moderation.undo takes."""

    decision_id: int = 0
    why: str = ""


class DecisionList(Message, frozen=True, kw_only=True):
    """Decision list."""

    items: tuple[Decision, ...] = ()


class DecisionPage(Message, frozen=True, kw_only=True):
    """Decision page."""

    items: tuple[Decision, ...] = ()
    next: str = ""


class DecisionRequest(Message, frozen=True, kw_only=True):
    """What Moderation.get_decision takes."""

    id: int = 0
    key: str = ""


class DecisionsRequest(Message, frozen=True, kw_only=True):
    """What Moderation.decisions takes."""

    #: About this person, or 0; by this moderator, or 0.
    person_id: int = 0
    by_id: int = 0
    cursor: str = ""
    limit: int = 0


class AppealRequest(Message, frozen=True, kw_only=True):
    """What Moderation.appeal takes."""

    decision_id: int = 0
    #: 10 to 2000 characters.
    text: str = ""
    key: str = ""


class AppealsRequest(Message, frozen=True, kw_only=True):
    """What Moderation.appeals takes."""

    #: "open" (when empty) or "judged".
    state: str = ""
    cursor: str = ""
    limit: int = 0


class JudgeRequest(Message, frozen=True, kw_only=True):
    """What Moderation.judge takes."""

    decision_id: int = 0
    accept: bool = False
    #: At most 2000 characters; needed to reject.
    answer: str = ""


class PersonRequest(Message, frozen=True, kw_only=True):
    """What Moderation.notes_of takes."""

    person_id: int = 0


class AuditRequest(Message, frozen=True, kw_only=True):
    """What Moderation.audit takes."""

    #: Filters; 0 and empty for all. `action` may be the beginning of one.
    actor_id: int = 0
    person_id: int = 0
    action: str = ""
    kind: str = ""
    subject_id: int = 0
    cursor: str = ""
    limit: int = 0


class AuditPage(Message, frozen=True, kw_only=True):
    """Audit page."""

    items: tuple[AuditLine, ...] = ()
    next: str = ""


class OverviewRequest(Message, frozen=True, kw_only=True):
    """What Moderation.overview takes."""


class OverviewAnswer(Message, frozen=True, kw_only=True):
    """Overview answer."""

    open_cases: int = 0
    #: When the oldest of each was opened, in microseconds; 0 when there is none.
    oldest_case_at: int = 0
    unassigned: int = 0
    open_appeals: int = 0
    oldest_appeal_at: int = 0
    held: int = 0
    oldest_held_at: int = 0
    #: In the last seven days.
    decisions: int = 0
    undone: int = 0
    reports: int = 0


class HeldRequest(Message, frozen=True, kw_only=True):
    """What Moderation.held takes."""

    kind: str = ""
    cursor: str = ""
    limit: int = 0


class HeldItem(Message, frozen=True, kw_only=True):
    """Held item."""

    case_id: int = 0
    since: int = 0
    exhibit: Exhibit = Exhibit()


class HeldPage(Message, frozen=True, kw_only=True):
    """Held page."""

    items: tuple[HeldItem, ...] = ()
    next: str = ""


class ApproveRequest(Message, frozen=True, kw_only=True):
    """What Moderation.approve takes."""

    case_ids: tuple[int, ...] = ()


class RecordRequest(Message, frozen=True, kw_only=True):
    """What Moderation.record takes."""

    action: str = ""
    person_id: int = 0
    why: str = ""
    before: str = ""
    after: str = ""


class ReasonsRequest(Message, frozen=True, kw_only=True):
    """What Moderation.reasons takes."""


class Reason(Message, frozen=True, kw_only=True):
    """What Moderation.save_reason takes."""

    #: Lower-case Latin letters, digits, underscores.
    key: str = ""
    title_en: str = ""
    text_en: str = ""
    title_ru: str = ""
    text_ru: str = ""
    builtin: bool = False


class ReasonList(Message, frozen=True, kw_only=True):
    """Reason list."""

    items: tuple[Reason, ...] = ()


class RemoveReasonRequest(Message, frozen=True, kw_only=True):
    """What Moderation.remove_reason takes."""

    key: str = ""


class RulesRequest(Message, frozen=True, kw_only=True):
    """What Moderation.rules takes."""


class Rule(Message, frozen=True, kw_only=True):
    """What Moderation.save_rule takes."""

    id: int = 0
    name: str = ""
    #: Kinds of content it is for; empty for all.
    kinds: tuple[str, ...] = ()
    #: Whose: of "new", "basic", "trusted"; empty for all members. Staff are never judged by rules.
    levels: tuple[str, ...] = ()
    #: What must be so; all of it. Words: any of them, as whole words; one that ends with * in all forms that
    #: begin so; several words as they follow each other. At most 500.
    words: tuple[str, ...] = ()
    #: Hosts: links to any of them or what is below them. At most 200.
    hosts: tuple[str, ...] = ()
    #: At least so many links; 0: any number.
    links: int = 0
    #: More than so many items within an hour; 0: any number.
    per_hour: int = 0
    #: Holds pictures or films.
    media: bool = False
    #: "queue", "sensitive", "hide", "hold" or "refuse".
    outcome: str = ""
    #: The reason's key, told to the author.
    reason: str = ""
    on: bool = False


class RuleList(Message, frozen=True, kw_only=True):
    """Rule list."""

    items: tuple[Rule, ...] = ()


class RemoveRuleRequest(Message, frozen=True, kw_only=True):
    """What Moderation.remove_rule takes."""

    id: int = 0


class TryRequest(Message, frozen=True, kw_only=True):
    """What Moderation.try_rules takes."""

    #: One that is not saved yet, beside those that are switched on.
    rule: Rule | None = None
    kind: str = ""
    level: str = ""
    text: str = ""
    media: bool = False


class AdmitRequest(Message, frozen=True, kw_only=True):
    """What Moderation.admit takes."""

    kind: str = ""
    author_id: int = 0
    text: str = ""
    media_ids: tuple[int, ...] = ()
    #: What is edited is not counted among new ones.
    edited: bool = False


class Verdict(Message, frozen=True, kw_only=True):
    """Verdict."""

    #: "" (nothing to say), "queue", "sensitive", "hide", "hold" or "refuse".
    outcome: str = ""
    rule_ids: tuple[int, ...] = ()
    #: Why, in the language of the caller; for what is refused.
    reason: str = ""
    #: Only followers may see what the author writes, and nobody else is told.
    silenced: bool = False


@register_event
class ReportMade(Event, frozen=True, kw_only=True):
    """A report came in."""

    TYPE: ClassVar[str] = "samovar.moderation.v1.ReportMade"
    KEY: ClassVar[str] = "case_id"

    case_id: int = 0
    kind: str = ""
    subject_id: int = 0
    reason: str = ""
    at: int = 0


@register_event
class DecisionMade(Event, frozen=True, kw_only=True):
    """A decision was taken, or taken back."""

    TYPE: ClassVar[str] = "samovar.moderation.v1.DecisionMade"
    KEY: ClassVar[str] = "decision_id"

    decision_id: int = 0
    kind: str = ""
    subject_id: int = 0
    person_id: int = 0
    actions: tuple[str, ...] = ()
    undone: bool = False
    at: int = 0


class Stale(Conflict):
    """Somebody else has worked on this meanwhile. Look again before you go on."""

    code = "moderation.stale"
    default_message = "Somebody else has worked on this meanwhile. Look again before you go on."


class Claimed(Conflict):
    """Somebody else is at work on this."""

    code = "moderation.claimed"
    default_message = "Somebody else is at work on this."


class CaseClosed(Conflict):
    """This case is closed."""

    code = "moderation.case_closed"
    default_message = "This case is closed."


class AppealedAlready(Conflict):
    """There was an appeal against this already."""

    code = "moderation.appealed_already"
    default_message = "There was an appeal against this already."


class AppealJudged(Conflict):
    """This appeal is judged already."""

    code = "moderation.appeal_judged"
    default_message = "This appeal is judged already."


class CannotUndo(Conflict):
    """What was deleted can't be brought back."""

    code = "moderation.cannot_undo"
    default_message = "What was deleted can't be brought back."


class OwnDecision(Forbidden):
    """Somebody else judges appeals against your decisions."""

    code = "moderation.own_decision"
    default_message = "Somebody else judges appeals against your decisions."


class RankTooHigh(Forbidden):
    """You can't act on somebody of your rank or above."""

    code = "moderation.rank_too_high"
    default_message = "You can't act on somebody of your rank or above."


class Oneself(Forbidden):
    """Nobody acts on themselves."""

    code = "moderation.oneself"
    default_message = "Nobody acts on themselves."


class ModerationApi(Protocol):
    """Subjects are items of any kind, or people: kind "person" with their id."""

    async def report(self, *, kind: str, id: int, reason: str, text: str) -> Done:
        """Report something that the caller may see, or a person. Reporting it again changes nothing."""
        ...

    async def cases(
        self,
        *,
        state: str,
        kind: str,
        reason: str,
        assigned: str,
        person_id: int,
        reporter_id: int,
        cursor: str,
        limit: int,
    ) -> CasePage:
        """Cases, those with most reports and the oldest first while open, else the newest first. For
        staff.
        """
        ...

    async def get_many(self, *, ids: Sequence[int] = ()) -> CaseList:
        """Those among the ids. At most 100."""
        ...

    async def open(self, *, id: int) -> CaseFile:
        """A case with reports, evidence, notes, decisions and history."""
        ...

    async def claim(self, *, id: int, version: int, claim: bool) -> Case:
        """Take a case, or give it back. Stale when it is another version by now."""
        ...

    async def add_note(self, *, case_id: int, person_id: int, text: str) -> Note:
        """Note something for other moderators, at a case or at a person."""
        ...

    async def dismiss(self, *, case_ids: Sequence[int] = (), version: int) -> Done:
        """Close cases without a decision: nothing was wrong. At most 50."""
        ...

    async def act(
        self,
        *,
        case_ids: Sequence[int] = (),
        kind: str,
        subject_ids: Sequence[int] = (),
        actions: Sequence[Action] = (),
        reason: str,
        message: str,
        version: int,
    ) -> DecisionList:
        """Take the same decision in cases, or about subjects. At most 50."""
        ...

    async def undo(self, *, decision_id: int, why: str) -> Decision:
        """Take a decision back."""
        ...

    async def get_decision(self, *, id: int, key: str) -> Decision:
        """A decision, for the person concerned (who may show the key from their letter instead of signing
        in) and staff.
        """
        ...

    async def decisions(self, *, person_id: int, by_id: int, cursor: str, limit: int) -> DecisionPage:
        """Decisions about a person or by a moderator, newest first. For staff."""
        ...

    async def appeal(self, *, decision_id: int, text: str, key: str) -> Decision:
        """Ask for another look, once for each decision."""
        ...

    async def appeals(self, *, state: str, cursor: str, limit: int) -> DecisionPage:
        """Appeals, the oldest first while open, else the newest first. For staff."""
        ...

    async def judge(self, *, decision_id: int, accept: bool, answer: str) -> Decision:
        """Accept an appeal, which takes the decision back, or reject it and say why."""
        ...

    async def notes_of(self, *, person_id: int) -> NoteList:
        """Notes about a person, newest first. For staff."""
        ...

    async def audit(
        self,
        *,
        actor_id: int,
        person_id: int,
        action: str,
        kind: str,
        subject_id: int,
        cursor: str,
        limit: int,
    ) -> AuditPage:
        """The log, newest first."""
        ...

    async def overview(self) -> OverviewAnswer:
        """What waits, in numbers."""
        ...

    async def held(self, *, kind: str, cursor: str, limit: int) -> HeldPage:
        """Items that wait to be approved, the oldest first."""
        ...

    async def approve(self, *, case_ids: Sequence[int] = ()) -> Done:
        """Let items that wait be seen. At most 50."""
        ...

    async def record(self, *, action: str, person_id: int, why: str, before: str, after: str) -> Done:
        """Note in the log what another part of the house did, such as roles given."""
        ...

    async def reasons(self) -> ReasonList:
        """Reasons to choose from, in both languages."""
        ...

    async def save_reason(
        self, *, key: str, title_en: str, text_en: str, title_ru: str, text_ru: str, builtin: bool
    ) -> Done:
        """SaveReason."""
        ...

    async def remove_reason(self, *, key: str) -> Done:
        """Remove a reason; one of the built-in set becomes as it was."""
        ...

    async def rules(self) -> RuleList:
        """Rules."""
        ...

    async def save_rule(
        self,
        *,
        id: int,
        name: str,
        kinds: Sequence[str] = (),
        levels: Sequence[str] = (),
        words: Sequence[str] = (),
        hosts: Sequence[str] = (),
        links: int,
        per_hour: int,
        media: bool,
        outcome: str,
        reason: str,
        on: bool,
    ) -> Rule:
        """Make a rule (id 0) or change it."""
        ...

    async def remove_rule(self, *, id: int) -> Done:
        """RemoveRule."""
        ...

    async def try_rules(
        self, *, rule: Rule | None = None, kind: str, level: str, text: str, media: bool
    ) -> Verdict:
        """What the rules that are switched on, and this one, say of a text."""
        ...

    async def admit(
        self, *, kind: str, author_id: int, text: str, media_ids: Sequence[int] = (), edited: bool
    ) -> Verdict:
        """For services that keep content: what the rules say of an item about to be written or edited. Not
        repeated:
        rules about a pace count it.
        """
        ...


MODERATION: Contract[ModerationApi] = Contract(
    "samovar.moderation.v1.Moderation",
    methods=(
        Method("report", ReportRequest, Done, idempotent=True),
        Method("cases", CasesRequest, CasePage, idempotent=True),
        Method("get_many", GetManyRequest, CaseList, idempotent=True),
        Method("open", CaseRequest, CaseFile, idempotent=True),
        Method("claim", ClaimRequest, Case),
        Method("add_note", NoteRequest, Note),
        Method("dismiss", DismissRequest, Done, idempotent=True),
        Method("act", ActRequest, DecisionList),
        Method("undo", UndoRequest, Decision, idempotent=True),
        Method("get_decision", DecisionRequest, Decision, idempotent=True),
        Method("decisions", DecisionsRequest, DecisionPage, idempotent=True),
        Method("appeal", AppealRequest, Decision),
        Method("appeals", AppealsRequest, DecisionPage, idempotent=True),
        Method("judge", JudgeRequest, Decision),
        Method("notes_of", PersonRequest, NoteList, idempotent=True),
        Method("audit", AuditRequest, AuditPage, idempotent=True),
        Method("overview", OverviewRequest, OverviewAnswer, idempotent=True),
        Method("held", HeldRequest, HeldPage, idempotent=True),
        Method("approve", ApproveRequest, Done, idempotent=True),
        Method("record", RecordRequest, Done),
        Method("reasons", ReasonsRequest, ReasonList, idempotent=True),
        Method("save_reason", Reason, Done, idempotent=True),
        Method("remove_reason", RemoveReasonRequest, Done, idempotent=True),
        Method("rules", RulesRequest, RuleList, idempotent=True),
        Method("save_rule", Rule, Rule),
        Method("remove_rule", RemoveRuleRequest, Done, idempotent=True),
        Method("try_rules", TryRequest, Verdict, idempotent=True),
        Method("admit", AdmitRequest, Verdict),
    ),
    errors=(
        Stale,
        Claimed,
        CaseClosed,
        AppealedAlready,
        AppealJudged,
        CannotUndo,
        OwnDecision,
        RankTooHigh,
        Oneself,
    ),
)
