"""Keys made from the installation's secret: to seal what we must read again, to hash what we must not.

Whoever has the database alone can do nothing with what it holds, nor whoever has the secret alone.
"""

import hashlib
import hmac
import os
from typing import Final

NONCE: Final = 12


class Unreadable(Exception):
    """Sealed under another secret, or damaged."""


class Vault:
    """One service's keys; one purpose has one key."""

    def __init__(self, secret: str, service: str) -> None:
        self._root = hmac.digest(secret.encode(), f"samovar.{service}".encode(), hashlib.sha256)

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
