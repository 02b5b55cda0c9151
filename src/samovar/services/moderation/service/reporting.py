"""Members report; the house tells them what came of it."""

from collections.abc import Mapping

from samovar.contracts.moderation import ReportMade
from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound, RateLimited
from samovar.kernel.limits import Rule
from samovar.kernel.store import Tx
from samovar.services.moderation import letters
from samovar.services.moderation.domain import (
    PERSON,
    REPORT_WORDS,
    REPORTED_FOR,
    RESOLVED,
    Report,
    Subject,
    is_id,
    words,
)
from samovar.services.moderation.repository import cases
from samovar.services.moderation.service.common import Desk, more

#: Reporters that one round of telling takes.
ROUND = 500


class Reporting:
    """Reports on items and people."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        settings = desk.settings
        self._rule = Rule(settings.report_burst, settings.report_per_hour / 60)

    async def report(self, call: Call, subject: Subject, reason: str, text: str) -> None:
        """Report something that the caller may see. The same again changes nothing; what many report is one
        case."""
        desk, reporter = self._desk, signed_in(call)
        text = words(text, "text", REPORT_WORDS)
        if reason not in REPORTED_FOR:
            raise Invalid(fields={"reason": f"Choose among {', '.join(REPORTED_FOR)}."})
        person_id = await self._person(subject)
        if person_id == reporter:
            raise Invalid(fields={"id": "This is your own."})
        await self._keep_pace(reporter)
        exhibit = (await desk.exhibits([subject])).get(subject)
        now = desk.now()

        async def write(tx: Tx) -> None:
            case = await desk.open_case(tx, subject, person_id, "report", exhibit)
            report = Report(desk.kit.ids(), case.id, reporter, reason, text, now)
            if not await cases.add_report(tx, report):
                return
            if not case.reports:
                await desk.keep(tx, case, "report", exhibit)
            changed = case._replace(
                reports=case.reports + 1, reasons=more(case.reasons, reason), updated_at=now
            )
            await cases.save(tx, changed)
            await tx.publish(
                ReportMade(
                    case_id=case.id, kind=subject.kind, subject_id=subject.id, reason=reason, at=now
                )
            )  # fmt: skip

        await desk.db.write(write)

    async def _person(self, subject: Subject) -> int:
        """Whom a report concerns. Raises NotFound for what the caller may not see."""
        desk = self._desk
        if not is_id(subject.id):
            raise NotFound
        if subject.kind == PERSON:
            if subject.id not in await desk.people.accounts([subject.id]):
                raise NotFound
            return subject.id
        author = await desk.items.author(subject)
        if author is None:
            raise NotFound
        return author

    async def _keep_pace(self, reporter: int) -> None:
        if not self._rule.per_minute:
            return
        decision = await self._desk.kit.limits.take(f"moderation.report:{reporter}", self._rule)
        if not decision.allowed:
            raise RateLimited(retry_after=decision.retry_after)

    async def thank(self, case_id: int, payload: Mapping[str, int] | None) -> None:
        """Tell those who reported what came of it, some at a time."""
        desk = self._desk
        case = await cases.one(desk.db, case_id)
        after = (payload or {}).get("after", 0)
        people = await cases.reporters(desk.db, case_id, after, ROUND) if case is not None else []
        if case is None or not people:
            return
        by_locale: dict[str, list[int]] = {}
        for start in range(0, len(people), 100):
            some = people[start : start + 100]
            locales = await desk.people.locales(some)
            for user_id in some:
                if user_id in locales:
                    by_locale.setdefault(locales[user_id], []).append(user_id)
        text = "acted_text" if case.state == RESOLVED else "dismissed_text"
        for locale, ids in by_locale.items():
            await desk.telling.note(
                f"moderation:case:{case_id}:{locale}:{after}", ids, letters.say(locale, "acted"),
                letters.say(locale, text), "",
            )  # fmt: skip
        if len(people) == ROUND:
            from_here = {"after": people[-1]}
            await desk.db.write(lambda tx: tx.schedule("thank", str(case_id), desk.now(), from_here))
