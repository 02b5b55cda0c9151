"""Keys made from the installation's secret: to seal what we must read again, to hash what we must not.

Whoever has the database alone can do nothing with what it holds, nor whoever has the secret alone.
"""

import base64
import hashlib
import hmac
import os
import secrets
from typing import Final

NONCE: Final = 12


class Unreadable(Exception):
    """Sealed under another secret, or damaged."""


class Vault:
    """One purpose has one key."""

    def __init__(self, secret: str) -> None:
        self._root = hmac.digest(secret.encode(), b"samovar.identity", hashlib.sha256)

    def key(self, purpose: str) -> bytes:
        """A key of 32 bytes."""
        return hmac.digest(self._root, purpose.encode(), hashlib.sha256)

    def seal(self, purpose: str, owner: object, data: bytes) -> bytes:
        """Encrypt and authenticate (AES-256-GCM), bound to its owner: it opens for no other row."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - heavy

        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self.key(purpose)).encrypt(nonce, data, str(owner).encode())

    def open(self, purpose: str, owner: object, sealed: bytes) -> bytes:
        """What was sealed. Raises Unreadable."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - heavy
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - heavy

        try:
            return AESGCM(self.key(purpose)).decrypt(sealed[:NONCE], sealed[NONCE:], str(owner).encode())
        except InvalidTag as error:
            raise Unreadable(purpose) from error

    def mark(self, purpose: str, text: str) -> str:
        """A keyed hash: equal for equal texts, and telling nothing without the secret."""
        return hmac.new(self.key(purpose), text.encode(), hashlib.sha256).hexdigest()

    def refresh_token(self, session_id: int, family: str, number: int) -> str:
        """The refresh token of that number: made again when needed, stored nowhere."""
        proof = hmac.digest(self.key("refresh"), f"{session_id}.{number}.{family}".encode(), hashlib.sha256)
        return f"{session_id}.{number}.{base64.urlsafe_b64encode(proof).rstrip(b'=').decode()}"


def fresh_token() -> str:
    """An unguessable text of 256 bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """How a random token is stored. It needs no salt: nobody can try all of 256 bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def refresh_parts(token: str) -> tuple[int, int] | None:
    """Session and number that a refresh token claims, or None when it is none."""
    parts = token.split(".")
    if len(token) > 128 or len(parts) != 3 or not token.isascii():
        return None
    session, number, _ = parts
    if not (session.isdecimal() and number.isdecimal() and len(session) < 20 and len(number) < 10):
        return None
    value = int(session)
    return (value, int(number)) if value < 1 << 63 else None
