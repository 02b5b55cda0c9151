"""Letters and messages on their way to people outside: e-mail, push, SMS and chats, through providers.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from samovar.contracts.common import Done
from samovar.kernel.contract import Contract, Event, Message, Method, register_event
from samovar.kernel.errors import Invalid


class Outgoing(Message, frozen=True, kw_only=True):
    """Outgoing."""

    #: Stable name by its sender, such as "notifications:123:email": the same is never sent for two ids.
    id: str = ""
    #: To whom.
    user_id: int = 0
    #: "email", "push", "sms", "fcm", "apns" or "telegram".
    channel: str = ""
    #: E-mail address, phone number, device token or chat; for push a browser's subscription as JSON
    #: ({"endpoint": ..., "keys": {"p256dh": ..., "auth": ...}}). Empty for e-mail: the person's own.
    address: str = ""
    #: What it looks like: "notification", "digest", "system", "test", "verify_email" ...
    template: str = ""
    #: The template's values as JSON. Wiped when the message is sent or given up.
    data: str = ""
    #: "en" or "ru"; empty: the person's own.
    locale: str = ""
    #: What it is about: "account" can't be unsubscribed from; else the type of notification, "digest" ...
    category: str = ""
    #: "high", "normal" or "low"; empty: normal.
    priority: str = ""
    #: When it is of no more use, in microseconds since 1970 UTC; 0: after the usual days.
    expires_at: int = 0


class SendRequest(Message, frozen=True, kw_only=True):
    """What Delivery.send takes."""

    messages: tuple[Outgoing, ...] = ()


class VapidKeyRequest(Message, frozen=True, kw_only=True):
    """What Delivery.vapid_key takes."""


class VapidKeyAnswer(Message, frozen=True, kw_only=True):
    """Vapid key answer."""

    key: str = ""


class ChannelsRequest(Message, frozen=True, kw_only=True):
    """What Delivery.channels takes."""


class ChannelList(Message, frozen=True, kw_only=True):
    """Channel list."""

    items: tuple[str, ...] = ()


class DeliveriesRequest(Message, frozen=True, kw_only=True):
    """What Delivery.deliveries takes."""

    #: Whose; 0: the caller's.
    user_id: int = 0
    #: Only the message of this id, or empty.
    id: str = ""
    cursor: str = ""
    #: At most 100; 0: 20.
    limit: int = 0


class Attempt(Message, frozen=True, kw_only=True):
    """One time that a message was handed to its provider."""

    started_at: int = 0
    #: When the provider answered.
    ended_at: int = 0
    #: "accepted", "deferred", "failed", "bounced", or "unknown" when the
    #: process ended meanwhile.
    outcome: str = ""
    provider: str = ""
    #: How the provider names it, or empty.
    provider_id: str = ""
    #: What the provider said.
    detail: str = ""


class Sent(Message, frozen=True, kw_only=True):
    """One message and what became of it."""

    #: As its sender named it.
    id: str = ""
    user_id: int = 0
    channel: str = ""
    template: str = ""
    category: str = ""
    priority: str = ""
    #: Masked: "a***@e***.org".
    address: str = ""
    #: "queued", "sending", "deferred", "accepted", "failed", "bounced", "suppressed" or "expired".
    state: str = ""
    #: Why, in a line; empty when all is well.
    reason: str = ""
    created_at: int = 0
    #: When it is tried next, or 0.
    due_at: int = 0
    #: When it came to its end, or 0.
    ended_at: int = 0
    attempts: tuple[Attempt, ...] = ()


class DeliveryPage(Message, frozen=True, kw_only=True):
    """Delivery page."""

    items: tuple[Sent, ...] = ()
    next: str = ""


class LinkRequest(Message, frozen=True, kw_only=True):
    """What Delivery.look_up_link takes."""

    token: str = ""


class Subscription(Message, frozen=True, kw_only=True):
    """Subscription."""

    user_id: int = 0
    channel: str = ""
    category: str = ""
    unsubscribed: bool = False


class AllowRequest(Message, frozen=True, kw_only=True):
    """What Delivery.allow takes."""

    user_id: int = 0
    channel: str = ""
    category: str = ""


class ReportBounceRequest(Message, frozen=True, kw_only=True):
    """What Delivery.report_bounce takes."""

    #: As its sender named it.
    id: str = ""
    #: True: the address is dead; false: this message was refused.
    permanent: bool = False
    reason: str = ""


@register_event
class AddressGone(Event, frozen=True, kw_only=True):
    """A provider says that an address, token or subscription is dead: write there no more."""

    TYPE: ClassVar[str] = "samovar.delivery.v1.AddressGone"
    KEY: ClassVar[str] = "user_id"

    user_id: int = 0
    channel: str = ""
    #: As it was given with the message; for push the subscription's endpoint alone.
    address: str = ""


@register_event
class Unsubscribed(Event, frozen=True, kw_only=True):
    """Somebody wants no more messages of a kind by a channel."""

    TYPE: ClassVar[str] = "samovar.delivery.v1.Unsubscribed"
    KEY: ClassVar[str] = "user_id"

    user_id: int = 0
    channel: str = ""
    category: str = ""


@register_event
class Resubscribed(Event, frozen=True, kw_only=True):
    """Somebody took that back."""

    TYPE: ClassVar[str] = "samovar.delivery.v1.Resubscribed"
    KEY: ClassVar[str] = "user_id"

    user_id: int = 0
    channel: str = ""
    category: str = ""


class LinkInvalid(Invalid):
    """This link is not complete. Open it again from the letter."""

    code = "delivery.link_invalid"
    default_message = "This link is not complete. Open it again from the letter."


class DeliveryApi(Protocol):
    """Delivery."""

    async def send(self, *, messages: Sequence[Outgoing] = ()) -> Done:
        """For services alone: take messages to be sent, and answer at once. A message whose id is known
        already
        is left as it is. All are taken or none: Invalid names each wrong field as
        "messages.0.template".
        At most 100.
        """
        ...

    async def vapid_key(self) -> VapidKeyAnswer:
        """The public key that browsers subscribe to web push with (VAPID, base64url)."""
        ...

    async def channels(self) -> ChannelList:
        """The channels that messages can leave by here: "email" and those that are configured."""
        ...

    async def deliveries(self, *, user_id: int, id: str, cursor: str, limit: int) -> DeliveryPage:
        """What was sent to somebody, newest first, with every attempt: their own to anybody, all to
        operators.
        """
        ...

    async def look_up_link(self, *, token: str) -> Subscription:
        """What a link of a letter's foot stands for. LinkInvalid."""
        ...

    async def unsubscribe(self, *, token: str) -> Subscription:
        """No more messages of that kind by that channel. Publishes Unsubscribed. LinkInvalid."""
        ...

    async def resubscribe(self, *, token: str) -> Subscription:
        """Take that back. Publishes Resubscribed. LinkInvalid."""
        ...

    async def allow(self, *, user_id: int, channel: str, category: str) -> Done:
        """For services alone: a person wants messages of a kind again, as they said elsewhere. Without a
        category
        all kinds of the channel.
        """
        ...

    async def report_bounce(self, *, id: str, permanent: bool, reason: str) -> Done:
        """For services and operators: a provider said later that a message did not arrive. Publishes
        AddressGone
        when the address is dead. NotFound for an id that delivery does not know.
        """
        ...


DELIVERY: Contract[DeliveryApi] = Contract(
    "samovar.delivery.v1.Delivery",
    methods=(
        Method("send", SendRequest, Done, idempotent=True),
        Method("vapid_key", VapidKeyRequest, VapidKeyAnswer, idempotent=True),
        Method("channels", ChannelsRequest, ChannelList, idempotent=True),
        Method("deliveries", DeliveriesRequest, DeliveryPage, idempotent=True),
        Method("look_up_link", LinkRequest, Subscription, idempotent=True),
        Method("unsubscribe", LinkRequest, Subscription, idempotent=True),
        Method("resubscribe", LinkRequest, Subscription, idempotent=True),
        Method("allow", AllowRequest, Done, idempotent=True),
        Method("report_bounce", ReportBounceRequest, Done, idempotent=True),
    ),
    errors=(LinkInvalid,),
)
