"""The contracts of notifications, over its use cases."""

from collections.abc import Sequence
from typing import Any

import msgspec

from samovar.contracts import notifications
from samovar.contracts.common import Done, ItemRef
from samovar.contracts.notifications import (
    DeviceList,
    MutedItemList,
    NotificationList,
    TypePreference,
    TypePreferenceList,
    UnreadCount,
)
from samovar.kernel.context import current_call
from samovar.kernel.memo import Latest
from samovar.services.notifications.domain import PERSON, Device
from samovar.services.notifications.domain.preferences import Choice, Preferences
from samovar.services.notifications.service import NotificationsService
from samovar.services.notifications.service.inbox import Line

#: Lines kept for the next time their owner looks.
KNOWN = 30_000


class NotificationsRpc:
    """samovar.notifications."""

    def __init__(self, service: NotificationsService) -> None:
        self._inbox = service.inbox
        self._choosing = service.choosing
        self._sending = service.sending

    async def list(self, *, cursor: str, limit: int, filter: str) -> notifications.Page:
        page = await self._inbox.page(current_call(), cursor, limit, filter)
        return notifications.Page(
            items=tuple(map(_notification, page.lines)), next=page.next, unread=page.unread
        )

    async def get_many(self, *, ids: Sequence[int] = ()) -> NotificationList:
        found = await self._inbox.get_many(current_call(), ids)
        return NotificationList(items=tuple(map(_notification, found)))

    async def unread(self) -> UnreadCount:
        return UnreadCount(unread=await self._inbox.unread(current_call()))

    async def mark_read(self, *, up_to: int, ids: Sequence[int] = (), all: bool) -> UnreadCount:
        return UnreadCount(unread=await self._inbox.mark_read(current_call(), up_to, ids, all=all))

    async def get_preferences(self) -> notifications.Preferences:
        return _preferences(await self._choosing.preferences(current_call()))

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
    ) -> notifications.Preferences:
        chosen = None
        if types is not None:
            chosen = {
                one.type: Choice(one.inbox, one.email, one.push, one.other, one.people) for one in types.items
            }
        changed = await self._choosing.choose(
            current_call(),
            chosen,
            quiet_from=quiet_from,
            quiet_to=quiet_to,
            time_zone=time_zone,
            digest=digest,
            digest_hour=digest_hour,
            digest_weekday=digest_weekday,
        )
        return _preferences(changed)

    async def mute_item(self, *, item: ItemRef, muted: bool) -> Done:
        await self._choosing.mute_item(current_call(), item.kind, item.id, muted=muted)
        return Done()

    async def muted_items(self, *, kind: str, ids: Sequence[int] = ()) -> MutedItemList:
        return MutedItemList(ids=tuple(await self._choosing.muted_items(current_call(), kind, ids)))

    async def subscribe(self, *, channel: str, address: str, name: str) -> notifications.Device:
        return _device(await self._choosing.subscribe(current_call(), channel, address, name))

    async def devices(self) -> DeviceList:
        return DeviceList(items=tuple(map(_device, await self._choosing.devices(current_call()))))

    async def unsubscribe(self, *, id: int) -> Done:
        await self._choosing.unsubscribe(current_call(), id)
        return Done()

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
        said = {"title": title, "text": text, "url": url}
        data: dict[str, Any] = {name: value for name, value in said.items() if value}
        await self._sending.send(current_call(), key, user_ids, type, _item(item), actor_id, data)
        return Done()

    async def remind(
        self, *, key: str, user_id: int, at: int, type: str, subject: ItemRef | None = None, data: str
    ) -> Done:
        await self._sending.remind(current_call(), key, user_id, at, type, _item(subject), data)
        return Done()

    async def move_reminder(self, *, key: str, user_id: int, at: int) -> Done:
        await self._sending.move(current_call(), key, user_id, at)
        return Done()

    async def cancel_reminder(self, *, key: str, user_id: int) -> Done:
        await self._sending.cancel(current_call(), key, user_id)
        return Done()


class PersonalRpc:
    """samovar.personal, for what notifications keeps."""

    def __init__(self, service: NotificationsService) -> None:
        self._leaving = service.leaving

    async def erase(self, *, user_id: int) -> Done:
        await self._leaving.erase(current_call(), user_id)
        return Done()


def _item(item: ItemRef | None) -> tuple[str, int] | None:
    return None if item is None or not item.kind else (item.kind, item.id)


def _make(line: Line) -> notifications.Notification:
    note, actors, number, card = line
    about = note.kind and note.kind != PERSON
    return notifications.Notification(
        id=note.id,
        position=note.position,
        type=note.type,
        item=ItemRef(kind=note.kind, id=note.item_id) if about else None,
        actor_ids=tuple(actors),
        count=number,
        read=note.read,
        created_at=note.created_at,
        updated_at=note.updated_at,
        data=msgspec.json.encode(note.data).decode() if note.data else "",
        title="" if card is None else card.title,
        excerpt="" if card is None else card.summary,
        sensitive=card is not None and card.sensitive,
    )


_made: Latest[Line, notifications.Notification] = Latest(_make, KNOWN)


def _notification(line: Line) -> notifications.Notification:
    return _made(line.note.id, line)


def _preferences(chosen: Preferences) -> notifications.Preferences:
    return notifications.Preferences(
        types=tuple(TypePreference(type=type, **choice._asdict()) for type, choice in chosen.types.items()),
        quiet_from=chosen.quiet_from,
        quiet_to=chosen.quiet_to,
        time_zone=chosen.time_zone,
        digest=chosen.digest,
        digest_hour=chosen.digest_hour,
        digest_weekday=chosen.digest_weekday,
    )


def _device(device: Device) -> notifications.Device:
    return notifications.Device(
        id=device.id,
        channel=device.channel,
        name=device.name,
        created_at=device.created_at,
        hint=device.hint,
    )
