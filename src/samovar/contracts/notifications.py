"""What people are told about: an inbox of grouped lines, who is told what by which way, devices,
reminders.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from samovar.contracts.common import Done, ItemRef
from samovar.kernel.contract import Contract, Event, Message, Method, register_event
from samovar.kernel.errors import Conflict


class ListRequest(Message, frozen=True, kw_only=True):
    """What Notifications.list takes."""

    #: From the last page's `next`, or empty.
    cursor: str = ""
    #: 20 when not said; at most 100.
    limit: int = 0
    #: Empty for all, "mentions" (mentions, replies, quotes), "follows" (and requests), "unread", or a type.
    filter: str = ""


class GetManyRequest(Message, frozen=True, kw_only=True):
    """What Notifications.get_many takes."""

    ids: tuple[int, ...] = ()


class Notification(Message, frozen=True, kw_only=True):
    """A line of the inbox: one thing that happened, or several alike as one."""

    id: int = 0
    #: Of what happened last in it; orders lines, and is what MarkRead's `up_to` means.
    position: int = 0
    #: "followed", "follow_requested", "follow_accepted", "mentioned", "replied", "quoted", "reacted",
    #: "reposted", "poll_ended", "reminder", "system".
    type: str = ""
    #: What it is about, if anything: for reactions and reposts one's own item, for mentions, replies and
    #: quotes the new one.
    item: ItemRef | None = None
    #: Who did it, latest first: at most 8 of `count`.
    actor_ids: tuple[int, ...] = ()
    #: How many people did it.
    count: int = 0
    read: bool = False
    #: Microseconds since 1970 UTC: of the first and of the last that happened.
    created_at: int = 0
    updated_at: int = 0
    #: More about it as JSON: the reaction's `type`; `title`, `text` and `url` of what was sent.
    data: str = ""
    #: The item as the caller may see it: title (of kinds that have them), begin of its text, whether it is
    #: behind a warning.
    title: str = ""
    excerpt: str = ""
    sensitive: bool = False


class NotificationList(Message, frozen=True, kw_only=True):
    """Notification list."""

    items: tuple[Notification, ...] = ()


class Page(Message, frozen=True, kw_only=True):
    """Page."""

    items: tuple[Notification, ...] = ()
    #: Empty at the end.
    next: str = ""
    unread: int = 0


class UnreadRequest(Message, frozen=True, kw_only=True):
    """What Notifications.unread takes."""


class UnreadCount(Message, frozen=True, kw_only=True):
    """Unread count."""

    unread: int = 0


class MarkReadRequest(Message, frozen=True, kw_only=True):
    """What Notifications.mark_read takes."""

    #: Everything up to this position; 0 for none.
    up_to: int = 0
    #: These lines; at most 100.
    ids: tuple[int, ...] = ()
    #: Everything there is.
    all: bool = False


class TypePreference(Message, frozen=True, kw_only=True):
    """How one type of notification comes."""

    type: str = ""
    #: By which ways: inbox, e-mail letters, pushes to browsers, and other ways (fcm, apns, telegram).
    inbox: bool = False
    email: bool = False
    push: bool = False
    other: bool = False
    #: From whom: "everyone", "following" (people the person follows) or "nobody".
    people: str = ""


class TypePreferenceList(Message, frozen=True, kw_only=True):
    """Type preference list."""

    items: tuple[TypePreference, ...] = ()


class GetPreferencesRequest(Message, frozen=True, kw_only=True):
    """What Notifications.get_preferences takes."""


class Preferences(Message, frozen=True, kw_only=True):
    """Preferences."""

    #: Every type, in the order to show them.
    types: tuple[TypePreference, ...] = ()
    #: Quiet hours in minutes since midnight; both the same: none.
    quiet_from: int = 0
    quiet_to: int = 0
    #: Name of a time zone, such as "Europe/Moscow".
    time_zone: str = ""
    #: A letter that sums up: "none", "daily" or "weekly".
    digest: str = ""
    #: When it comes: hour 0 to 23, and day 0 (Monday) to 6 of the weekly one.
    digest_hour: int = 0
    digest_weekday: int = 0


class SetPreferencesRequest(Message, frozen=True, kw_only=True):
    """What Notifications.set_preferences takes."""

    types: TypePreferenceList | None = None
    quiet_from: int | None = None
    quiet_to: int | None = None
    time_zone: str | None = None
    digest: str | None = None
    digest_hour: int | None = None
    digest_weekday: int | None = None


class MuteItemRequest(Message, frozen=True, kw_only=True):
    """What Notifications.mute_item takes."""

    item: ItemRef = ItemRef()
    muted: bool = False


class MutedItemsRequest(Message, frozen=True, kw_only=True):
    """What Notifications.muted_items takes."""

    kind: str = ""
    ids: tuple[int, ...] = ()


class MutedItemList(Message, frozen=True, kw_only=True):
    """Muted item list."""

    ids: tuple[int, ...] = ()


class SubscribeRequest(Message, frozen=True, kw_only=True):
    """What Notifications.subscribe takes."""

    #: "push" (web push), "fcm", "apns" or "telegram".
    channel: str = ""
    #: For push a JSON text {"endpoint", "keys": {"p256dh", "auth"}}, else the token or chat.
    address: str = ""
    #: What the device calls itself.
    name: str = ""


class Device(Message, frozen=True, kw_only=True):
    """Device."""

    id: int = 0
    channel: str = ""
    name: str = ""
    created_at: int = 0
    #: The push service's host, or the end of the token: enough to recognize it, too little to use it.
    hint: str = ""


class DevicesRequest(Message, frozen=True, kw_only=True):
    """What Notifications.devices takes."""


class DeviceList(Message, frozen=True, kw_only=True):
    """Device list."""

    items: tuple[Device, ...] = ()


class UnsubscribeRequest(Message, frozen=True, kw_only=True):
    """What Notifications.unsubscribe takes."""

    id: int = 0


class SendRequest(Message, frozen=True, kw_only=True):
    """What Notifications.send takes."""

    #: Of the sender's choice, unique among what it sends.
    key: str = ""
    #: At most 1000.
    user_ids: tuple[int, ...] = ()
    #: As in Notification; "system" when empty.
    type: str = ""
    item: ItemRef | None = None
    #: Who did it, or 0.
    actor_id: int = 0
    #: Plain text, at most 200 and 2000 characters, and an address within this site.
    title: str = ""
    text: str = ""
    url: str = ""


class RemindRequest(Message, frozen=True, kw_only=True):
    """What Notifications.remind takes."""

    key: str = ""
    user_id: int = 0
    #: Microseconds since 1970 UTC.
    at: int = 0
    #: "reminder" when empty.
    type: str = ""
    subject: ItemRef | None = None
    #: JSON with `title`, `text` and `url`, or empty.
    data: str = ""


class MoveReminderRequest(Message, frozen=True, kw_only=True):
    """What Notifications.move_reminder takes."""

    key: str = ""
    user_id: int = 0
    at: int = 0


class CancelReminderRequest(Message, frozen=True, kw_only=True):
    """What Notifications.cancel_reminder takes."""

    key: str = ""
    user_id: int = 0


@register_event
class InboxChanged(Event, frozen=True, kw_only=True):
    """Somebody's inbox changed: something new, taken back, or read."""

    TYPE: ClassVar[str] = "samovar.notifications.v1.InboxChanged"
    KEY: ClassVar[str] = "user_id"

    user_id: int = 0
    unread: int = 0
    #: The newest line that changed and its type; 0 and empty when lines were only read or taken away.
    notification_id: int = 0
    type: str = ""


