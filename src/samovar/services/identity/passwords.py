"""Hashing of passwords: argon2id over a peppered hash, in a few threads behind a bounded queue."""

import asyncio
import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import bcrypt
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret, verify_secret

from samovar.kernel.errors import Unavailable
from samovar.services.identity.domain import plain_password
from samovar.services.identity.settings import IdentitySettings

T = TypeVar("T")
SALT: Final = 16
LENGTH: Final = 32
BCRYPT: Final = ("$2a$", "$2b$", "$2y$")


class Passwords:
    """Makes and checks password hashes."""

    def __init__(self, settings: IdentitySettings, pepper: bytes) -> None:
        self._pepper = pepper
        self._memory = settings.argon_memory_kib
        self._passes = settings.argon_passes
        self._workers = settings.hash_workers
        self._room = settings.hash_workers + settings.hash_queue
        self._busy = 0
        self._pool: ThreadPoolExecutor | None = None
        self._prefix = f"$argon2id$v=19$m={self._memory},t={self._passes},p=1$"
        #: What the password of nobody is checked against: costs as much as any, and no password fits.
        self._nobody = f"{self._prefix}{_base64(os.urandom(SALT))}${_base64(os.urandom(LENGTH))}"

    async def hash(self, password: str) -> str:
        """A hash for storing. Raises Unavailable when too many wait."""
        return await self._run(lambda: self._hash(password))

    async def check(self, password: str, stored: str | None) -> bool:
        """Whether the password fits; takes the same time for nobody's (None). Raises Unavailable."""
        fits = await self._run(lambda: self._check(password, stored or self._nobody))
        return fits and stored is not None

    def outdated(self, stored: str) -> bool:
        """True for a hash that was imported or made with other parameters."""
        return not stored.startswith(self._prefix)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._busy >= self._room:
            raise Unavailable(retry_after=2)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._workers, "password")
        self._busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._busy -= 1

    def _peppered(self, password: str) -> bytes:
        plain = plain_password(password).encode("utf-8", "replace")
        return hmac.digest(self._pepper, plain, hashlib.sha256)

    def _hash(self, password: str) -> str:
        return hash_secret(
            self._peppered(password),
            os.urandom(SALT),
            time_cost=self._passes,
            memory_cost=self._memory,
            parallelism=1,
            hash_len=LENGTH,
            type=Type.ID,
        ).decode()

    def _check(self, password: str, stored: str) -> bool:
        if stored.startswith(BCRYPT):
            # bcrypt has never looked further than 72 bytes.
            return bcrypt.checkpw(password.encode("utf-8", "replace")[:72], stored.encode())
        try:
            return verify_secret(stored.encode(), self._peppered(password), Type.ID)
        except (VerificationError, InvalidHashError):
            return False


def _base64(data: bytes) -> str:
    return base64.b64encode(data).rstrip(b"=").decode()
