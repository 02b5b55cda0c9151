"""Rules that act or queue by themselves, and the reasons that people are told."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from samovar.contracts.items import ItemJudged
from samovar.kernel.authz import guard, is_staff, permissions_of
from samovar.kernel.clock import DAY, MINUTE
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.limits import Rule as Pace
from samovar.kernel.store import Tx
from samovar.services.moderation.domain import HOLD, Subject, Wish, excerpt_of
from samovar.services.moderation.domain import reasons as reason_rules
from samovar.services.moderation.domain import rules as rule_rules
from samovar.services.moderation.domain.reasons import REASONS, Reason
from samovar.services.moderation.domain.rules import (
    LEVELS,
    RULES,
    Made,
    Rule,
    concerns,
    fits,
    made,
    read,
    strongest,
)
from samovar.services.moderation.repository import cases, decisions, desk
from samovar.services.moderation.service.book import Book
from samovar.services.moderation.service.common import JUDGE, LOOK, TELL, Desk
from samovar.services.moderation.service.settling import Settling

#: Members whose level is remembered, and for how long.
KNOWN: Final = 10_000
KNOWN_FOR: Final = MINUTE
STAFF: Final = "staff"
TRIED: Final = 20_000
Verdict = tuple[str, list[Made]]


class Ruling:
    """What the community's rules say."""

    def __init__(self, desk: Desk, book: Book, settling: Settling) -> None:
        self._desk = desk
        self._book = book
        self._settling = settling
        self._levels: OrderedDict[tuple[str, int], tuple[int, str]] = OrderedDict()

    # Judging

    async def admit(
        self, call: Call, kind: str, author_id: int, text: str, *, media: bool, edited: bool
    ) -> tuple[str, list[Rule], bool]:
        """What the rules say of an item about to be written: outcome, the rules that said so, and whether
        its author is silenced. Asks nobody anything while there are no rules."""
        silenced = await self._book.silenced(author_id)
        rules = await self._book.rules()
        if not rules or is_staff(call):
            return "", [], silenced
        outcome, by = await self._judge(rules, kind, author_id, text, media=media, count=not edited)
        return outcome, [one.rule for one in by], silenced

    async def _judge(
        self, rules: Sequence[Made], kind: str, author_id: int, text: str, *, media: bool, count: bool
    ) -> Verdict:
        about = [rule for rule in rules if concerns(rule, kind, media)]
        if not about:
            return "", []
        known = read(text)
        by = []
        for rule in about:
            if not fits(rule, known):
                continue
            if rule.rule.levels and await self._level(kind, author_id) not in rule.rule.levels:
                continue
            if rule.rule.per_hour and not (count and await self._too_fast(rule.rule, author_id)):
                continue
            by.append(rule)
        outcome = strongest(rule.rule.outcome for rule in by)
        return outcome, [rule for rule in by if rule.rule.outcome == outcome]

    async def _too_fast(self, rule: Rule, author_id: int) -> bool:
        pace = Pace(rule.per_hour, rule.per_hour / 60)
        return not (await self._desk.kit.limits.take(f"moderation.rule:{rule.id}:{author_id}", pace)).allowed

    async def _level(self, kind: str, author_id: int) -> str:
        """How well a member is known here: by age, by what they made, and by what was decided about them."""
        key, now = (kind, author_id), self._desk.now()
        until, level = self._levels.get(key, (0, ""))
        if until > now:
            return level
        account = (await self._desk.people.accounts([author_id])).get(author_id)
        settings = self._desk.settings
        level = LEVELS[0]
        if account is not None and permissions_of(account.roles) | set(account.permissions):
            level = STAFF
        elif account is not None and now - account.created_at >= settings.new_days * DAY:
            items = await self._desk.items.authored(kind, author_id)
            old = now - account.created_at >= settings.trusted_days * DAY
            if items >= settings.new_items:
                level = LEVELS[1]
            if items >= settings.trusted_items and old:
                against = await decisions.standing_against(self._desk.db, author_id)
                level = LEVELS[1] if against else LEVELS[2]
        self._levels[key] = (now + KNOWN_FOR, level)
        while len(self._levels) > KNOWN:
            self._levels.popitem(last=False)
        return level

    async def judged(self, tx: Tx, event: ItemJudged) -> None:
        """An item was written about which the rules said something, or about which nobody could be asked."""
        subject = Subject(event.kind, event.id)
        if event.verdict == "unjudged":
            await tx.schedule(JUDGE, f"{event.kind}:{event.id}", self._desk.now())
            return
        await self._take_up(tx, subject, event.author_id, event.verdict, event.rule_ids)

    async def _take_up(
        self, tx: Tx, subject: Subject, author_id: int, outcome: str, rule_ids: Sequence[int]
    ) -> None:
        """Put what the rules said into the queue, and do it."""
        desk_, now = self._desk, self._desk.now()
        if await cases.is_gone(tx, author_id):
            return
        case = await desk_.open_case(tx, subject, author_id, "rule", None)
        rules = {rule.id: rule for rule in await desk.rules(tx, RULES)}
        known = [rules[rule_id] for rule_id in rule_ids if rule_id in rules]
        why = ", ".join(rule.name for rule in known)
        reason = next((rule.reason for rule in known if rule.reason), "")
        await tx.schedule(LOOK, str(case.id), now)
        if outcome == "refuse":
            # Written while nobody could be asked: it is hidden now.
            outcome = "hide"
        decision_id = 0
        standing = {effect.type for effect in await decisions.on(tx, subject)}
        if outcome != "queue" and outcome not in standing:
            decision = await desk_.decide(tx, case, 0, [Wish(outcome, 0)], reason, "")
            decision_id = decision.id
            if outcome != HOLD:
                await tx.schedule(TELL, f"decided:{decision.id}", now)
        await cases.save(tx, case._replace(held=case.held or outcome == HOLD, updated_at=now))
        await desk_.log(
            tx, 0, f"rule.{outcome}", subject=subject, person_id=author_id, case_id=case.id,
            decision_id=decision_id, why=why, after={"rules": list(rule_ids), "reason": reason},
        )  # fmt: skip

    async def look(self, case_id: int) -> None:
        """Keep what an item was like when the rules took notice of it."""
        desk_ = self._desk
        case = await cases.one(desk_.db, case_id)
        if case is None:
            return
        exhibit = (await desk_.exhibits([case.subject])).get(case.subject)
        if exhibit is None:
            return

        async def write(tx: Tx) -> None:
            current = await cases.one(tx, case_id)
            if current is not None:
                await desk_.keep(tx, current, "rule", exhibit)
                if not current.excerpt:
                    await cases.save(tx, current._replace(excerpt=excerpt_of(exhibit.text)))

        await desk_.db.write(write)
        await self._settling.now([case.subject])

    async def judge_later(self, subject: Subject) -> None:
        """Judge an item that was written while nobody could be asked."""
        exhibit = (await self._desk.exhibits([subject])).get(subject)
        rules = await self._book.rules()
        if exhibit is None or not rules:
            return
        if await self._level(subject.kind, exhibit.author_id) == STAFF:
            return
        text = f"{exhibit.content_warning}\n{exhibit.text}"
        outcome, by = await self._judge(
            rules, subject.kind, exhibit.author_id, text, media=bool(exhibit.media_ids), count=False
        )
        if not outcome:
            return
        ids = [rule.rule.id for rule in by]
        await self._desk.db.write(lambda tx: self._take_up(tx, subject, exhibit.author_id, outcome, ids))
        await self._settling.now([subject])

    # Rules

    async def rules(self, call: Call) -> list[Rule]:
        """All rules, also those that are switched off."""
        guard(call, "rules.change")
        return await desk.rules(self._desk.db, RULES)

    async def _checked(self, rule: Rule) -> Rule:
        keys = [reason.key for reason in await self._book.reasons()]
        return rule_rules.checked(rule, self._desk.items.kinds, keys)

    async def save_rule(self, call: Call, rule: Rule) -> Rule:
        """Make a rule or change it."""
        guard(call, "rules.change")
        wanted = await self._checked(rule)

        async def write(tx: Tx) -> Rule:
            kept = {one.id: one for one in await desk.rules(tx, RULES)}
            if wanted.id and wanted.id not in kept:
                raise NotFound
            if not wanted.id and len(kept) >= RULES:
                raise Invalid(fields={"name": "There are 200 rules already."})
            saved = wanted if wanted.id else wanted._replace(id=self._desk.kit.ids())
            await desk.put_rule(tx, saved)
            before = kept[saved.id]._asdict() if saved.id in kept else None
            await self._desk.log(
                tx, call.actor or 0, "rule.saved", why=saved.name, before=_short(before),
                after=_short(saved._asdict()),
            )  # fmt: skip
            return saved

        saved = await self._desk.db.write(write)
        await self._book.changed()
        return saved

    async def remove_rule(self, call: Call, rule_id: int) -> None:
        """Remove a rule. Twice is once."""
        guard(call, "rules.change")

        async def write(tx: Tx) -> None:
            kept = {one.id: one for one in await desk.rules(tx, RULES)}
            if await desk.drop_rule(tx, rule_id):
                before = kept[rule_id]
                await self._desk.log(
                    tx, call.actor or 0, "rule.removed", why=before.name, before=_short(before._asdict())
                )

        await self._desk.db.write(write)
        await self._book.changed()

    async def attempt(
        self, call: Call, rule: Rule | None, kind: str, level: str, text: str, *, media: bool
    ) -> tuple[str, list[Rule]]:
        """What the rules that are switched on, and this one, would say of a text by such a member."""
        guard(call, "rules.change")
        if len(text) > TRIED:
            raise Invalid(fields={"text": "This is too long."})
        rules = list(await self._book.rules())
        if rule is not None and rule.name:
            wanted = await self._checked(rule)
            rules = [one for one in rules if not wanted.id or one.rule.id != wanted.id] + [made(wanted)]
        known = read(text)
        by = [
            one.rule
            for one in rules
            if concerns(one, kind, media)
            and fits(one, known)
            and (not one.rule.levels or level in one.rule.levels)
            and not one.rule.per_hour
        ]
        outcome = strongest(one.outcome for one in by)
        return outcome, [one for one in by if one.outcome == outcome]

    # Reasons

    async def reasons(self, call: Call) -> tuple[Reason, ...]:
        """The reasons to choose from."""
        guard(call, "reports.see")
        return await self._book.reasons()

    async def save_reason(self, call: Call, reason: Reason) -> None:
        """Make a reason of the community's own, or change one, also a built-in one."""
        guard(call, "rules.change")
        wanted = reason_rules.checked(reason)

        async def write(tx: Tx) -> None:
            kept = {one.key: one for one in await desk.reasons(tx)}
            if wanted.key not in kept and len(kept) >= REASONS:
                raise Invalid(fields={"key": "There are 100 reasons already."})
            await desk.put_reason(tx, wanted)
            before = kept.get(wanted.key)
            await self._desk.log(
                tx, call.actor or 0, "reason.saved", why=wanted.title_en or wanted.title_ru,
                before=before._asdict() if before else None, after=wanted._asdict(),
            )  # fmt: skip

        await self._desk.db.write(write)
        await self._book.changed()

    async def remove_reason(self, call: Call, key: str) -> None:
        """Remove one; what came with the house becomes as it was."""
        guard(call, "rules.change")

        async def write(tx: Tx) -> None:
            if await desk.drop_reason(tx, key):
                await self._desk.log(tx, call.actor or 0, "reason.removed", why=key)

        await self._desk.db.write(write)
        await self._book.changed()


def _short(rule: dict[str, object] | None) -> dict[str, object] | None:
    """A rule as the log keeps it: long lists by their length."""
    if rule is None:
        return None
    return {
        name: f"{len(value)} entries" if isinstance(value, list) and len(value) > 20 else value
        for name, value in rule.items()
    }
