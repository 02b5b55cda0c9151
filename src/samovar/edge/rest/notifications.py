"""`/api/notifications`: the inbox, preferences, devices; and for admins, telling people something."""

import json
import re
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response
from litestar.params import JSONBody, PathParameter, QueryParameter

from samovar.contracts import notifications
from samovar.contracts.common import ItemRef
from samovar.contracts.notifications import TypePreferenceList
from samovar.edge.edge import Edge
from samovar.edge.gateway.asgi import ShortWay
from samovar.edge.gateway.routing import Router
from samovar.edge.present.inbox import Inboxes, InboxView
from samovar.edge.present.times import rfc3339
from samovar.edge.rest.auth import Body
from samovar.edge.rest.common import Cursor, Done, ItemId, Limit, as_json, delete, get, item_id, post, put
from samovar.edge.rest.posts import reference
from samovar.kernel.authz import require, signed_in
from samovar.kernel.context import current_call
from samovar.kernel.errors import Invalid, NotFound

Filter = Annotated[
    str,
    QueryParameter(max_length=40, description="`mentions`, `follows`, `unread` or a type; all without it."),
]
Kind = Annotated[str, PathParameter(max_length=40, description="A kind of content, such as `post`.")]
People = Literal["everyone", "following", "nobody"]


class ReadBody(Body):
    """What was read: all, everything up to a `position`, or some by their ids."""

    all: bool = False
    up_to: str | None = None
    ids: Annotated[list[str], msgspec.Meta(max_length=100)] = msgspec.field(default_factory=list)


class UnreadView(msgspec.Struct, kw_only=True, frozen=True):
    """How many lines are unread."""

    unread: int


class ChoiceBody(Body):
    """How one type of notification comes. Without the inbox it does not come at all."""

    inbox: bool
    email: bool
    push: bool
    other: bool
    people: People = "everyone"


class QuietBody(Body):
    """Quiet hours, in minutes since midnight; both the same: none."""

    begin: Annotated[int, msgspec.Meta(ge=0, lt=1440)]
    end: Annotated[int, msgspec.Meta(ge=0, lt=1440)]


class DigestBody(Body):
    """The letter that sums up what was not read."""

    every: Literal["none", "daily", "weekly"]
    hour: Annotated[int, msgspec.Meta(ge=0, lt=24)] = 9
    #: Of the weekly one; 0 is Monday.
    weekday: Annotated[int, msgspec.Meta(ge=0, lt=7)] = 0


class PreferencesBody(Body):
    """What to change; absent parts stay."""

    types: dict[str, ChoiceBody] | None = None
    quiet: QuietBody | None = None
    time_zone: str | None = None
    digest: DigestBody | None = None


class PreferencesView(msgspec.Struct, kw_only=True, frozen=True):
    """All preferences."""

    types: dict[str, ChoiceBody]
    quiet: QuietBody
    time_zone: str
    digest: DigestBody


class KeysBody(Body):
    """The keys of a browser's subscription."""

    p256dh: str
    auth: str


class SubscribeBody(Body):
    """A browser's push subscription, as the browser gives it; or another device and its token."""

    endpoint: str | None = None
    keys: KeysBody | None = None
    #: Browsers add it; it is not used.
    expirationTime: float | None = None
    kind: Literal["push", "fcm", "apns", "telegram"] = "push"
    token: str | None = None
    #: What the device calls itself.
    name: str = ""


class DeviceView(msgspec.Struct, kw_only=True, frozen=True):
    """A device that is told."""

    id: str
    kind: str
    name: str
    #: Enough of the address to recognize it.
    hint: str
    created_at: str


class DeviceListView(msgspec.Struct, kw_only=True, frozen=True):
    """One's devices, newest first."""

    items: tuple[DeviceView, ...]
    next: str | None = None


class KeyView(msgspec.Struct, kw_only=True, frozen=True):
    """The key that browsers subscribe with."""

    key: str


class SendBody(Body):
    """Something to tell people. The same `key` again changes nothing."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    user_ids: Annotated[list[str], msgspec.Meta(min_length=1, max_length=1000)]
    title: str
    text: str = ""
    url: str = ""


#: Parameters as clients usually send them.
_USUAL = re.compile(rb"(?:limit=(100|[1-9][0-9]?))?(?:(?:^|&)cursor=([1-9][0-9]{0,18}))?")


def short_ways(inboxes: Inboxes) -> dict[str, ShortWay]:
    """One's own inbox, past the framework."""

    async def own(query: bytes) -> bytes | None:
        usual = _USUAL.fullmatch(query)
        if usual is None or current_call().actor is None:
            return None
        limit, cursor = usual.groups()
        return await inboxes.json((cursor or b"").decode(), int(limit or 20), "")

    return {"/api/notifications": own}


def device_view(device: notifications.Device) -> DeviceView:
    return DeviceView(
        id=str(device.id), kind=device.channel, name=device.name, hint=device.hint,
        created_at=rfc3339(device.created_at),
    )  # fmt: skip


def preferences_view(found: notifications.Preferences) -> PreferencesView:
    """Preferences as the API has them."""
    types = {
        one.type: ChoiceBody(
            inbox=one.inbox, email=one.email, push=one.push, other=one.other,
            people=msgspec.convert(one.people, People),
        )
        for one in found.types
    }  # fmt: skip
    return PreferencesView(
        types=types,
        quiet=QuietBody(begin=found.quiet_from, end=found.quiet_to),
        time_zone=found.time_zone,
        digest=msgspec.convert(
            {"every": found.digest, "hour": found.digest_hour, "weekday": found.digest_weekday}, DigestBody
        ),
    )


