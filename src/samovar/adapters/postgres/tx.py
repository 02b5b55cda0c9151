"""A write under way, and the rule that it waits for nothing else."""

from collections.abc import Callable, Coroutine, Generator, Iterable
from types import coroutine
from typing import Any, TypeVar

import asyncpg

from samovar.adapters.postgres.faults import BROKEN, CLASHES, GONE, Again, broken
from samovar.kernel.db import Compiled, Row
from samovar.kernel.errors import Invalid

T = TypeVar("T")


class PostgresTx:
    """One write's access to its connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._changes = 0
        #: True while a statement is under way: nothing else may be waited for.
        self.busy = False

    async def execute(self, compiled: Compiled, params: dict[str, Any]) -> list[Row]:
        values = [params[name] for name in compiled.names]
        if compiled.answers:
            rows = await self._run(self._connection.fetch(compiled.sql, *values))
            self._changes = len(rows)
            return list(map(tuple, rows))
        status = await self._run(self._connection.execute(compiled.sql, *values))
        number = status.rpartition(" ")[2]
        self._changes = int(number) if number.isdigit() else 0
        return []

    async def execute_many(self, compiled: Compiled, params: Iterable[dict[str, Any]]) -> None:
        rows = [[row[name] for name in compiled.names] for row in params]
        if rows:
            await self._run(self._connection.executemany(compiled.sql, rows))

    async def script(self, sql: str) -> None:
        await self._run(self._connection.execute(sql))

    async def attempt(self, step: Callable[[], Coroutine[Any, Any, T]]) -> T:
        savepoint = self._connection.transaction()
        await self._run(savepoint.start())
        try:
            result = await step()
        except Exception:
            await self._run(savepoint.rollback())
            raise
        await self._run(savepoint.commit())
        return result

    def changes(self) -> int:
        return self._changes

    async def _run(self, statement: Coroutine[Any, Any, Any]) -> Any:
        self.busy = True
        try:
            return await statement
        except (*CLASHES, *GONE) as error:
            raise Again from error
        except BROKEN as error:
            again = broken(self._connection, error)
            if again is error:
                raise
            raise Again from again
        except (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError) as error:
            raise Invalid("A text may not hold a NUL character.") from error
        finally:
            self.busy = False


@coroutine
def drive(work: Coroutine[Any, Any, T], tx: PostgresTx) -> Generator[Any, Any, T]:
    """Run a write's coroutine to its end; it may wait for nothing but its transaction."""
    value: Any = None
    error: BaseException | None = None
    while True:
        try:
            waits_for = work.send(value) if error is None else work.throw(error)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]
        if not tx.busy:
            work.close()
            raise RuntimeError("a write may await nothing but its transaction")
        value = error = None
        try:
            value = yield waits_for
        except BaseException as thrown:
            error = thrown
