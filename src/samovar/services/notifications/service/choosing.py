"""What people choose: preferences, what they hear no more of, their devices."""

import hashlib
import ipaddress
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from samovar.contracts.notifications import TooManyDevices
from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call, calling, system_call
from samovar.kernel.errors import Conflict, Invalid, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.notifications.clients import Delivery, Items
from samovar.services.notifications.domain import Device, is_id
from samovar.services.notifications.domain.preferences import (
    DEFAULTS,
    Choice,
    Preferences,
    checked,
    next_digest,
    stored,
)
from samovar.services.notifications.repository import people

DIGEST: Final = "digest"
CHANNELS: Final = ("push", "fcm", "apns", "telegram")
DEVICES: Final = 20
MUTES: Final = 1000
_ADDRESS: Final = 2000
_NAME: Final = 100


class _Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    p256dh: str
    auth: str


class _WebPush(msgspec.Struct, frozen=True):
    endpoint: str
    keys: _Keys


class Choosing:
    """Preferences, mutes, devices."""

    def __init__(self, kit: Kit, items: Items, delivery: Delivery) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self._ids = kit.ids
        self._items = items
        self._delivery = delivery
        hosts = kit.settings.push_private_hosts.split(",")
        self._private_hosts = frozenset(host.strip() for host in hosts if host.strip())

    async def preferences(self, call: Call) -> Preferences:
        """The caller's preferences."""
        user = signed_in(call)
        return stored((await people.chosen(self._db, [user])).get(user))

    async def choose(self, call: Call, types: Mapping[str, Choice] | None, **parts: Any) -> Preferences:
        """Change what is given. A type that comes by letter again is allowed to by delivery, too."""
        user = signed_in(call)
        before = await self.preferences(call)
        now = self._clock.now()

        async def write(tx: Tx) -> Preferences:
            former = (await people.chosen(tx, [user])).get(user, {})
            value = checked(former, types, **parts)
            await people.choose(tx, user, value, now)
            preferences = stored(value)
            if preferences.digest != stored(former).digest:
                await people.digested(tx, user, now)
            await self.plan_digest(tx, user, preferences)
            return preferences

        after = await self._db.write(write)
        again = [
            type for type, choice in after.types.items() if choice.email and not before.types[type].email
        ]
        if after.digest != "none" and before.digest == "none":
            again.append(DIGEST)
        with calling(system_call("notifications")):
            await self._delivery.allow(user, "email", again)
        return after

    async def plan_digest(self, tx: Tx, user: int, preferences: Preferences) -> None:
        """Put the person's digest at its next time, or take it away."""
        at = next_digest(preferences, self._clock.now())
        if at is None:
            await tx.cancel(DIGEST, str(user))
        else:
            await tx.schedule(DIGEST, str(user), at)

    async def unsubscribed(self, tx: Tx, user: int, channel: str, category: str, *, wanted: bool) -> None:
        """Somebody used a letter's link: the page of preferences says the same."""
        way = "email" if channel == "email" else "push" if channel == "push" else "other"
        former = (await people.chosen(tx, [user])).get(user, {})
        if category == DIGEST and way == "email":
            value = {**former, "digest": former.get("digest", "none") if wanted else "none"}
        elif category in DEFAULTS.types:
            choice = stored(former).types[category].by(way, wanted=wanted)
            value = {**former, "types": {**former.get("types", {}), category: choice._asdict()}}
        else:
            return
        await people.choose(tx, user, value, self._clock.now())
        await self.plan_digest(tx, user, stored(value))

    async def mute_item(self, call: Call, kind: str, item_id: int, *, muted: bool) -> None:
        """Hear no more of an item and what is below it, or hear of it again."""
        user = signed_in(call)
        if muted and (not is_id(item_id) or not await self._items.cards(kind, [item_id])):
            raise NotFound

        async def write(tx: Tx) -> None:
            if not muted:
                await people.unmute(tx, user, kind, item_id)
                return
            if await people.count_muted(tx, user) >= MUTES:
                raise Conflict("You hear no more of very many things already.")
            await people.mute(tx, user, kind, item_id)

        await self._db.write(write)

    async def muted_items(self, call: Call, kind: str, ids: Sequence[int]) -> list[int]:
        """Those of the items that the caller hears no more of."""
        user = signed_in(call)
        if len(ids) > 100:
            raise Invalid(fields={"ids": "Ask for at most 100 at once."})
        found = await people.silenced(self._db, [(user, kind, id) for id in ids if is_id(id)])
        return [id for id in ids if (user, kind, id) in found]

    async def subscribe(self, call: Call, channel: str, address: str, name: str) -> Device:
        """Have a device told as well. The same address again renews it."""
        user = signed_in(call)
        identity, hint = _identity(channel, address, self._private_hosts)
        device = Device(
            self._ids(), user, channel, address, _digest(channel, identity), name.strip()[:_NAME], hint,
            self._clock.now(),
        )  # fmt: skip

        async def write(tx: Tx) -> Device:
            known = await people.devices(tx, user, DEVICES)
            if len(known) >= DEVICES and all(one.digest != device.digest for one in known):
                raise TooManyDevices
            return await people.put_device(tx, device)

        return await self._db.write(write)

    async def devices(self, call: Call) -> list[Device]:
        """The caller's devices, newest first."""
        return await people.devices(self._db, signed_in(call), DEVICES)

    async def unsubscribe(self, call: Call, device_id: int) -> None:
        """Take one of the caller's devices away. Harmless when it is not there."""
        user = signed_in(call)

        async def write(tx: Tx) -> None:
            await people.drop_device(tx, user, device_id)

        await self._db.write(write)

    async def address_gone(self, tx: Tx, user: int, channel: str, address: str) -> None:
        """A provider says that a device is no more."""
        await people.drop_address(tx, user, _digest(channel, address))


