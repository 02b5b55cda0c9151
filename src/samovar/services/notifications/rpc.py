"""The contracts of notifications, over its use cases."""

from collections.abc import Sequence

from samovar.contracts.common import Done, ItemRef
from samovar.contracts.notifications import (
    Device,
    DeviceList,
    MutedItemList,
    NotificationList,
    Page,
    Preferences,
    TypePreferenceList,
    UnreadCount,
)
from samovar.kernel.errors import Unavailable


class NotificationsRpc:
    """samovar.notifications."""

    async def list(self, *, cursor: str, limit: int, filter: str) -> Page:
        raise Unavailable

    async def get_many(self, *, ids: Sequence[int] = ()) -> NotificationList:
        raise Unavailable

    async def unread(self) -> UnreadCount:
        raise Unavailable

    async def mark_read(self, *, up_to: int, ids: Sequence[int] = (), all: bool) -> UnreadCount:
        raise Unavailable

    async def get_preferences(self) -> Preferences:
        raise Unavailable

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
        raise Unavailable

    async def mute_item(self, *, item: ItemRef, muted: bool) -> Done:
        raise Unavailable

    async def muted_items(self, *, kind: str, ids: Sequence[int] = ()) -> MutedItemList:
        raise Unavailable

    async def subscribe(self, *, channel: str, address: str, name: str) -> Device:
        raise Unavailable

    async def devices(self) -> DeviceList:
        raise Unavailable

    async def unsubscribe(self, *, id: int) -> Done:
        raise Unavailable

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
        raise Unavailable

    async def remind(
        self, *, key: str, user_id: int, at: int, type: str, subject: ItemRef | None = None, data: str
    ) -> Done:
        raise Unavailable

    async def move_reminder(self, *, key: str, user_id: int, at: int) -> Done:
        raise Unavailable

    async def cancel_reminder(self, *, key: str, user_id: int) -> Done:
        raise Unavailable


class PersonalRpc:
    """samovar.personal, for what notifications keeps."""

    async def erase(self, *, user_id: int) -> Done:
        return Done()
