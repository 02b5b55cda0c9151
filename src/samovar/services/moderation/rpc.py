"""Contract to domain and back."""

from collections.abc import Sequence

import msgspec

from samovar.contracts import moderation as api
from samovar.contracts.common import Done
from samovar.contracts.items import Exhibit
from samovar.kernel.authz import may
from samovar.kernel.context import current_call
from samovar.kernel.errors import NotFound
from samovar.services.moderation.domain import (
    Case,
    Decision,
    Effect,
    Filter,
    Line,
    Note,
    Subject,
    Wish,
)
from samovar.services.moderation.domain.reasons import Reason
from samovar.services.moderation.domain.rules import Rule
from samovar.services.moderation.service import ModerationService

DONE = Done()


class ModerationRpc:
    """Serves samovar.moderation."""

    def __init__(self, service: ModerationService) -> None:
        self._service = service

    async def report(self, *, kind: str, id: int, reason: str, text: str) -> Done:
        await self._service.reporting.report(current_call(), Subject(kind, id), reason, text)
        return DONE

    async def cases(
        self, *, state: str, kind: str, reason: str, assigned: str, person_id: int, reporter_id: int,
        cursor: str, limit: int,
    ) -> api.CasePage:  # fmt: skip
        wanted = Filter(
            state="" if state == "all" else state or "open", kind=kind, reason=reason, person_id=person_id,
            reporter_id=reporter_id,
        )  # fmt: skip
        found, following = await self._service.casework.listed(
            current_call(), wanted, assigned, cursor, limit
        )
        return api.CasePage(items=tuple(map(_case, found)), next=following)

    async def get_many(self, *, ids: Sequence[int] = ()) -> api.CaseList:
        found = await self._service.casework.many(current_call(), ids)
        return api.CaseList(items=tuple(map(_case, found)))

    async def open(self, *, id: int) -> api.CaseFile:
        found = await self._service.casework.file(current_call(), id)
        return api.CaseFile(
            case=_case(found.case),
            reports=tuple(
                api.Report(
                    reporter_id=report.reporter_id or 0, reason=report.reason, text=report.text,
                    created_at=report.created_at,
                )
                for report in found.reports
            ),
            evidence=tuple(
                api.Evidence(
                    taken_for=one.taken_for, taken_at=one.taken_at,
                    exhibit=msgspec.convert(one.exhibit, Exhibit),
                )
                for one in found.evidence
            ),
            notes=tuple(map(_note, found.notes)),
            decisions=tuple(
                [await self._decision(one, found.effects.get(one.id, [])) for one in found.decisions]
            ),
            history=tuple(map(_line, found.history)),
            now=found.now,
        )  # fmt: skip

    async def claim(self, *, id: int, version: int, claim: bool) -> api.Case:
        return _case(await self._service.casework.claim(current_call(), id, version, claim=claim))

    async def add_note(self, *, case_id: int, person_id: int, text: str) -> api.Note:
        return _note(await self._service.casework.note(current_call(), case_id, person_id, text))

    async def dismiss(self, *, case_ids: Sequence[int] = (), version: int) -> Done:
        await self._service.casework.dismiss(current_call(), case_ids, version)
        return DONE

    async def act(
        self, *, case_ids: Sequence[int] = (), kind: str, subject_ids: Sequence[int] = (),
        actions: Sequence[api.Action] = (), reason: str, message: str, version: int,
    ) -> api.DecisionList:  # fmt: skip
        wishes = [Wish(action.type, action.until) for action in actions]
        made = await self._service.deciding.act(
            current_call(),
            case_ids,
            [Subject(kind, one) for one in subject_ids],
            wishes,
            reason,
            message,
            version,
        )
        return api.DecisionList(items=tuple([await self._decision(*one) for one in made]))

    async def undo(self, *, decision_id: int, why: str) -> api.Decision:
        return await self._decision(*await self._service.deciding.undo(current_call(), decision_id, why))

    async def get_decision(self, *, id: int, key: str) -> api.Decision:
        found, effects = await self._service.deciding.one(current_call(), id, key)
        return await self._decision(found, effects, key)

    async def decisions(self, *, person_id: int, by_id: int, cursor: str, limit: int) -> api.DecisionPage:
        found, following = await self._service.deciding.listed(
            current_call(), person_id, by_id, cursor, limit
        )
        return await self._page(found, following)

    async def appeal(self, *, decision_id: int, text: str, key: str) -> api.Decision:
        found = await self._service.deciding.appeal(current_call(), decision_id, text, key)
        return await self._decision(*found, key)

    async def appeals(self, *, state: str, cursor: str, limit: int) -> api.DecisionPage:
        found, following = await self._service.deciding.appeals(current_call(), state, cursor, limit)
        return await self._page(found, following)

    async def judge(self, *, decision_id: int, accept: bool, answer: str) -> api.Decision:
        found = await self._service.deciding.judge(current_call(), decision_id, answer, accept=accept)
        return await self._decision(*found)

    async def notes_of(self, *, person_id: int) -> api.NoteList:
        found = await self._service.casework.notes_of(current_call(), person_id)
        return api.NoteList(items=tuple(map(_note, found)))

    async def audit(
        self, *, actor_id: int, person_id: int, action: str, kind: str, subject_id: int, cursor: str,
        limit: int,
    ) -> api.AuditPage:  # fmt: skip
        wanted: dict[str, str | int] = {
            "actor_id": actor_id, "person_id": person_id, "action": action, "kind": kind,
            "subject_id": subject_id,
        }  # fmt: skip
        found, following = await self._service.casework.audit(current_call(), wanted, cursor, limit)
        return api.AuditPage(items=tuple(map(_line, found)), next=following)

    async def overview(self) -> api.OverviewAnswer:
        found = await self._service.casework.waiting(current_call())
        return api.OverviewAnswer(
            open_cases=found.cases, oldest_case_at=found.case_at, unassigned=found.free,
            open_appeals=found.appeals, oldest_appeal_at=found.appeal_at, held=found.held,
            oldest_held_at=found.held_at, decisions=found.decisions, undone=found.undone,
            reports=found.reports,
        )  # fmt: skip

    async def held(self, *, kind: str, cursor: str, limit: int) -> api.HeldPage:
        found, following = await self._service.casework.held(current_call(), kind, cursor, limit)
        return api.HeldPage(
            items=tuple(
                api.HeldItem(case_id=case.id, since=case.opened_at, exhibit=exhibit)
                for case, exhibit in found
            ),
            next=following,
        )

    async def approve(self, *, case_ids: Sequence[int] = ()) -> Done:
        await self._service.casework.approve(current_call(), case_ids)
        return DONE

    async def record(self, *, action: str, person_id: int, why: str, before: str, after: str) -> Done:
        await self._service.casework.record(current_call(), action, person_id, why, before, after)
        return DONE

    async def reasons(self) -> api.ReasonList:
        found = await self._service.ruling.reasons(current_call())
        return api.ReasonList(items=tuple(api.Reason(**reason._asdict()) for reason in found))

    async def save_reason(
        self, *, key: str, title_en: str, text_en: str, title_ru: str, text_ru: str, builtin: bool
    ) -> Done:
        reason = Reason(key, title_en, text_en, title_ru, text_ru)
        await self._service.ruling.save_reason(current_call(), reason)
        return DONE

    async def remove_reason(self, *, key: str) -> Done:
        await self._service.ruling.remove_reason(current_call(), key)
        return DONE

    async def rules(self) -> api.RuleList:
        found = await self._service.ruling.rules(current_call())
        return api.RuleList(items=tuple(map(_rule, found)))

    async def save_rule(
        self, *, id: int, name: str, kinds: Sequence[str] = (), levels: Sequence[str] = (),
        words: Sequence[str] = (), hosts: Sequence[str] = (), links: int, per_hour: int, media: bool,
        outcome: str, reason: str, on: bool,
    ) -> api.Rule:  # fmt: skip
        rule = Rule(
            id, name, list(kinds), list(levels), list(words), list(hosts), links, per_hour, media, outcome,
            reason, on,
        )  # fmt: skip
        return _rule(await self._service.ruling.save_rule(current_call(), rule))

    async def remove_rule(self, *, id: int) -> Done:
        await self._service.ruling.remove_rule(current_call(), id)
        return DONE

    async def try_rules(
        self, *, rule: api.Rule | None = None, kind: str, level: str, text: str, media: bool
    ) -> api.Verdict:
        wanted = None if rule is None else _asked(rule)
        outcome, by = await self._service.ruling.attempt(
            current_call(), wanted, kind, level, text, media=media
        )
        return await self._verdict(outcome, by)

    async def admit(
        self, *, kind: str, author_id: int, text: str, media_ids: Sequence[int] = (), edited: bool
    ) -> api.Verdict:
        call = current_call()
        if not call.system and call.actor != author_id:
            raise NotFound
        outcome, by, silenced = await self._service.ruling.admit(
            call, kind, author_id, text, media=bool(media_ids), edited=edited
        )
        if not outcome:
            return SILENCED if silenced else NOTHING
        return await self._verdict(outcome, by, silenced=silenced)

    async def _verdict(self, outcome: str, by: Sequence[Rule], *, silenced: bool = False) -> api.Verdict:
        reason = None
        for rule in by:
            reason = reason or (await self._service.book.reason(rule.reason) if rule.reason else None)
        locale = current_call().locale
        said = f"{reason.title(locale)}. {reason.text(locale)}" if reason else ""
        return api.Verdict(
            outcome=outcome, rule_ids=tuple(rule.id for rule in by), reason=said, silenced=silenced
        )

    async def _page(self, found: Sequence[tuple[Decision, list[Effect]]], following: str) -> api.DecisionPage:
        return api.DecisionPage(items=tuple([await self._decision(*one) for one in found]), next=following)

    async def _decision(self, found: Decision, effects: Sequence[Effect], key: str = "") -> api.Decision:
        call = current_call()
        staff = may(call, "reports.see")
        reason = await self._service.book.reason(found.reason) if found.reason else None
        return api.Decision(
            id=found.id, case_id=found.case_id if staff else 0, kind=found.kind,
            subject_id=found.subject_id, person_id=found.person_id, by_id=found.by_id if staff else 0,
            actions=tuple(
                api.Action(type=effect.type, until=effect.until, state=effect.state) for effect in effects
            ),
            reason=found.reason, reason_title=reason.title(call.locale) if reason else "",
            reason_text=reason.text(call.locale) if reason else "", message=found.message,
            created_at=found.created_at, undone_at=found.undone_at, excerpt=found.excerpt,
            appeal=found.appeal, appeal_text=found.appeal_text, appealed_at=found.appealed_at,
            appeal_answer=found.appeal_answer, judged_at=found.judged_at,
            judge_id=found.judge_id if staff else 0,
            appealable=self._service.deciding.appealable(call, found, effects, key),
        )  # fmt: skip