def routes(edge: Edge, inboxes: Inboxes) -> Router:
    """The routes below /api/notifications."""
    api = edge.notifications

    @get("/", summary="One's own inbox, newest first")
    async def own(filter: Filter = "", cursor: Cursor = "", limit: Limit = 20) -> Response[InboxView]:
        signed_in(current_call())
        return as_json(await inboxes.json(cursor, limit, filter))

    @get("/{user_id:str}", summary="One's own inbox, by one's id; others' are not to be found")
    async def of_user(
        user_id: ItemId, filter: Filter = "", cursor: Cursor = "", limit: Limit = 20
    ) -> Response[InboxView]:
        if signed_in(current_call()) != item_id(user_id):
            raise NotFound
        return as_json(await inboxes.json(cursor, limit, filter))

    @get("/unread", summary="How many lines are unread")
    async def unread() -> UnreadView:
        signed_in(current_call())
        return UnreadView(unread=(await api.unread()).unread)

    @post("/read", summary="Mark as read", status_code=200)
    async def read(data: JSONBody[ReadBody]) -> UnreadView:
        signed_in(current_call())
        ids = tuple(reference(text, "ids") or 0 for text in data.ids)
        left = await api.mark_read(up_to=reference(data.up_to, "up_to") or 0, ids=ids, all=data.all)
        return UnreadView(unread=left.unread)

    @get("/preferences", summary="What one is told of, by which ways and when")
    async def preferences() -> PreferencesView:
        signed_in(current_call())
        return preferences_view(await api.get_preferences())

    @put("/preferences", summary="Change that")
    async def choose(data: JSONBody[PreferencesBody]) -> PreferencesView:
        signed_in(current_call())
        types = None
        if data.types is not None:
            chosen = [
                notifications.TypePreference(type=type, **msgspec.structs.asdict(choice))
                for type, choice in data.types.items()
            ]
            types = TypePreferenceList(items=tuple(chosen))
        quiet, digest = data.quiet, data.digest
        changed = await api.set_preferences(
            types=types,
            quiet_from=None if quiet is None else quiet.begin,
            quiet_to=None if quiet is None else quiet.end,
            time_zone=data.time_zone,
            digest=None if digest is None else digest.every,
            digest_hour=None if digest is None else digest.hour,
            digest_weekday=None if digest is None else digest.weekday,
        )
        return preferences_view(changed)

    @put("/muted/{kind:str}/{item:str}", summary="Hear no more of an item and what is below it")
    async def mute(kind: Kind, item: ItemId) -> Done:
        signed_in(current_call())
        await api.mute_item(item=ItemRef(kind=kind, id=item_id(item)), muted=True)
        return Done()

    @delete("/muted/{kind:str}/{item:str}", summary="Hear of it again", status_code=200)
    async def unmute(kind: Kind, item: ItemId) -> Done:
        signed_in(current_call())
        await api.mute_item(item=ItemRef(kind=kind, id=item_id(item)), muted=False)
        return Done()

    @get("/key", summary="The public key (VAPID) that browsers subscribe with")
    async def key() -> KeyView:
        return KeyView(key=(await edge.delivery.vapid_key()).key)

    @post("/subscribe", summary="Have a device told as well; the same address again renews it")
    async def subscribe(data: JSONBody[SubscribeBody]) -> DeviceView:
        signed_in(current_call())
        device = await api.subscribe(channel=data.kind, address=_address(data), name=data.name[:100])
        return device_view(device)

    @get("/subscriptions", summary="One's devices, newest first")
    async def devices() -> DeviceListView:
        signed_in(current_call())
        return DeviceListView(items=tuple(map(device_view, (await api.devices()).items)))

    @delete("/subscriptions/{device:str}", summary="Take a device away", status_code=200)
    async def unsubscribe(device: ItemId) -> Done:
        signed_in(current_call())
        await api.unsubscribe(id=item_id(device))
        return Done()

    @post("/send", summary="Tell people something: for admins; services have a contract for it")
    async def send(data: JSONBody[SendBody]) -> Done:
        require(current_call(), "accounts.roles")
        await api.send(
            key=data.key,
            user_ids=tuple(reference(text, "user_ids") or 0 for text in data.user_ids),
            type="system",
            actor_id=0,
            title=data.title,
            text=data.text,
            url=data.url,
        )
        return Done()

    return Router(
        "/notifications",
        tags=["notifications"],
        route_handlers=[
            own, of_user, unread, read, preferences, choose, mute, unmute, key, subscribe, devices,
            unsubscribe, send,
        ],
    )  # fmt: skip


def _address(data: SubscribeBody) -> str:
    """The address of a device. Raises Invalid."""
    if data.kind != "push":
        if not data.token:
            raise Invalid(fields={"token": "This is not an address of a device."})
        return data.token
    if data.endpoint is None or data.keys is None:
        raise Invalid(fields={"endpoint": "This is not a browser's subscription."})
    keys: dict[str, Any] = {"p256dh": data.keys.p256dh, "auth": data.keys.auth}
    return json.dumps({"endpoint": data.endpoint, "keys": keys})
