"""The ticket that stands for a checked password between the two steps of signing in.

The password must be shown to identity again together with the code, and the edge keeps nothing: so
what was typed goes back to the browser that typed it, sealed with a key of this installation.
"""

import base64
import hashlib
import hmac
import os
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from samovar.kernel.clock import MINUTE

LIVES: Final = 5 * MINUTE
_NONCE: Final = 12


class Ticket(msgspec.Struct, frozen=True):
    """What was typed in the first step."""

    name: str
    password: str
    #: Microseconds since 1970 UTC.
    until: int


def _cipher(secret: str) -> AESGCM:
    return AESGCM(hmac.digest(secret.encode(), b"samovar sign-in ticket", hashlib.sha256))


def seal(secret: str, name: str, password: str, now: int) -> str:
    """A ticket that works for five minutes."""
    nonce = os.urandom(_NONCE)
    data = msgspec.json.encode(Ticket(name, password, now + LIVES))
    return base64.urlsafe_b64encode(nonce + _cipher(secret).encrypt(nonce, data, None)).decode()


def unseal(secret: str, text: str, now: int) -> Ticket | None:
    """What a ticket holds, or None when it is forged or too old."""
    try:
        raw = base64.urlsafe_b64decode(text[:4096].encode())
        data = _cipher(secret).decrypt(raw[:_NONCE], raw[_NONCE:], None)
        ticket = msgspec.json.decode(data, type=Ticket)
    except (ValueError, InvalidTag, msgspec.DecodeError):
        return None
    return ticket if ticket.until > now else None
