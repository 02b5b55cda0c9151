"""What the families of use cases share: cases opened, decisions written down, the log."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from samovar.contracts.items import Exhibit
from samovar.contracts.moderation import CaseClosed, Claimed, DecisionMade, Oneself, RankTooHigh, Stale
from samovar.kernel.authz import rank
from samovar.kernel.clock import MINUTE
from samovar.kernel.context import Call
from samovar.kernel.errors import NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.kernel.vault import Vault
from samovar.services.moderation.clients import Items, People, Telling
from samovar.services.moderation.domain import (
    IN_FORCE,
    OPEN,
    PERSON,
    Case,
    Decision,
    Effect,
    Evidence,
    Line,
    Subject,
    Wish,
    excerpt_of,
)
from samovar.services.moderation.repository import cases, decisions, desk
from samovar.services.moderation.settings import Settings

SETTLE: Final = "settle"
END: Final = "end"
TELL: Final = "tell"
THANK: Final = "thank"
LOOK: Final = "look"
JUDGE: Final = "judge"
#: Snapshots of one case at most.
EVIDENCE: Final = 20
#: How soon what was settled at once is settled once more: that costs little, and no crash leaves it undone.
AGAIN: Final = MINUTE


class Desk:
    """Shared by the use cases of moderation."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.db = kit.db
        self.settings: Settings = kit.settings
        self.items = Items(kit.peers)
        self.people = People(kit.peers)
        self.telling = Telling(kit.peers)
        self._vault = Vault(kit.secret, "moderation")

    def now(self) -> int:
        return self.kit.clock.now()

    # Keys of decisions: whoever was sent one may read that decision without signing in.

    def key_of(self, decision: Decision) -> str:
        return self._vault.mark("decision", f"{decision.id}:{decision.person_id}")[:40]

    def opens(self, decision: Decision, key: str) -> bool:
        return bool(key) and hmac.compare_digest(self.key_of(decision).encode(), key.encode())

    def address_of(self, decision: Decision, *, with_key: bool) -> str:
        """Where the person concerned reads a decision."""
        plain = f"/decisions/{decision.id}"
        return f"{plain}?key={self.key_of(decision)}" if with_key else plain

    # Subjects

    async def exhibits(self, subjects: Sequence[Subject]) -> dict[Subject, Exhibit]:
        """What subjects are like now: one call for each kind."""
        people = await self.people.examine([one.id for one in subjects if one.kind == PERSON])
        found = {Subject(PERSON, user_id): exhibit for user_id, exhibit in people.items()}
        return found | await self.items.of_kinds([one for one in subjects if one.kind != PERSON])

    async def check_reach(self, call: Call, person_ids: Sequence[int]) -> None:
        """Raises RankTooHigh or Oneself for people whom the caller can't act on."""
        if call.system:
            return
        if call.actor in person_ids:
            raise Oneself
        own = rank(call.roles)
        for roles in (await self.people.roles(person_ids)).values():
            if rank(roles) >= own:
                raise RankTooHigh

    # Writing

    async def open_case(
        self, tx: Tx, subject: Subject, person_id: int, origin: str, exhibit: Exhibit | None
    ) -> Case:
        """The open case about a subject, a new one when there is none. Raises NotFound for who is gone."""
        if await cases.is_gone(tx, person_id):
            raise NotFound
        kept = await cases.open_of(tx, subject)
        if kept is not None:
            return kept
        now = self.now()
        case = Case(
            id=self.kit.ids(), kind=subject.kind, subject_id=subject.id, person_id=person_id, state=OPEN,
            origin=origin, reports=0, reasons={}, assignee_id=0, version=1, opened_at=now, updated_at=now,
            closed_at=0, excerpt=excerpt_of(_text(exhibit)), held=False,
        )  # fmt: skip
        await cases.add(tx, case)
        return case

    async def keep(self, tx: Tx, case: Case, taken_for: str, exhibit: Exhibit | None) -> None:
        """Keep what a subject is like."""
        if exhibit is not None:
            row = Evidence(self.kit.ids(), case.id, taken_for, self.now(), msgspec.to_builtins(exhibit))
            await cases.add_evidence(tx, row, EVIDENCE)

    async def decide(
        self,
        tx: Tx,
        case: Case,
        by_id: int,
        wishes: Sequence[Wish],
        reason: str,
        message: str,
    ) -> Decision:
        """Write a decision down, with all that follows from it."""
        now = self.now()
        decision = Decision(
            id=self.kit.ids(), case_id=case.id, kind=case.kind, subject_id=case.subject_id,
            person_id=case.person_id, by_id=by_id, reason=reason, message=message, excerpt=case.excerpt,
            created_at=now, undone_at=0, appeal="", appeal_text="", appealed_at=0, appeal_answer="",
            judge_id=0, judged_at=0,
        )  # fmt: skip
        effects = [
            Effect(decision.id, wish.type, case.kind, case.subject_id, wish.until, IN_FORCE)
            for wish in wishes
        ]
        await decisions.add(tx, decision, effects)
        for wish in wishes:
            if wish.until:
                await tx.schedule(END, f"{decision.id}:{wish.type}", wish.until)
        await self.settle_later(tx, case.subject)
        await tx.publish(
            DecisionMade(
                decision_id=decision.id, kind=case.kind, subject_id=case.subject_id,
                person_id=case.person_id, actions=tuple(wish.type for wish in wishes), at=now,
            )
        )  # fmt: skip
        return decision

    async def settle_later(self, tx: Tx, subject: Subject) -> None:
        """Have a subject settled even if this process ends now."""
        await tx.schedule(SETTLE, subject.key, self.now() + AGAIN)

    async def log(
        self,
        tx: Tx,
        actor_id: int,
        action: str,
        *,
        subject: Subject | None = None,
        person_id: int = 0,
        case_id: int = 0,
        decision_id: int = 0,
        why: str = "",
        before: Any = None,
        after: Any = None,
    ) -> None:
        """Add a line to the log."""
        line = Line(
            id=self.kit.ids(), at=self.now(), actor_id=actor_id, action=action,
            kind=subject.kind if subject else "", subject_id=subject.id if subject else 0,
            person_id=person_id, case_id=case_id, decision_id=decision_id, why=why,
            before=_json(before), after=_json(after),
        )  # fmt: skip
        await desk.add_line(tx, line)


def _json(value: Any) -> str:
    return "" if value is None else msgspec.json.encode(value).decode()


def _text(exhibit: Exhibit | None) -> str:
    if exhibit is None:
        return ""
    return " ".join(part for part in (exhibit.title, exhibit.content_warning, exhibit.text) if part)


def free(case: Case | None, call: Call, version: int) -> Case:
    """A case that the caller may work on. Raises NotFound, CaseClosed, Stale, Claimed."""
    if case is None:
        raise NotFound
    if case.state != OPEN:
        raise CaseClosed
    if version and case.version != version:
        raise Stale
    if case.assignee_id not in (0, call.actor or 0):
        raise Claimed
    return case


def more(reasons: Mapping[str, int], reason: str) -> dict[str, int]:
    """The numbers of reasons with one more."""
    return {**reasons, reason: reasons.get(reason, 0) + 1}
