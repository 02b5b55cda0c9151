"""The key that proves to push services that a message is ours (VAPID, RFC 8292)."""

import base64
from typing import NamedTuple

from samovar.kernel.errors import Unavailable
from samovar.services.delivery.repository import people
from samovar.services.delivery.service.desk import Desk


class VapidKey(NamedTuple):
    """Both halves, base64url: the public point (65 bytes) and the private number (32 bytes)."""

    public: str
    private: str


class Vapid:
    """One key for all times: browsers' subscriptions end with it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._key: VapidKey | None = None

    async def key(self) -> VapidKey:
        """The key of the settings, or that of the table, made when it is first asked for. Raises
        Unreadable when the installation's secret was changed."""
        if self._key is None:
            given = self._desk.settings.vapid_key
            self._key = _from_private(_bytes(given)) if given else await self._kept()
        return self._key

    async def _kept(self) -> VapidKey:
        desk = self._desk
        row = await people.key(desk.db, "vapid")
        if row is None:
            fresh = _from_private(_new_private())
            sealed = desk.seal("key", "vapid", fresh.private)
            await desk.db.write(lambda tx: people.add_key(tx, "vapid", fresh.public, sealed, desk.now()))
            # Another process may have been first.
            row = await people.key(desk.db, "vapid")
        if row is None:
            raise Unavailable
        return VapidKey(row[0], desk.open("key", "vapid", row[1]))


def _new_private() -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - heavy

    return ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32)


def _from_private(number: bytes) -> VapidKey:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 - heavy

    private = ec.derive_private_key(int.from_bytes(number), ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return VapidKey(_text(public), _text(number))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
