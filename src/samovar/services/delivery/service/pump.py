"""Sends what is due by one channel. Each channel has a pump of its own, so that a provider that is slow
or gone holds up no other channel; and a message that hangs holds up one place among many."""

import asyncio
import traceback
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from samovar.kernel import telemetry
from samovar.kernel.clock import HOUR, SECOND
from samovar.kernel.context import calling, system_call
from samovar.kernel.errors import AppError
from samovar.kernel.limits import Rule
from samovar.kernel.messengers import Gone, Later, Refused, Undelivered
from samovar.kernel.store import Tx
from samovar.services.delivery.domain import (
    ACCEPTED,
    ACCOUNT,
    BOUNCED,
    DEFERRED,
    EXPIRED,
    FAILED,
    SENDING,
    SUPPRESSED,
    UNKNOWN,
    Attempt,
    Contact,
    Message,
    needs_contact,
    wait,
)
from samovar.services.delivery.repository import messages, people
from samovar.services.delivery.service.circuits import Circuits
from samovar.services.delivery.service.desk import Desk
from samovar.services.delivery.service.log import Log
from samovar.services.delivery.service.writing import Nobody, Ready, Unwritable, Writing

log = structlog.get_logger(__name__)

#: Beyond its time limit, what a message may take until it is thought to have been lost.
_LEASE_MORE: Final = 90
#: Seconds between two looks for more while messages are under way.
_LOOK: Final = 0.5
#: When people are asked for again who could not be.
_AGAIN: Final = 10 * SECOND
#: Seconds that messages under way have to come to an end when the process stops.
_LAST: Final = 5.0


