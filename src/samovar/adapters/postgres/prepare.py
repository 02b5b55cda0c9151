"""The first words with a server, and what a service needs there: a role and a schema."""

import contextlib
from typing import Any, Final

import asyncpg

from samovar.adapters.postgres.faults import CONNECT

#: Oldest release that is tested.
OLDEST: Final = 15


def role_of(service: str) -> str:
    """The role that owns a service's schema."""
    return f"samovar_{service}"


async def greet(setting: str, url: str) -> None:
    """Raises ConnectionError that names the setting, never the password."""
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT)
    except asyncpg.InvalidPasswordError:
        raise ConnectionError(f"{setting}: the server refused the password.") from None
    except asyncpg.InvalidCatalogNameError as error:
        raise ConnectionError(f"{setting}: {error}; make the database first.") from None
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise ConnectionError(f"{setting}: {error}") from None
    except OSError as error:
        reason = str(error) or "timed out"
        raise ConnectionError(f"{setting}: no PostgreSQL answers there: {reason}.") from None
    try:
        version = connection.get_server_version()
        if version.major < OLDEST:
            raise ConnectionError(f"{setting}: PostgreSQL {version.major} is older than {OLDEST}.")
        encoding = await connection.fetchval("SHOW server_encoding")
        if encoding != "UTF8":
            raise ConnectionError(f"{setting}: the database's encoding is {encoding}; UTF8 is needed.")
    finally:
        await connection.close()


async def make_role(connection: Any, role: str) -> None:
    """Make a role, and act as it: the login role becomes its member."""
    known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    if not known:
        # Two processes may start at once.
        with contextlib.suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            await connection.execute(f'CREATE ROLE "{role}" NOLOGIN')
    if not await connection.fetchval("SELECT pg_has_role(current_user, $1, 'MEMBER')", role):
        with contextlib.suppress(asyncpg.UniqueViolationError, asyncpg.InternalServerError):
            await connection.execute(f'GRANT "{role}" TO CURRENT_USER')


async def make_schema(connection: Any, schema: str, role: str | None) -> None:
    """Make a schema, owned by a role or by the login role."""
    if await connection.fetchval("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema):
        return
    owner = f' AUTHORIZATION "{role}"' if role else ""
    with contextlib.suppress(asyncpg.DuplicateSchemaError, asyncpg.UniqueViolationError):
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"{owner}')
