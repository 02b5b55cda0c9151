"""Moderators read cases, take them, talk about them, close them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from samovar.contracts.items import Exhibit
from samovar.contracts.moderation import Claimed, Stale
from samovar.kernel.authz import guard, may, signed_in
from samovar.kernel.clock import DAY
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.ids import MAX_ID
from samovar.kernel.paging import below, number, page_size
from samovar.kernel.store import Tx
from samovar.services.moderation.domain import (
    AGAINST,
    DISMISSED,
    MANY,
    OPEN,
    REPORTED_FOR,
    STATES,
    UNDONE,
    WORDS,
    Case,
    Decision,
    Effect,
    Evidence,
    Filter,
    Line,
    Note,
    Report,
    is_id,
    words,
)
from samovar.services.moderation.repository import cases, decisions, desk
from samovar.services.moderation.service.common import EVIDENCE, TELL, THANK, Desk, free
from samovar.services.moderation.service.settling import Settling

_FIRST: Final = 1 << 40
SHOWN: Final = 100


class File(NamedTuple):
    """A case with all that belongs to it."""

    case: Case
    reports: list[Report]
    evidence: list[Evidence]
    notes: list[Note]
    decisions: list[Decision]
    effects: dict[int, list[Effect]]
    history: list[Line]
    now: Exhibit | None


class Waiting(NamedTuple):
    """What waits, in numbers, and since when the oldest does."""

    cases: int
    case_at: int
    free: int
    held: int
    held_at: int
    appeals: int
    appeal_at: int
    decisions: int
    undone: int
    reports: int


class Casework:
    """Cases as moderators handle them."""

    def __init__(self, desk: Desk, settling: Settling) -> None:
        self._desk = desk
        self._settling = settling

    async def listed(
        self, call: Call, wanted: Filter, assigned: str, cursor: str, limit: int
    ) -> tuple[list[Case], str]:
        """Cases of a filter, and where to go on."""
        guard(call, "reports.see")
        if wanted.state not in (*STATES, ""):
            raise Invalid(fields={"state": "Choose open, resolved, dismissed or all."})
        if wanted.reason and wanted.reason not in REPORTED_FOR:
            raise Invalid(fields={"reason": f"Choose among {', '.join(REPORTED_FOR)}."})
        if assigned not in ("", "mine", "free"):
            raise Invalid(fields={"assigned": "Choose mine or free."})
        wanted = wanted._replace(
            assignee_id=(call.actor or 0) if assigned == "mine" else 0, free=assigned == "free"
        )
        size = page_size(limit)
        first, _, second = cursor.partition(".")
        reports, after, start = _FIRST, 0, MAX_ID
        if cursor and wanted.state == OPEN:
            reports, after = number(first), number(second)
        elif cursor:
            start = below(cursor)
        found = await cases.listed(
            self._desk.db, wanted, reports=reports, after=after, before=start, limit=size + 1
        )
        following = ""
        if len(found) > size:
            last = found[size - 1]
            following = f"{last.reports}.{last.id}" if wanted.state == OPEN else str(last.id)
        return found[:size], following

    async def held(
        self, call: Call, kind: str, cursor: str, limit: int
    ) -> tuple[list[tuple[Case, Exhibit]], str]:
        """Items that wait to be approved, the oldest first."""
        guard(call, "content.hide")
        size = page_size(limit)
        wanted = Filter(held=True, kind=kind)
        after = number(cursor)
        found = await cases.listed(
            self._desk.db, wanted, reports=_FIRST, after=after, before=MAX_ID, limit=size + 1
        )
        shown = await self._desk.exhibits([case.subject for case in found[:size]])
        rows = [(case, shown[case.subject]) for case in found[:size] if case.subject in shown]
        return rows, str(found[size - 1].id) if len(found) > size else ""

    async def many(self, call: Call, ids: Sequence[int]) -> list[Case]:
        """Cases by their ids."""
        guard(call, "reports.see")
        if len(ids) > 100:
            raise Invalid(fields={"ids": "Ask for at most 100 at once."})
        return await cases.by_ids(self._desk.db, ids) if ids else []

    async def file(self, call: Call, case_id: int) -> File:
        """A case with all that belongs to it."""
        guard(call, "reports.see")
        db = self._desk.db
        case = await cases.one(db, case_id) if is_id(case_id) else None
        if case is None:
            raise NotFound
        found = await decisions.of_case(db, case_id, MAX_ID, SHOWN)
        return File(
            case,
            await cases.reports(db, case_id, SHOWN),
            await cases.evidence_of(db, case_id, EVIDENCE),
            await cases.notes(db, case_id=case_id),
            found,
            await decisions.effects(db, [decision.id for decision in found]),
            await desk.lines(db, {"case_id": case_id}, MAX_ID, SHOWN),
            (await self._desk.exhibits([case.subject])).get(case.subject),
        )

    async def claim(self, call: Call, case_id: int, version: int, *, claim: bool) -> Case:
        """Take a case or give it back. Two who do so at once do not collide: the second is told."""
        guard(call, "reports.see")
        own = signed_in(call)

        async def write(tx: Tx) -> Case:
            case = await cases.one(tx, case_id) if is_id(case_id) else None
            if case is None:
                raise NotFound
            if case.version != version:
                raise Stale
            if claim:
                case = free(case, call, version)
            elif case.assignee_id not in (0, own) and not may(call, "accounts.roles"):
                raise Claimed
            assignee = own if claim else 0
            if case.assignee_id == assignee:
                return case
            action = "case.claimed" if claim else "case.released"
            await self._desk.log(tx, own, action, subject=case.subject, case_id=case.id)
            changed = case._replace(assignee_id=assignee, updated_at=self._desk.now())
            return await cases.save(tx, changed)

        return await self._desk.db.write(write)

    async def note(self, call: Call, case_id: int, person_id: int, text: str) -> Note:
        """Note something for other moderators."""
        guard(call, "reports.see")
        own = signed_in(call)
        text = words(text, "text", WORDS, 1)
        if bool(case_id) == bool(person_id):
            raise Invalid(fields={"case_id": "Name a case or a person."})
        if person_id and person_id not in await self._desk.people.accounts([person_id]):
            raise NotFound
        note = Note(self._desk.kit.ids(), case_id, person_id, own, text, self._desk.now())

        async def write(tx: Tx) -> Note:
            case = await cases.one(tx, case_id) if is_id(case_id) else None
            if case_id and case is None:
                raise NotFound
            await cases.add_note(tx, note)
            await self._desk.log(tx, own, "note.added", person_id=person_id, case_id=case_id)
            return note

        return await self._desk.db.write(write)

    async def notes_of(self, call: Call, person_id: int) -> list[Note]:
        """Notes about somebody, newest first."""
        guard(call, "reports.see")
        return await cases.notes(self._desk.db, person_id=person_id)

    async def dismiss(self, call: Call, ids: Sequence[int], version: int) -> None:
        """Close cases in which nothing was wrong. Those closed already stay as they are."""
        guard(call, "reports.see")
        _few(ids)

        async def write(tx: Tx) -> None:
            for case in await cases.by_ids(tx, ids):
                if case.state != OPEN:
                    continue
                if case.held:
                    raise Invalid(fields={"case_ids": "What waits to be approved is approved or hidden."})
                await self._close(tx, call, free(case, call, version), "case.dismissed")

        await self._desk.db.write(write)

    async def approve(self, call: Call, ids: Sequence[int]) -> None:
        """Let items that wait be seen. Those that wait no more stay as they are."""
        guard(call, "content.hide")
        _few(ids)
        desk, done = self._desk, list[Case]()

        async def write(tx: Tx) -> None:
            done.clear()
            for case in await cases.by_ids(tx, ids):
                if not case.held:
                    continue
                free(case, call, 0)
                await decisions.end_holds(tx, case.subject, UNDONE)
                await desk.settle_later(tx, case.subject)
                await tx.schedule(TELL, f"approved:{case.id}", desk.now())
                if case.reports:
                    # It was reported too: that is not answered yet.
                    await desk.log(
                        tx, call.actor or 0, "held.approved", subject=case.subject,
                        person_id=case.person_id, case_id=case.id,
                    )  # fmt: skip
                    await cases.save(tx, case._replace(held=False, updated_at=desk.now()))
                else:
                    await self._close(tx, call, case, "held.approved")
                done.append(case)

        await desk.db.write(write)
        await self._settling.now([case.subject for case in done])

    async def _close(self, tx: Tx, call: Call, case: Case, action: str) -> None:
        desk, now = self._desk, self._desk.now()
        closed = case._replace(state=DISMISSED, updated_at=now, closed_at=now, held=False)
        await cases.save(tx, closed)
        await desk.log(
            tx, call.actor or 0, action, subject=case.subject, person_id=case.person_id, case_id=case.id
        )
        if case.reports:
            await tx.schedule(THANK, str(case.id), now)

    async def audit(
        self, call: Call, wanted: dict[str, str | int], cursor: str, limit: int
    ) -> tuple[list[Line], str]:
        """The log of a filter, the newest first."""
        guard(call, "audit.see")
        size = page_size(limit)
        found = await desk.lines(self._desk.db, wanted, below(cursor), size + 1)
        return found[:size], str(found[size - 1].id) if len(found) > size else ""

    async def waiting(self, call: Call) -> Waiting:
        """What waits."""
        guard(call, "reports.see")
        db, week = self._desk.db, self._desk.now() - 7 * DAY
        open_cases, case_at, free_cases, held, held_at = await cases.waiting(db)
        appeals, appeal_at = await decisions.appeals_waiting(db)
        made, undone = await decisions.since(db, week)
        return Waiting(
            open_cases, case_at, free_cases, held, held_at, appeals, appeal_at, made, undone,
            await cases.reports_since(db, week),
        )  # fmt: skip

    async def record(
        self, call: Call, action: str, person_id: int, why: str, before: str, after: str
    ) -> None:
        """Note what another part of the house did for a member of staff."""
        if not (may(call, "system.run") or may(call, "rules.change")):
            guard(call, "accounts.see")
        if action in AGAINST and person_id:
            await self._desk.check_reach(call, [person_id])
        if not 0 < len(action) <= 40 or max(map(len, (before, after))) > 4000:
            raise Invalid
        why = words(why, "why")

        async def write(tx: Tx) -> None:
            await self._desk.log(
                tx, call.actor or 0, action, person_id=person_id, why=why, before=before or None,
                after=after or None,
            )  # fmt: skip

        await self._desk.db.write(write)

    async def prune(self) -> None:
        """Forget evidence whose time is over."""
        before = self._desk.now() - self._desk.settings.evidence_days * DAY
        await self._desk.db.write(lambda tx: cases.drop_old_evidence(tx, before))


def _few(ids: Sequence[int]) -> None:
    if not 0 < len(ids) <= MANY:
        raise Invalid(fields={"case_ids": "Choose between 1 and 50."})
