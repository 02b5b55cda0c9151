"""Taking messages to be sent."""

from collections.abc import Collection, Sequence

from samovar.kernel.clock import DAY
from samovar.kernel.context import Call
from samovar.kernel.store import Tx
from samovar.services.delivery import letters
from samovar.services.delivery.domain import PRIORITIES, QUEUED, SUPPRESSED, Message, Order, check, masked
from samovar.services.delivery.repository import messages
from samovar.services.delivery.service.desk import Desk, only_services


class Taking:
    """Takes messages and answers; providers are asked later."""

    def __init__(self, desk: Desk, channels: Collection[str]) -> None:
        self._desk = desk
        self._channels = channels

    async def send(self, call: Call, orders: Sequence[Order]) -> None:
        """Store messages; those whose name is known already are left as they are."""
        only_services(call)
        now = self._desk.now()
        check(orders, letters.NAMES, now)
        rows = [self._row(order, now) for order in orders]

        async def work(tx: Tx) -> None:
            for row in rows:
                await messages.add(tx, row)

        await self._desk.db.write(work)

    def _row(self, order: Order, now: int) -> Message:
        desk = self._desk
        row = Message(
            id=desk.kit.ids(), name=order.name, user_id=order.user_id, channel=order.channel,
            template=order.template, category=order.category,
            priority=PRIORITIES.index(order.priority or "normal"), locale=order.locale,
            masked=masked(order.channel, order.address),
            address=desk.seal("address", order.name, order.address) if order.address else None,
            data=desk.seal("data", order.name, order.data or "{}"), state=QUEUED, reason="", created_at=now,
            due_at=now, expires_at=order.expires_at or now + desk.settings.expire_days * DAY, attempts=0,
            ended_at=None,
        )  # fmt: skip
        if order.channel in self._channels:
            return row
        return row._replace(
            state=SUPPRESSED, reason="no provider is configured for this", data=None, ended_at=now
        )