class PersonalRpc:
    """Serves samovar.personal for moderation."""

    def __init__(self, service: ModerationService) -> None:
        self._service = service

    async def erase(self, *, user_id: int) -> Done:
        await self._service.leaving.erase(current_call(), user_id)
        return DONE


NOTHING = api.Verdict()
SILENCED = api.Verdict(silenced=True)


def _case(case: Case) -> api.Case:
    return api.Case(
        id=case.id, kind=case.kind, subject_id=case.subject_id, person_id=case.person_id, state=case.state,
        origin=case.origin, reports=case.reports, reasons=case.reasons, assignee_id=case.assignee_id,
        version=case.version, opened_at=case.opened_at, updated_at=case.updated_at,
        closed_at=case.closed_at, excerpt=case.excerpt, held=case.held,
    )  # fmt: skip


def _note(note: Note) -> api.Note:
    return api.Note(id=note.id, author_id=note.author_id, text=note.text, created_at=note.created_at)


def _line(line: Line) -> api.AuditLine:
    return api.AuditLine(**line._asdict())


def _rule(rule: Rule) -> api.Rule:
    return api.Rule(
        id=rule.id, name=rule.name, kinds=tuple(rule.kinds), levels=tuple(rule.levels),
        words=tuple(rule.words), hosts=tuple(rule.hosts), links=rule.links, per_hour=rule.per_hour,
        media=rule.media, outcome=rule.outcome, reason=rule.reason, on=rule.on,
    )  # fmt: skip


def _asked(rule: api.Rule) -> Rule:
    return Rule(
        rule.id, rule.name, list(rule.kinds), list(rule.levels), list(rule.words), list(rule.hosts),
        rule.links, rule.per_hour, rule.media, rule.outcome, rule.reason, rule.on,
    )  # fmt: skip
