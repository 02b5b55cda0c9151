"""Rules, reasons and who is silenced, kept in memory: most posts are judged without a question to anybody."""

from typing import Final

from samovar.kernel.clock import MINUTE
from samovar.services.moderation.domain.reasons import BUILTIN, Reason
from samovar.services.moderation.domain.rules import RULES, Made, made
from samovar.services.moderation.repository import decisions, desk
from samovar.services.moderation.service.common import Desk

#: Signal that something in the book is another now.
CHANGED: Final = "moderation.book"
#: How long a process trusts its copy, when a signal is lost.
COPY_LIVES: Final = MINUTE
SILENCED: Final = 50_000


class Book:
    """A copy of what judging needs, read anew when something changed."""

    def __init__(self, owner: Desk) -> None:
        self._desk = owner
        self._until = 0
        self._changes = 0
        self._rules: tuple[Made, ...] = ()
        self._silenced: dict[int, int] = {}
        self._reasons: dict[str, Reason] = {}
        owner.kit.pubsub.subscribe(CHANGED, self._on_changed)

    def _on_changed(self, _: bytes) -> None:
        self._until = 0
        self._changes += 1

    async def changed(self) -> None:
        """Tell every process to read anew."""
        self._on_changed(b"")
        await self._desk.kit.pubsub.publish(CHANGED, b"")

    async def _fresh(self) -> None:
        now = self._desk.now()
        if self._until > now:
            return
        changes, db = self._changes, self._desk.db
        rules = await desk.rules(db, RULES)
        silenced = await decisions.silenced(db, SILENCED)
        own = {reason.key: reason for reason in await desk.reasons(db)}
        builtin = {reason.key: reason for reason in BUILTIN}
        self._rules = tuple(made(rule) for rule in rules if rule.on)
        self._silenced = silenced
        self._reasons = {
            key: own[key]._replace(builtin=key in builtin) if key in own else builtin[key]
            for key in [*builtin, *(key for key in own if key not in builtin)]
        }
        if changes == self._changes:
            self._until = now + COPY_LIVES

    async def rules(self) -> tuple[Made, ...]:
        """Those that are switched on."""
        await self._fresh()
        return self._rules

    async def silenced(self, user_id: int) -> bool:
        """Whether somebody is silenced now."""
        await self._fresh()
        until = self._silenced.get(user_id)
        return until is not None and (until == 0 or until > self._desk.now())

    async def reasons(self) -> tuple[Reason, ...]:
        """The built-in ones first, as the community has them."""
        await self._fresh()
        return tuple(self._reasons.values())

    async def reason(self, key: str) -> Reason | None:
        """A reason by its key, as the community has it."""
        await self._fresh()
        return self._reasons.get(key)
