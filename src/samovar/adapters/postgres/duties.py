"""Duties that one process has at a time, by advisory locks."""

import asyncio
import contextlib
import hashlib
from typing import Any

import asyncpg

from samovar.adapters.postgres.faults import CONNECT, GONE


class Duties:
    """Duties of this process, held on a connection of their own: they end with it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None
        self._held: set[str] = set()
        self._busy = asyncio.Lock()

    async def holds(self, name: str) -> bool:
        async with self._busy:
            if self._connection is None or self._connection.is_closed():
                self._held.clear()
                self._connection = None
            if name in self._held:
                return True
            try:
                if self._connection is None:
                    self._connection = await asyncpg.connect(
                        self._url, timeout=CONNECT, command_timeout=CONNECT,
                        server_settings={"application_name": "samovar duties"},
                    )  # fmt: skip
                if await self._connection.fetchval("SELECT pg_try_advisory_lock($1)", number_of(name)):
                    self._held.add(name)
            except GONE:
                self._held.clear()
            return name in self._held

    async def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(*GONE):
                await self._connection.close(timeout=2)
            self._connection = None
            self._held.clear()


def number_of(name: str) -> int:
    """A name as the number that an advisory lock takes."""
    return int.from_bytes(hashlib.sha256(f"samovar {name}".encode()).digest()[:8], "big", signed=True)
