"""Signing keys of access tokens: a ring of Ed25519 keys, the private halves sealed."""

import asyncio
import base64
import hashlib
import json
from typing import Any, Final

import msgspec

from samovar.kernel.clock import DAY, HOUR, MINUTE
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.identity.domain import Account
from samovar.services.identity.repository import proofs
from samovar.services.identity.vault import Unreadable, Vault, fresh_token

AUDIENCE: Final = "samovar"
#: A new key is shown for so long before it signs, so that every edge has it by then.
SHOWN_BEFORE: Final = HOUR
#: An old key is shown for so long after its successor came into use.
SHOWN_AFTER: Final = DAY
#: How long a process trusts its copy of the ring.
COPY_LIVES: Final = MINUTE


class Key(msgspec.Struct, frozen=True):
    """One key of the ring; `private` is None when it was sealed under another secret."""

    kid: str
    jwk: str
    private: Any
    active_at: int


class KeyRing:
    """The keys, read once a minute."""

    def __init__(self, kit: Kit, vault: Vault) -> None:
        self._kit = kit
        self._vault = vault
        self._making = asyncio.Lock()
        self._keys: list[Key] = []
        self._read_at = 0

    async def public(self) -> tuple[str, ...]:
        """JWKs of all keys that tokens may be signed with, the current one first."""
        current = await self._current()
        return (current.jwk, *(key.jwk for key in self._keys if key.kid != current.kid))

    async def access_token(self, account: Account, session_id: int, ends_at: int) -> tuple[str, int]:
        """A JWT for a session, and the seconds that it lives."""
        import jwt  # noqa: PLC0415 - heavy

        key = await self._current()
        now = self._kit.clock.now() // 1_000_000
        until = min(now + self._kit.settings.access_seconds, ends_at // 1_000_000)
        claims = {
            "iss": self._kit.site.public_url,
            "aud": AUDIENCE,
            "sub": str(account.id),
            "sid": str(session_id),
            "roles": account.roles,
            "username": account.username,
            "iat": now,
            "exp": until,
            "jti": fresh_token()[:22],
        }
        headers = {"kid": key.kid, "typ": "at+jwt"}
        return jwt.encode(claims, key.private, algorithm="EdDSA", headers=headers), until - now

    async def rotate(self) -> None:
        """Make a successor in time, and drop keys that no live token is signed with."""
        keys = await self._load()
        now = self._kit.clock.now()
        if keys and keys[0].active_at <= now - self._kit.settings.key_days * DAY:
            await self._make(now + SHOWN_BEFORE)
        in_use = [key for key in keys if key.active_at <= now - SHOWN_AFTER]
        for key in in_use[1:]:

            async def drop(tx: Tx, kid: str = key.kid) -> None:
                await proofs.drop_signing_key(tx, kid)

            await self._kit.db.write(drop)
        self._keys = []

    async def _current(self) -> Key:
        now = self._kit.clock.now()
        if not self._keys or now - self._read_at > COPY_LIVES:
            self._keys, self._read_at = await self._load(), now
        current = self._usable(now)
        if current is None:
            current = await self._first()
        return current

    async def _first(self) -> Key:
        """Make the first key, once: of many who ask at the same time the others find it."""
        async with self._making:
            # Asked again: a key made meanwhile is younger than the question.
            now = self._kit.clock.now()
            self._keys = await self._load()
            current = self._usable(now)
            if current is None:
                await self._make(now)
                self._keys = await self._load()
                current = self._usable(now)
        assert current is not None
        return current

    def _usable(self, now: int) -> Key | None:
        return next((key for key in self._keys if key.active_at <= now and key.private is not None), None)

    async def _load(self) -> list[Key]:
        rows = await proofs.signing_keys(self._kit.db)
        return [Key(kid, jwk, self._private(kid, sealed), at) for kid, jwk, sealed, at in rows]

    def _private(self, kid: str, sealed: bytes) -> Any:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - heavy

        try:
            return Ed25519PrivateKey.from_private_bytes(self._vault.open("signing", kid, sealed))
        except Unreadable:
            return None

    async def _make(self, active_at: int) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - heavy

        private = Ed25519PrivateKey.generate()
        jwk = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(private.public_key().public_bytes_raw())}
        # RFC 7638: the hash of exactly these members in this order.
        kid = _base64url(hashlib.sha256(json.dumps(jwk, separators=(",", ":")).encode()).digest())
        text = json.dumps({**jwk, "kid": kid, "alg": "EdDSA", "use": "sig"})
        sealed = self._vault.seal("signing", kid, private.private_bytes_raw())

        async def work(tx: Tx) -> None:
            await proofs.add_signing_key(tx, kid, text, sealed, active_at)

        await self._kit.db.write(work)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
