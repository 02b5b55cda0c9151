"""The contracts of delivery, over its use cases."""

from collections.abc import Sequence

from samovar.contracts import delivery
from samovar.contracts.common import Done
from samovar.contracts.delivery import ChannelList, DeliveryPage, Sent, Subscription, VapidKeyAnswer
from samovar.kernel.context import current_call
from samovar.services.delivery.domain import PRIORITIES, Attempt, Link, Message, Order
from samovar.services.delivery.service import Delivery


class DeliveryRpc:
    """samovar.delivery."""

    def __init__(self, service: Delivery) -> None:
        self._service = service

    async def send(self, *, messages: Sequence[delivery.Outgoing] = ()) -> Done:
        await self._service.taking.send(current_call(), [_order(message) for message in messages])
        return Done()

    async def vapid_key(self) -> VapidKeyAnswer:
        return VapidKeyAnswer(key=(await self._service.vapid.key()).public)

    async def channels(self) -> ChannelList:
        return ChannelList(items=self._service.channels)

    async def deliveries(self, *, user_id: int, id: str, cursor: str, limit: int) -> DeliveryPage:
        found, attempts, following = await self._service.log.page(current_call(), user_id, id, cursor, limit)
        return DeliveryPage(
            items=tuple(_sent(message, attempts.get(message.id, ())) for message in found), next=following
        )

    async def look_up_link(self, *, token: str) -> Subscription:
        return _subscription(*await self._service.links.look_up(token))

    async def unsubscribe(self, *, token: str) -> Subscription:
        return _subscription(await self._service.links.unsubscribe(token), True)

    async def resubscribe(self, *, token: str) -> Subscription:
        return _subscription(await self._service.links.resubscribe(token), False)

    async def allow(self, *, user_id: int, channel: str, category: str) -> Done:
        await self._service.links.allow(current_call(), user_id, channel, category)
        return Done()

    async def report_bounce(self, *, id: str, permanent: bool, reason: str) -> Done:
        await self._service.log.report_bounce(current_call(), id, permanent, reason)
        return Done()


class PersonalRpc:
    """samovar.personal, for what delivery keeps."""

    def __init__(self, service: Delivery) -> None:
        self._service = service

    async def erase(self, *, user_id: int) -> Done:
        await self._service.log.erase(current_call(), user_id)
        return Done()


def _order(message: delivery.Outgoing) -> Order:
    return Order(
        message.id, message.user_id, message.channel, message.address, message.template, message.data,
        message.locale, message.category, message.priority, message.expires_at,
    )  # fmt: skip


def _subscription(link: Link, unsubscribed: bool) -> Subscription:
    return Subscription(unsubscribed=unsubscribed, **link._asdict())


def _sent(message: Message, attempts: Sequence[Attempt]) -> Sent:
    return Sent(
        id=message.name, user_id=message.user_id, channel=message.channel, template=message.template,
        category=message.category, priority=PRIORITIES[message.priority], address=message.masked,
        state=message.state, reason=message.reason, created_at=message.created_at,
        due_at=0 if message.ended_at else message.due_at, ended_at=message.ended_at or 0,
        attempts=tuple(
            delivery.Attempt(
                started_at=attempt.started_at, ended_at=attempt.ended_at, outcome=attempt.outcome,
                provider=attempt.provider, provider_id=attempt.provider_id, detail=attempt.detail,
            )
            for attempt in attempts
        ),
    )  # fmt: skip