def _digest(channel: str, identity: str) -> str:
    return hashlib.sha256(f"{channel}:{identity}".encode()).hexdigest()


def _identity(channel: str, address: str, private: Collection[str]) -> tuple[str, str]:
    """What makes an address one, and as much of it as may be shown. Raises Invalid."""
    if channel not in CHANNELS:
        raise Invalid(fields={"channel": "Choose push, fcm, apns or telegram."})
    if not address or len(address) > _ADDRESS:
        raise Invalid(fields={"address": "This is not an address of a device."})
    if channel != "push":
        if not address.isprintable() or " " in address:
            raise Invalid(fields={"address": "This is not an address of a device."})
        return address, f"…{address[-4:]}" if len(address) > 8 else "…"
    try:
        given = msgspec.json.decode(address, type=_WebPush)
    except msgspec.DecodeError:
        raise Invalid(fields={"address": "This is not a browser's subscription."}) from None
    host = _host(given.endpoint, private)
    if host is None:
        raise Invalid(fields={"endpoint": "A push service has a public https address."})
    if not (60 <= len(given.keys.p256dh) <= 200 and 16 <= len(given.keys.auth) <= 100):
        raise Invalid(fields={"keys": "These are not the keys of a subscription."})
    return given.endpoint, host


def _host(endpoint: str, private: Collection[str]) -> str | None:
    """The host of an https address that is not plainly one of a private network, or of any that is named
    in `private`. Who sends to it looks again at what its name resolves to."""
    try:
        parts = urlsplit(endpoint)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.username or parts.password:
        return None
    if host in private:
        return host
    if parts.scheme != "https":
        return None
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        local = "." not in host or host.endswith((".local", ".localhost", ".internal", ".lan", ".home.arpa"))
        # Digits alone would be read as an address by some resolvers.
        return None if local or host.rpartition(".")[2].isdigit() else host
    return host if number.is_global and not number.is_multicast else None
