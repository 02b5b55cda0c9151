"""Moderators' things as they are shown: cases, decisions, the log."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from samovar.contracts.identity import Dossier, Role
from samovar.contracts.items import Exhibit
from samovar.contracts.moderation import AuditLine, Case, CaseFile, Decision, HeldItem, Note, Rule
from samovar.edge.edge import Edge
from samovar.edge.present.desk_views import (
    ActionView,
    AppealView,
    CaseFileView,
    CaseView,
    DecisionView,
    DossierView,
    EvidenceView,
    ExhibitView,
    HeldView,
    LineView,
    NoteView,
    ReportView,
    RoleView,
    RuleView,
)
from samovar.edge.present.media import Media, MediaView
from samovar.edge.present.people import Author, People
from samovar.edge.present.times import rfc3339

Authors = Mapping[int, Author]
Files = Mapping[int, MediaView]


class Desk:
    """Shows moderators' things, with the people in them: one question for all of them."""

    def __init__(self, edge: Edge, people: People, media: Media) -> None:
        self._edge = edge
        self.people = people
        self.media = media

    async def _authors(self, ids: Iterable[int]) -> Authors:
        return await self.people.authors([one for one in ids if one])

    async def cases(self, found: Sequence[Case]) -> tuple[CaseView, ...]:
        """Cases with the people in them."""
        authors = await self._authors([i for case in found for i in (case.person_id, case.assignee_id)])
        return tuple(_case(case, authors) for case in found)

    async def decisions(self, found: Sequence[Decision]) -> tuple[DecisionView, ...]:
        """Decisions with the people in them."""
        authors = await self._authors([i for one in found for i in (one.person_id, one.by_id, one.judge_id)])
        return tuple(_decision(one, authors) for one in found)

    async def lines(self, found: Sequence[AuditLine]) -> tuple[LineView, ...]:
        """Lines of the log with the people in them."""
        authors = await self._authors([i for line in found for i in (line.actor_id, line.person_id)])
        return tuple(_line(line, authors) for line in found)

    async def notes(self, found: Sequence[Note]) -> tuple[NoteView, ...]:
        """Notes with who wrote them."""
        authors = await self._authors([note.author_id for note in found])
        return tuple(_note(note, authors) for note in found)

    async def exhibits(self, found: Sequence[Exhibit]) -> tuple[ExhibitView, ...]:
        """Items as moderators examine them."""
        authors = await self._authors([one.author_id for one in found])
        files = await self._files(found)
        return tuple(_exhibit(one, authors, files) for one in found)

    async def _files(self, found: Iterable[Exhibit]) -> Files:
        """The files of items that are still there."""
        media = await self.media.by_ids([media_id for one in found for media_id in one.media_ids])
        return {media_id: self.media.examined(medium) for media_id, medium in media.items()}

    async def held(self, found: Sequence[HeldItem]) -> tuple[HeldView, ...]:
        """Items that wait."""
        shown = await self.exhibits([one.exhibit for one in found])
        return tuple(
            HeldView(case_id=str(one.case_id), since=rfc3339(one.since), item=item)
            for one, item in zip(found, shown, strict=True)
        )

    async def file(self, found: CaseFile) -> CaseFileView:
        """A case with all that belongs to it."""
        ids = [found.case.person_id, found.case.assignee_id]
        ids += [report.reporter_id for report in found.reports]
        ids += [note.author_id for note in found.notes]
        ids += [i for one in found.decisions for i in (one.person_id, one.by_id, one.judge_id)]
        ids += [i for line in found.history for i in (line.actor_id, line.person_id)]
        authors = await self._authors(ids)
        shown = [one.exhibit for one in found.evidence]
        files = await self._files([*shown, found.now] if found.now is not None else shown)
        return CaseFileView(
            case=_case(found.case, authors),
            reports=tuple(
                ReportView(
                    by=authors.get(one.reporter_id), reason=one.reason, text=one.text,
                    created_at=rfc3339(one.created_at),
                )
                for one in found.reports
            ),
            evidence=tuple(
                EvidenceView(
                    taken_for=one.taken_for, taken_at=rfc3339(one.taken_at),
                    exhibit=_exhibit(one.exhibit, authors, files),
                )
                for one in found.evidence
            ),
            notes=tuple(_note(note, authors) for note in found.notes),
            decisions=tuple(_decision(one, authors) for one in found.decisions),
            history=tuple(_line(line, authors) for line in found.history),
            now=_exhibit(found.now, authors, files) if found.now is not None else None,
        )  # fmt: skip

    async def dossiers(self, found: Sequence[Dossier]) -> tuple[DossierView, ...]:
        """Accounts as staff see them."""
        authors = await self._authors([one.account.id for one in found])
        return tuple(_dossier(one, authors) for one in found)


