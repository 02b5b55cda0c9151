"""What a database can answer with, sorted by what is to be done about it."""

from typing import Any, Final

import asyncpg

#: How long a connection is waited for, in seconds.
CONNECT: Final = 3.0
#: What the server says when a transaction has to be run again.
CLASHES: Final = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
#: What is raised when the connection or the server is gone.
GONE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    OSError,  # refused and reset connections, and what took too long
)


#: What asyncpg raises when it is used on a connection that is just breaking.
BROKEN: Final = (asyncpg.InterfaceError, asyncpg.InternalClientError)


class Again(BaseException):
    """Leaves a transaction that can't go on. Not an Exception: what handles errors inside may not stop it."""


def broken(connection: Any, error: Exception) -> Exception:
    """The error as one of a lost connection, when that is what it comes from; else as it is."""
    if not isinstance(error, asyncpg.InternalClientError) and not connection.is_closed():
        return error
    connection.terminate()
    return ConnectionResetError(str(error))
