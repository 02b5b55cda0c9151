"""The log: what became of each message; late bounces; forgetting."""

from collections.abc import Sequence

from samovar.contracts.delivery import AddressGone
from samovar.kernel.authz import require, signed_in
from samovar.kernel.clock import DAY
from samovar.kernel.context import Call
from samovar.kernel.errors import NotFound
from samovar.kernel.paging import below, page_size
from samovar.kernel.store import Tx
from samovar.services.delivery.domain import MOST, Attempt, Message, is_name, plain
from samovar.services.delivery.repository import messages, people
from samovar.services.delivery.service.desk import Desk, only_services

_BATCH = 500


class Log:
    """Reading and tending it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def page(
        self, call: Call, user_id: int, name: str, cursor: str, limit: int
    ) -> tuple[list[Message], dict[int, list[Attempt]], str]:
        """Messages newest first, their attempts by message, and where to go on. Raises Forbidden for
        somebody else's."""
        whose = user_id or signed_in(call)
        if whose != call.actor:
            require(call, "system.see")
        before = below(cursor)
        if name and not is_name(name):
            return [], {}, ""
        size = page_size(limit, most=MOST)
        found = await messages.page(self._desk.db, whose, name, before, size + 1)
        following = str(found[size - 1].id) if len(found) > size else ""
        attempts: dict[int, list[Attempt]] = {}
        if found:
            for attempt in await messages.attempts_of(
                self._desk.db, [message.id for message in found[:size]]
            ):
                attempts.setdefault(attempt.message_id, []).append(attempt)
        return found[:size], attempts, following

    async def report_bounce(self, call: Call, name: str, permanent: bool, reason: str) -> None:
        """A message came back after its provider had taken it."""
        only_services(call)
        desk = self._desk
        message = await messages.by_name(desk.db, name) if is_name(name) else None
        if message is None:
            raise NotFound
        address = desk.open("address", name, message.address) if message.address else ""

        async def work(tx: Tx) -> None:
            await messages.bounce(tx, message.id, " ".join(reason.split())[:300], desk.now())
            if permanent and address:
                await self.bury(tx, message, address)

        await desk.db.write(work)

    async def bury(self, tx: Tx, message: Message, address: str) -> None:
        """An address is dead: nothing goes there any more, and others are told, once."""
        mark = self._desk.mark(message.channel, address)
        known_dead = await people.dead(tx, [mark])
        await people.bury(tx, mark, message.user_id, self._desk.now())
        if known_dead:
            return
        known = plain(message.channel, address) if message.channel == "push" else address
        await tx.publish(AddressGone(user_id=message.user_id, channel=message.channel, address=known))

    async def prune(self) -> None:
        """Forget what is older than the log is kept."""
        desk = self._desk
        before = desk.now() - desk.settings.log_days * DAY
        while ids := await messages.ended_before(desk.db, before, _BATCH):
            await self._drop(ids)
        await desk.db.write(lambda tx: people.forget_dead(tx, before))

    async def erase(self, call: Call, user_id: int) -> None:
        """Remove all that is known of a person."""
        only_services(call)
        while ids := await messages.of_user(self._desk.db, user_id, _BATCH):
            await self._drop(ids)
        await self._desk.db.write(lambda tx: people.forget_person(tx, user_id))

    async def _drop(self, ids: Sequence[int]) -> None:
        await self._desk.db.write(lambda tx: messages.drop(tx, ids))
