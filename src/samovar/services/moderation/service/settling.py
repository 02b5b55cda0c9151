"""What follows from decisions: how subjects stand, what people are told, terms that end."""

from collections.abc import Sequence

import structlog

from samovar.kernel.errors import AppError
from samovar.kernel.store import Tx
from samovar.services.moderation import letters
from samovar.services.moderation.domain import (
    BAN,
    DELETE,
    HIDE,
    HOLD,
    KEPT_OUT,
    OVER,
    PERSON,
    SENSITIVE,
    SILENCE,
    SUSPEND,
    Decision,
    Effect,
    Subject,
)
from samovar.services.moderation.repository import cases, decisions
from samovar.services.moderation.service.book import Book
from samovar.services.moderation.service.common import Desk

log = structlog.get_logger(__name__)


class Settling:
    """Subjects stand as the effects in force say; settling them again changes nothing."""

    def __init__(self, desk: Desk, book: Book) -> None:
        self._desk = desk
        self._book = book

    async def now(self, subjects: Sequence[Subject]) -> None:
        """Settle subjects at once; what fails is taken up by the job soon."""
        for subject in dict.fromkeys(subjects):
            try:
                await self.settle(subject)
            except AppError as error:
                log.warning("not settled yet", subject=subject.key, error=repr(error))

    async def settle(self, subject: Subject) -> None:
        """Have a subject stand as it should."""
        desk = self._desk
        effects = await decisions.on(desk.db, subject)
        if subject.kind == PERSON:
            await self._settle_person(subject.id, effects)
            return
        types = {effect.type for effect in effects}
        if DELETE in types:
            await desk.items.remove(subject)
            return
        held = HOLD in types and HIDE not in types
        await desk.items.settle(
            subject, hidden=bool(types & {HIDE, HOLD}), held=held, sensitive=SENSITIVE in types
        )

    async def _settle_person(self, user_id: int, effects: Sequence[Effect]) -> None:
        desk = self._desk
        kept_out = [effect for effect in effects if effect.type in KEPT_OUT]
        state, until, notice = "", 0, ""
        if kept_out:
            # The one that lasts longest is the one to read about.
            longest = max(kept_out, key=lambda effect: (effect.type == BAN, effect.until == 0, effect.until))
            state = "banned" if longest.type == BAN else "suspended"
            until = longest.until
            decision = await decisions.one(desk.db, longest.decision_id)
            notice = desk.address_of(decision, with_key=True) if decision is not None else ""
        silenced = any(effect.type == SILENCE for effect in effects)
        await desk.people.stand(user_id, state, until, silenced, notice)
        await self._book.changed()

    async def end(self, decision_id: int, type: str) -> None:
        """The time of an effect has come."""
        desk = self._desk
        decision = await decisions.one(desk.db, decision_id)
        if decision is None:
            return

        async def write(tx: Tx) -> None:
            if await decisions.end(tx, decision_id, type, OVER):
                await desk.settle_later(tx, decision.subject)
                await desk.log(
                    tx, 0, f"over.{type}", subject=decision.subject, person_id=decision.person_id,
                    case_id=decision.case_id, decision_id=decision_id,
                )  # fmt: skip

        await desk.db.write(write)
        await self.settle(decision.subject)

    async def tell(self, key: str) -> None:
        """Tell the person concerned. Keys: `decided:1`, `undone:1`, `accepted:1`, `rejected:1` with the
        decision's id, or `approved:1` with the case's."""
        what, _, number = key.partition(":")
        desk = self._desk
        if what == "approved":
            case = await cases.one(desk.db, int(number))
            if case is not None and case.person_id:
                locale = await self._locale(case.person_id)
                await desk.telling.note(
                    f"moderation:approved:{number}", [case.person_id], letters.say(locale, "approved"),
                    letters.say(locale, "approved_text"), "",
                )  # fmt: skip
            return
        decision = await decisions.one(desk.db, int(number))
        if decision is None or not decision.person_id:
            return
        effects = (await decisions.effects(desk.db, [decision.id])).get(decision.id, [])
        locale = await self._locale(decision.person_id)
        title, text = await self._words(decision, what, [effect.type for effect in effects], locale)
        # Who can't sign in has no inbox: a letter comes, whatever they chose, with a key to the decision.
        outside = any(effect.type in (SUSPEND, BAN) for effect in effects)
        address = desk.address_of(decision, with_key=outside)
        name = f"{what}:{decision.id}"
        if outside:
            await desk.telling.letter(name, decision.person_id, locale, title, text, address)
        else:
            await desk.telling.note(f"moderation:{name}", [decision.person_id], title, text, address)

    async def _locale(self, user_id: int) -> str:
        return (await self._desk.people.locales([user_id])).get(user_id, self._desk.kit.site.locale)

    async def _words(
        self, decision: Decision, what: str, types: Sequence[str], locale: str
    ) -> tuple[str, str]:
        if what == "decided":
            reason = await self._book.reason(decision.reason)
            title = reason.title(locale) if reason else ""
            text = reason.text(locale) if reason else ""
            return letters.title_of(locale, types), letters.text_of(locale, title, text, decision.message)
        if what == "undone":
            return letters.say(locale, "undone"), letters.say(locale, "undone_text")
        answer = decision.appeal_answer or letters.say(
            locale, "accepted_text" if what == "accepted" else "appeal"
        )
        return letters.say(locale, what), answer
