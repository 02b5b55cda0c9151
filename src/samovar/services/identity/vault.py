"""Tokens of identity, and the keys behind them."""

import base64
import hashlib
import hmac
import secrets

from samovar.kernel import vault
from samovar.kernel.vault import Unreadable as Unreadable


class Vault(vault.Vault):
    """Identity's keys, and what is proven by them."""

    def __init__(self, secret: str) -> None:
        super().__init__(secret, "identity")

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
