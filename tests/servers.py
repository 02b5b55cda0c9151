"""Real servers for tests, by the addresses that the test command gives: see tools/backends."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import pytest


def given(name: str) -> str:
    """The address of a server. Skips the test when none was given."""
    address = os.environ.get(f"SAMOVAR_TEST_{name.upper()}", "")
    if not address:
        pytest.skip(f"no {name} was given")
    return address


@asynccontextmanager
async def database(template: str = "") -> AsyncIterator[str]:
    """The address of a database of PostgreSQL that is dropped afterwards."""
    import asyncpg

    server = given("postgresql")
    name = f"test_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(server)
    try:
        like = f' TEMPLATE "{template}"' if template else ""
        await connection.execute(f'CREATE DATABASE "{name}"{like}')
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


async def forget_topics(beginning: str) -> None:
    """Remove the topics of a test: a broker has memory and files for each, to its end."""
    from aiokafka.admin import AIOKafkaAdminClient

    admin = AIOKafkaAdminClient(bootstrap_servers=given("kafka"))
    await admin.start()
    try:
        names = [name for name in await admin.list_topics() if name.startswith(beginning)]
        if names:
            await admin.delete_topics(names)
    finally:
        await admin.close()