class TooManyDevices(Conflict):
    """You have too many devices here; remove one first."""

    code = "notifications.too_many_devices"
    default_message = "You have too many devices here; remove one first."


class NotificationsApi(Protocol):
    """Notifications."""

    async def list(self, *, cursor: str, limit: int, filter: str) -> Page:
        """The caller's inbox, newest first, without people and items that the caller may not see (any
        more).
        """
        ...

    async def get_many(self, *, ids: Sequence[int] = ()) -> NotificationList:
        """Those among the ids that are the caller's and that the caller may still see. At most 100."""
        ...

    async def unread(self) -> UnreadCount:
        """How many unread lines the caller has: one keyed read, cheap enough for every page."""
        ...

    async def mark_read(self, *, up_to: int, ids: Sequence[int] = (), all: bool) -> UnreadCount:
        """Mark lines as read. Marking twice is harmless. Answers what is left."""
        ...

    async def get_preferences(self) -> Preferences:
        """The caller's preferences; what was never chosen is as the defaults are."""
        ...

    async def set_preferences(
        self,
        *,
        types: TypePreferenceList | None = None,
        quiet_from: int | None = None,
        quiet_to: int | None = None,
        time_zone: str | None = None,
        digest: str | None = None,
        digest_hour: int | None = None,
        digest_weekday: int | None = None,
    ) -> Preferences:
        """Change them; absent parts and types that are not named stay as they are."""
        ...

    async def mute_item(self, *, item: ItemRef, muted: bool) -> Done:
        """Hear no more of an item and what is below it, or hear of it again. NotFound for what the caller
        may not see.
        """
        ...

    async def muted_items(self, *, kind: str, ids: Sequence[int] = ()) -> MutedItemList:
        """Those among these items that the caller hears no more of. At most 100."""
        ...

    async def subscribe(self, *, channel: str, address: str, name: str) -> Device:
        """Have one of the caller's devices told as well. The same address again renews it."""
        ...

    async def devices(self) -> DeviceList:
        """The caller's devices, newest first; at most 20."""
        ...

    async def unsubscribe(self, *, id: int) -> Done:
        """Take one of the caller's devices away."""
        ...

    async def send(
        self,
        *,
        key: str,
        user_ids: Sequence[int] = (),
        type: str,
        item: ItemRef | None = None,
        actor_id: int,
        title: str,
        text: str,
        url: str,
    ) -> Done:
        """For other services and admins: tell people something. The same key again changes nothing."""
        ...

    async def remind(
        self, *, key: str, user_id: int, at: int, type: str, subject: ItemRef | None = None, data: str
    ) -> Done:
        """Tell somebody something at a time, for the person themself and for services. The same key again
        moves it.
        """
        ...

    async def move_reminder(self, *, key: str, user_id: int, at: int) -> Done:
        """Move a reminder that has not come yet. NotFound when there is none."""
        ...

    async def cancel_reminder(self, *, key: str, user_id: int) -> Done:
        """Take a reminder back. Harmless when there is none."""
        ...