class Pump:
    """One channel's loop."""

    def __init__(self, desk: Desk, writing: Writing, keeper: Log, channel: str) -> None:
        use = desk.settings
        self._desk = desk
        self._writing = writing
        self._log = keeper
        self._channel = channel
        self._provider = writing.provider(channel)
        self._circuits = Circuits(use.failures)
        burst, rate = (
            (use.email_burst, use.email_per_hour)
            if channel == "email"
            else (use.message_burst, use.message_per_hour)
        )
        self._person_rule = Rule(burst, rate / 60)
        self._provider_rule = Rule(use.provider_burst, use.provider_per_minute)
        self._lease = int((use.time_limit_seconds + _LEASE_MORE) * SECOND)

    async def step(self) -> int:
        """Send until nothing is due; answers how many messages were looked at."""
        with calling(system_call(self._desk.kit.service)):
            return await self._work()

    async def _work(self) -> int:
        total = 0
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                batch = await self._take(self._desk.settings.at_once - len(running))
                contacts = await self._contacts(batch)
                running |= {asyncio.create_task(self._handle(message, contacts)) for message in batch}
                if not running:
                    return total
                done, running = await asyncio.wait(
                    running, timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED
                )
                total += len(done)
        finally:
            # What a provider has begun to take should be noted as taken.
            if running:
                await asyncio.wait(running, timeout=_LAST)
            for task in running:
                task.cancel()

    async def _take(self, room: int) -> list[Message]:
        """Messages that are due and now this process's for a while, without those that can't be sent."""
        desk, now = self._desk, self._desk.now()
        if self._circuits.rests_until(self._provider, now):
            return []
        if self._circuits.trying(self._provider):
            room = min(room, 1)
        if self._provider_rule.per_minute and room > 0:
            left = await desk.kit.limits.take(f"delivery:provider:{self._channel}", self._provider_rule, 0)
            room = min(room, left.remaining)
        if room <= 0 or not await messages.due(desk.db, self._channel, now, 1):
            return []
        until = now + self._lease

        async def work(tx: Tx) -> list[Message]:
            found = await messages.due(tx, self._channel, now, room)
            await messages.take(tx, [message.id for message in found], until)
            for message in found:
                if message.state == SENDING:
                    await messages.attempted(tx, self._lost(message))
            return [
                message._replace(due_at=until, state=SENDING, attempts=message.attempts + 1)
                for message in found
            ]

        return await desk.db.write(work)

    def _lost(self, message: Message) -> Attempt:
        """The try of a process that ended before it could say what came of it."""
        began = message.due_at - self._lease
        return Attempt(
            self._desk.kit.ids(), message.id, began, self._desk.now(), UNKNOWN, self._provider, "",
            "the process ended meanwhile",
        )  # fmt: skip

    async def _contacts(self, batch: Sequence[Message]) -> Mapping[int, Contact] | None:
        """Who the people are, as far as that is needed; None when they can't be asked now."""
        try:
            return await self._writing.contacts(batch)
        except AppError as error:
            log.warning("people can't be asked", error=repr(error))
            return None

    async def _handle(self, message: Message, contacts: Mapping[int, Contact] | None) -> None:
        """One message, whatever happens. What fails here is tried again when the lease is over."""
        try:
            await self._send(message, contacts)
        except Exception as error:
            log.error("message not handled", id=message.name, error=_where(error))

    async def _send(self, message: Message, contacts: Mapping[int, Contact] | None) -> None:
        desk, now = self._desk, self._desk.now()
        if message.expires_at <= now:
            return await self._end(message, EXPIRED, "it was of no more use")
        if message.attempts > desk.settings.attempts:
            return await self._end(message, FAILED, f"given up after {desk.settings.attempts} tries")
        if contacts is None and needs_contact(message):
            return await self._postpone(message, now + _AGAIN, "people can't be asked now")
        try:
            ready = await self._writing.ready(message, contacts or {})
        except Nobody as error:
            return await self._end(message, SUPPRESSED, str(error))
        except Unwritable as error:
            log.error(
                "message can't be written", id=message.name, template=message.template, error=str(error)
            )
            return await self._end(message, FAILED, str(error))
        if message.category != ACCOUNT:
            if reason := await self._unwanted(message, ready):
                return await self._end(message, SUPPRESSED, reason)
            key = f"delivery:person:{self._channel}:{message.user_id}"
            decision = await desk.kit.limits.take(key, self._person_rule)
            if not decision.allowed:
                again = now + int(decision.retry_after * SECOND) + 1
                return await self._postpone(message, again, "many messages in a short time")
        host = self._writing.reached_through(ready)
        if until := self._circuits.rests_until(host, now):
            return await self._postpone(message, until, "its provider rests")
        await self._hand_over(message, ready, host)

    async def _unwanted(self, message: Message, ready: Ready) -> str:
        """Why a person should not get a message, or empty."""
        db = self._desk.db
        refused = await people.refused(db, [message.user_id], self._channel)
        if (message.user_id, message.category) in refused:
            return "unsubscribed"
        if await people.dead(db, [self._desk.mark(self._channel, ready.address)]):
            return "the address is dead"
        return ""

    async def _hand_over(self, message: Message, ready: Ready, host: str) -> None:
        desk, began = self._desk, self._desk.now()
        if self._provider_rule.per_minute:
            await desk.kit.limits.take(f"delivery:provider:{self._channel}", self._provider_rule)
        try:
            try:
                async with asyncio.timeout(desk.settings.time_limit_seconds):
                    provider_id = await self._writing.send(ready)
            except TimeoutError as error:
                limit = desk.settings.time_limit_seconds
                raise Later(f"no answer within {limit:g} seconds", provider=True) from error
            except Undelivered:
                raise
            except Exception as error:
                log.error("a provider's answer was not understood", error=_where(error))
                raise Later(f"not understood: {type(error).__name__}", provider=True) from error
        except Undelivered as refusal:
            return await self._not_sent(message, ready, refusal, host, began)
        self._circuits.well(host)
        attempt = self._attempt(message, began, ACCEPTED, provider_id, "")

        async def work(tx: Tx) -> None:
            if await messages.finish(tx, message.id, message.due_at, ACCEPTED, "", desk.now()):
                await messages.attempted(tx, attempt)
                await people.revive(tx, desk.mark(self._channel, ready.address))

        await desk.db.write(work)
        self._count(ACCEPTED)

    async def _not_sent(
        self, message: Message, ready: Ready, refusal: Undelivered, host: str, began: int
    ) -> None:
        desk, now = self._desk, self._desk.now()
        if isinstance(refusal, Gone | Refused):
            self._circuits.well(host)
            state = BOUNCED if isinstance(refusal, Gone) else FAILED
            attempt = self._attempt(message, began, state, "", refusal.reason)

            async def give_up(tx: Tx) -> None:
                if await messages.finish(tx, message.id, message.due_at, state, refusal.reason, now):
                    await messages.attempted(tx, attempt)
                    if state == BOUNCED:
                        await self._log.bury(tx, message, ready.address)

            await desk.db.write(give_up)
            return self._count(state)
        assert isinstance(refusal, Later)
        if refusal.provider:
            rests = self._circuits.failed(host, now, refusal.retry_after)
            level = log.error if refusal.ours else log.warning
            level("provider failed", provider=self._provider, host=host, reason=refusal.reason, rests=rests)
        use = desk.settings
        pause = wait(use.retry_seconds, use.retry_most_seconds, message.attempts, message.id)
        # A provider may ask for more, but not for ever.
        asked = min(int(refusal.retry_after * SECOND), max(HOUR, pause))
        again = now + max(pause, asked)
        attempt = self._attempt(message, began, DEFERRED, "", refusal.reason)
        last = message.attempts >= use.attempts
        state = FAILED if last else EXPIRED if again >= message.expires_at else DEFERRED

        async def later(tx: Tx) -> None:
            if state == DEFERRED:
                held = await messages.defer(
                    tx, message.id, message.due_at, refusal.reason, again, message.attempts
                )
            else:
                held = await messages.finish(tx, message.id, message.due_at, state, refusal.reason, now)
            if held:
                await messages.attempted(tx, attempt)

        await desk.db.write(later)
        self._count(state)

    def _attempt(self, message: Message, began: int, outcome: str, provider_id: str, detail: str) -> Attempt:
        desk = self._desk
        return Attempt(
            desk.kit.ids(), message.id, began, desk.now(), outcome, self._provider, provider_id, detail
        )

    async def _end(self, message: Message, state: str, reason: str) -> None:
        """A message that no provider is asked about."""
        now = self._desk.now()

        async def work(tx: Tx) -> None:
            await messages.finish(tx, message.id, message.due_at, state, reason, now)

        await self._desk.db.write(work)
        self._count(state)

    async def _postpone(self, message: Message, again: int, reason: str) -> None:
        """Try later; this was no try."""

        async def work(tx: Tx) -> None:
            await messages.defer(tx, message.id, message.due_at, reason, again, message.attempts - 1)

        await self._desk.db.write(work)

    def _count(self, outcome: str) -> None:
        telemetry.delivered.labels(self._channel, outcome).inc()


def _where(error: Exception) -> str:
    """What happened and where, without values: they may be secrets of a letter."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
