"""Decisions, taken back when they were wrong, and appeals."""

from collections.abc import Sequence
from typing import Final

from samovar.contracts.moderation import (
    AppealedAlready,
    AppealJudged,
    CannotUndo,
    DecisionMade,
    OwnDecision,
)
from samovar.kernel.authz import guard, may, permissions_of, signed_in
from samovar.kernel.clock import DAY
from samovar.kernel.context import Call
from samovar.kernel.errors import Conflict, Invalid, NotFound
from samovar.kernel.paging import below, number, page_size
from samovar.kernel.store import Tx
from samovar.services.moderation.domain import (
    DELETE,
    HIDE,
    IN_FORCE,
    MANY,
    OVER,
    PERMISSIONS,
    RESOLVED,
    UNDONE,
    Case,
    Decision,
    Effect,
    Subject,
    Wish,
    checked_wishes,
    is_id,
    words,
)
from samovar.services.moderation.repository import cases, decisions
from samovar.services.moderation.service.book import Book
from samovar.services.moderation.service.common import TELL, THANK, Desk, free
from samovar.services.moderation.service.settling import Settling

Told = tuple[Decision, list[Effect]]
APPEAL_WORDS: Final = 10


class Deciding:
    """What moderators decide, and what becomes of it."""

    def __init__(self, desk: Desk, book: Book, settling: Settling) -> None:
        self._desk = desk
        self._book = book
        self._settling = settling

    async def act(
        self,
        call: Call,
        case_ids: Sequence[int],
        subjects: Sequence[Subject],
        wishes: Sequence[Wish],
        reason: str,
        message: str,
        version: int,
    ) -> list[Told]:
        """Take the same decision in cases, or about subjects that have none."""
        guard(call, "reports.see")
        desk = self._desk
        for wish in wishes:
            guard(call, PERMISSIONS.get(wish.type, "reports.see"))
        message = words(message, "message")
        if reason and await self._book.reason(reason) is None:
            raise Invalid(fields={"reason": "There is no such reason."})
        if not (reason or message):
            raise Invalid(fields={"reason": "Say why: choose a reason or write one."})
        if not 0 < len(case_ids or subjects) <= MANY:
            raise Invalid(fields={"case_ids": "Choose between 1 and 50."})
        known = await cases.by_ids(desk.db, case_ids) if case_ids else []
        if case_ids and len(known) < len(set(case_ids)):
            raise NotFound
        subjects = [case.subject for case in known] or list(dict.fromkeys(subjects))
        for kind in {one.kind for one in subjects}:
            checked_wishes(kind, wishes, desk.now())
        exhibits = await desk.exhibits(subjects)
        persons = {case.subject: case.person_id for case in known}
        if not known:
            if not all(is_id(one.id) and one in exhibits for one in subjects):
                raise NotFound
            persons = {one: exhibits[one].author_id for one in subjects}
        await desk.check_reach(call, list(dict.fromkeys(persons.values())))

        async def write(tx: Tx) -> list[Told]:
            made = []
            if known:
                found = await cases.by_ids(tx, case_ids)
            else:
                found = [
                    await desk.open_case(tx, one, persons[one], "staff", exhibits[one]) for one in subjects
                ]
            for case in found:
                free(case, call, version)
                await desk.keep(tx, case, "decision", exhibits.get(case.subject))
                made.append(await self._decide(tx, call, case, wishes, reason, message))
            return made

        made = await desk.db.write(write)
        await self._settling.now(subjects)
        return made

    async def _decide(
        self, tx: Tx, call: Call, case: Case, wishes: Sequence[Wish], reason: str, message: str
    ) -> Told:
        desk, now = self._desk, self._desk.now()
        if any(wish.type in (HIDE, DELETE) for wish in wishes):
            # It waits no more: this is the answer.
            await decisions.end_holds(tx, case.subject, OVER)
        decision = await desk.decide(tx, case, call.actor or 0, wishes, reason, message)
        closed = case._replace(state=RESOLVED, updated_at=now, closed_at=now, held=False)
        await cases.save(tx, closed)
        for wish in wishes:
            await desk.log(
                tx, call.actor or 0, f"decision.{wish.type}", subject=case.subject, person_id=case.person_id,
                case_id=case.id, decision_id=decision.id, why=message or reason, before={"case": case.state},
                after={"case": RESOLVED, "reason": reason, "until": wish.until},
            )  # fmt: skip
        await tx.schedule(TELL, f"decided:{decision.id}", now)
        if case.reports:
            await tx.schedule(THANK, str(case.id), now)
        effects = await decisions.effects(tx, [decision.id])
        return decision, effects[decision.id]

    async def undo(self, call: Call, decision_id: int, why: str) -> Told:
        """Take a decision back, as far as that is possible. Twice is once."""
        guard(call, "reports.see")
        why = words(why, "why")
        decision, effects = await self._known(decision_id)
        if decision.undone_at:
            return decision, effects
        for effect in effects:
            guard(call, PERMISSIONS.get(effect.type, "reports.see"))
        await self._desk.check_reach(call, [decision.person_id])
        return await self._take_back(call, decision, why, "undone")

    async def _take_back(self, call: Call, decision: Decision, why: str, told: str) -> Told:
        """Undo what a decision did; `told` names how the person hears of it."""
        desk = self._desk

        async def write(tx: Tx) -> Decision:
            current = await decisions.one(tx, decision.id)
            if current is None:
                raise NotFound
            if current.undone_at:
                return current
            effects = (await decisions.effects(tx, [decision.id])).get(decision.id, [])
            if told == "undone" and all(effect.type == DELETE for effect in effects):
                raise CannotUndo
            for effect in effects:
                if effect.type != DELETE:
                    await decisions.end(tx, decision.id, effect.type, UNDONE)
            undone = current._replace(undone_at=desk.now())
            if told == "accepted":
                undone = undone._replace(
                    appeal="accepted", appeal_answer=why, judge_id=call.actor or 0, judged_at=desk.now()
                )
            await decisions.save(tx, undone)
            await desk.settle_later(tx, decision.subject)
            await desk.log(
                tx, call.actor or 0, "appeal.accepted" if told == "accepted" else "decision.undone",
                subject=decision.subject, person_id=decision.person_id, case_id=decision.case_id,
                decision_id=decision.id, why=why,
                before=[effect.type for effect in effects if effect.state == IN_FORCE],
                after=[effect.type for effect in effects if effect.type == DELETE],
            )  # fmt: skip
            await tx.schedule(TELL, f"{told}:{decision.id}", desk.now())
            await tx.publish(
                DecisionMade(
                    decision_id=decision.id, kind=decision.kind, subject_id=decision.subject_id,
                    person_id=decision.person_id, actions=tuple(effect.type for effect in effects),
                    undone=True, at=desk.now(),
                )
            )  # fmt: skip
            return undone

        await desk.db.write(write)
        await self._settling.now([decision.subject])
        return await self._known(decision.id)

    async def _known(self, decision_id: int) -> Told:
        db = self._desk.db
        decision = await decisions.one(db, decision_id) if is_id(decision_id) else None
        if decision is None:
            raise NotFound
        return decision, (await decisions.effects(db, [decision_id])).get(decision_id, [])

    # Those concerned

    async def one(self, call: Call, decision_id: int, key: str) -> Told:
        """A decision, for the person concerned, whoever has its key, and staff."""
        decision, effects = await self._known(decision_id)
        own = call.actor is not None and call.actor == decision.person_id
        if not (own or may(call, "reports.see") or self._desk.opens(decision, key)):
            raise NotFound
        return decision, effects

    def appealable(self, call: Call, decision: Decision, effects: Sequence[Effect], key: str = "") -> bool:
        """Whether the caller may ask for another look at a decision now."""
        own = call.actor == decision.person_id if call.actor is not None else False
        late = self._desk.now() > decision.created_at + self._desk.settings.appeal_days * DAY
        return (
            (own or self._desk.opens(decision, key))
            and not (decision.undone_at or decision.appeal or late)
            and any(effect.type in PERMISSIONS for effect in effects)
        )

    async def appeal(self, call: Call, decision_id: int, text: str, key: str) -> Told:
        """Ask for another look, once."""
        desk = self._desk
        decision, effects = await self.one(call, decision_id, key)
        own = call.actor == decision.person_id if call.actor is not None else False
        if not (own or desk.opens(decision, key)):
            raise NotFound
        text = words(text, "text", least=APPEAL_WORDS)
        if decision.appeal:
            raise AppealedAlready
        if not self.appealable(call, decision, effects, key):
            raise Conflict("The time to appeal against this is over.")

        async def write(tx: Tx) -> Decision:
            current = await decisions.one(tx, decision_id)
            if current is None:
                raise NotFound
            if current.appeal or current.undone_at:
                raise AppealedAlready
            asked = current._replace(appeal="open", appeal_text=text, appealed_at=desk.now())
            await decisions.save(tx, asked)
            await desk.log(
                tx, decision.person_id, "appeal.made", subject=decision.subject,
                person_id=decision.person_id, case_id=decision.case_id, decision_id=decision.id,
            )  # fmt: skip
            return asked

        return await desk.db.write(write), effects

    # Judges

    async def judge(self, call: Call, decision_id: int, answer: str, *, accept: bool) -> Told:
        """Another look at a decision, by somebody else than who took it, where there is somebody."""
        guard(call, "reports.see")
        own = signed_in(call)
        answer = words(answer, "answer", least=0 if accept else APPEAL_WORDS)
        decision, effects = await self._known(decision_id)
        if decision.appeal != "open":
            raise AppealJudged
        for effect in effects:
            guard(call, PERMISSIONS.get(effect.type, "reports.see"))
        await self._desk.check_reach(call, [decision.person_id])
        if decision.by_id == own and await self._another_judge(own):
            raise OwnDecision
        if accept:
            # Also of a deletion, which nothing brings back: then it is the word that counts.
            return await self._take_back(call, decision, answer, "accepted")
        return await self._reject(call, decision, effects, answer)

    async def _another_judge(self, own: int) -> bool:
        for account in await self._desk.people.staff():
            held = permissions_of(account.roles) | set(account.permissions)
            if account.id != own and not account.suspended and "reports.see" in held:
                return True
        return False

    async def _reject(self, call: Call, decision: Decision, effects: list[Effect], answer: str) -> Told:
        desk = self._desk

        async def write(tx: Tx) -> Decision:
            current = await decisions.one(tx, decision.id)
            if current is None or current.appeal != "open":
                raise AppealJudged
            judged = current._replace(
                appeal="rejected", appeal_answer=answer, judge_id=call.actor or 0, judged_at=desk.now()
            )
            await decisions.save(tx, judged)
            await desk.log(
                tx, call.actor or 0, "appeal.rejected", subject=decision.subject,
                person_id=decision.person_id, case_id=decision.case_id, decision_id=decision.id, why=answer,
            )  # fmt: skip
            await tx.schedule(TELL, f"rejected:{decision.id}", desk.now())
            return judged

        return await desk.db.write(write), effects

    async def appeals(self, call: Call, state: str, cursor: str, limit: int) -> tuple[list[Told], str]:
        """Appeals that wait, the oldest first, or those judged, the newest first."""
        guard(call, "reports.see")
        if state not in ("", "open", "judged"):
            raise Invalid(fields={"state": "Choose open or judged."})
        size, db = page_size(limit), self._desk.db
        if state == "judged":
            found = await decisions.judged(db, below(cursor), size + 1)
        else:
            found = await decisions.appealed(db, number(cursor), size + 1)
        return await self._page(found, size)

    async def listed(
        self, call: Call, person_id: int, by_id: int, cursor: str, limit: int
    ) -> tuple[list[Told], str]:
        """About a person or by a moderator, the newest first."""
        guard(call, "reports.see")
        size = page_size(limit)
        found = await decisions.listed(self._desk.db, person_id, by_id, below(cursor), size + 1)
        return await self._page(found, size)

    async def _page(self, found: Sequence[Decision], size: int) -> tuple[list[Told], str]:
        shown = found[:size]
        effects = await decisions.effects(self._desk.db, [decision.id for decision in shown])
        following = str(found[size - 1].id) if len(found) > size else ""
        return [(decision, effects.get(decision.id, [])) for decision in shown], following