NOTIFICATIONS: Contract[NotificationsApi] = Contract(
    "samovar.notifications.v1.Notifications",
    methods=(
        Method("list", ListRequest, Page, idempotent=True),
        Method("get_many", GetManyRequest, NotificationList, idempotent=True),
        Method("unread", UnreadRequest, UnreadCount, idempotent=True),
        Method("mark_read", MarkReadRequest, UnreadCount, idempotent=True),
        Method("get_preferences", GetPreferencesRequest, Preferences, idempotent=True),
        Method("set_preferences", SetPreferencesRequest, Preferences, idempotent=True),
        Method("mute_item", MuteItemRequest, Done, idempotent=True),
        Method("muted_items", MutedItemsRequest, MutedItemList, idempotent=True),
        Method("subscribe", SubscribeRequest, Device, idempotent=True),
        Method("devices", DevicesRequest, DeviceList, idempotent=True),
        Method("unsubscribe", UnsubscribeRequest, Done, idempotent=True),
        Method("send", SendRequest, Done, idempotent=True),
        Method("remind", RemindRequest, Done, idempotent=True),
        Method("move_reminder", MoveReminderRequest, Done, idempotent=True),
        Method("cancel_reminder", CancelReminderRequest, Done, idempotent=True),
    ),
    errors=(TooManyDevices,),
)