def _when(time: int) -> str | None:
    return rfc3339(time) if time else None


def _id(number: int) -> str | None:
    return str(number) if number else None


def _case(case: Case, authors: Authors) -> CaseView:
    return CaseView(
        id=str(case.id), url=f"/admin/reports/{case.id}", kind=case.kind, subject_id=str(case.subject_id),
        person=authors.get(case.person_id), state=case.state, origin=case.origin, reports=case.reports,
        reasons=case.reasons, assignee=authors.get(case.assignee_id), version=case.version,
        opened_at=rfc3339(case.opened_at), closed_at=_when(case.closed_at), excerpt=case.excerpt,
        held=case.held,
    )  # fmt: skip


def _decision(one: Decision, authors: Authors) -> DecisionView:
    appeal = None
    if one.appeal:
        appeal = AppealView(
            state=one.appeal, text=one.appeal_text, created_at=rfc3339(one.appealed_at),
            answer=one.appeal_answer, judged_at=_when(one.judged_at), judge=authors.get(one.judge_id),
        )  # fmt: skip
    return DecisionView(
        id=str(one.id), url=f"/decisions/{one.id}", kind=one.kind, subject_id=str(one.subject_id),
        person=authors.get(one.person_id), by=authors.get(one.by_id), automatic=bool(one.case_id)
        and not one.by_id,
        case_id=_id(one.case_id),
        actions=tuple(
            ActionView(type=action.type, until=_when(action.until), state=action.state)
            for action in one.actions
        ),
        reason=one.reason, reason_title=one.reason_title, reason_text=one.reason_text, message=one.message,
        excerpt=one.excerpt, created_at=rfc3339(one.created_at), undone_at=_when(one.undone_at),
        appeal=appeal, appealable=one.appealable,
    )  # fmt: skip


def _line(line: AuditLine, authors: Authors) -> LineView:
    return LineView(
        id=str(line.id), at=rfc3339(line.at), actor=authors.get(line.actor_id), by_house=not line.actor_id,
        action=line.action, kind=line.kind, subject_id=_id(line.subject_id),
        person=authors.get(line.person_id), case_id=_id(line.case_id), decision_id=_id(line.decision_id),
        why=line.why, before=line.before, after=line.after,
    )  # fmt: skip


def _note(note: Note, authors: Authors) -> NoteView:
    return NoteView(by=authors.get(note.author_id), text=note.text, created_at=rfc3339(note.created_at))


def _exhibit(one: Exhibit, authors: Authors, files: Files) -> ExhibitView:
    author = authors.get(one.author_id)
    name = author.username if author is not None else ""
    url = f"/@{name}" if one.kind == "person" else f"/@{name}/{one.id}"
    return ExhibitView(
        kind=one.kind, id=str(one.id), url=url if name else "", author=author, title=one.title,
        text=one.text, content_warning=one.content_warning, visibility=str(one.audience.scope),
        media=tuple(str(media_id) for media_id in one.media_ids),
        files=tuple(files[media_id] for media_id in one.media_ids if media_id in files),
        created_at=rfc3339(one.created_at), edited_at=_when(one.edited_at), hidden=one.hidden, held=one.held,
        sensitive=one.sensitive,
    )  # fmt: skip


def _dossier(one: Dossier, authors: Authors) -> DossierView:
    account, standing = one.account, one.standing
    return DossierView(
        id=str(account.id), person=authors.get(account.id), username=account.username, email=one.email,
        email_verified=account.email_verified, roles=account.roles, otp_enabled=account.otp_enabled,
        standing=standing.state, until=_when(standing.until), silenced=standing.silenced,
        sessions=one.sessions, created_at=rfc3339(account.created_at), last_seen_at=_when(one.last_seen_at),
    )  # fmt: skip


def role_view(role: Role) -> RoleView:
    return RoleView(name=role.name, permissions=role.permissions, fixed=role.fixed, people=role.people)


def rule_view(rule: Rule) -> RuleView:
    """A rule with its id as text."""
    values = msgspec.structs.asdict(rule)
    return RuleView(**{**values, "id": str(rule.id)})
