"""One set of servers for these tests, and communities split over several processes."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.serving import EASY
from tools.backends import Backends
from tools.split import Split

#: What a test of this folder needs that `make test` could not give.
SERVERS = ("postgresql", "redis", "kafka", "s3")


@pytest.fixture(scope="session")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backends]:
    """Servers of our own: they are stopped and killed here."""
    # Addresses given for other tests belong to servers that nobody may stop.
    for name in SERVERS:
        os.environ.pop(f"SAMOVAR_TEST_{name.upper()}", None)
    made = Backends(tmp_path_factory.mktemp("servers"))
    try:
        lacking = {name: outcome.reason for name, outcome in made.start().items() if outcome.reason}
        if lacking:
            pytest.skip(f"can't be had: {lacking}")
        yield made
    finally:
        made.stop()
        made.wipe()


async def _execute(url: str, sql: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


Make = Callable[..., Split]


@pytest.fixture
async def make_split(backends: Backends, tmp_path: Path) -> AsyncIterator[Make]:
    """Makes communities that have a database, topics and keys of their own, and ends their processes."""
    made: list[tuple[Split, str]] = []

    def make(**options: object) -> Split:
        name = f"split_{secrets.token_hex(4)}"
        url = backends.postgresql.address
        asyncio.run(_execute(url, f'CREATE DATABASE "{name}"'))
        settings = {
            **EASY,
            "SAMOVAR_POSTS__CREATE_PER_MINUTE": "0",
            "SAMOVAR_EDGE__QUEUE_SECONDS": "0",
            "SAMOVAR_IDENTITY__REGISTER_BURST": "1000",
        }
        split = Split(
            tmp_path / name, backends, database=urlunsplit(urlsplit(url)._replace(path=f"/{name}")),
            prefix=name, settings=settings, **options,  # type: ignore[arg-type]
        )  # fmt: skip
        made.append((split, name))
        split.start()
        return split

    try:
        yield lambda **options: _in_thread(make, options)  # type: ignore[misc]
    finally:
        for split, name in made:
            split.end()
            await _execute(backends.postgresql.address, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _in_thread(make: Make, options: dict[str, object]) -> Split:
    """Starting waits for processes: not on the test's own loop."""
    return await asyncio.to_thread(lambda: make(**options))
