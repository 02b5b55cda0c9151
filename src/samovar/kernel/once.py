"""Idempotency keys: the answer to a request is stored by the writing service in the transaction of
its effect, so that the same request sent again gets the same answer and has no second effect."""

import hashlib
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import Column, Index, MetaData, Table, bindparam, delete, insert, select

from samovar.kernel.clock import DAY, Clock
from samovar.kernel.context import Call
from samovar.kernel.contract import decode, encode
from samovar.kernel.db import Id, Query, Text, Time
from samovar.kernel.errors import KeyReused
from samovar.kernel.store import Db, Tx

R = TypeVar("R", bound=Any)
KEEP: Final = DAY


class _Statements:
    """Every statement of a service's remembered answers."""

    def __init__(self, service: str) -> None:
        table = idempotency_table(service, MetaData())
        key = table.c
        self.find = Query(
            select(key.body, key.result).where(
                key.actor == bindparam("actor"),
                key.route == bindparam("route"),
                key.key == bindparam("key"),
                key.at > bindparam("after"),
            )
        )
        self.clear = Query(
            delete(table).where(
                key.actor == bindparam("actor"),
                key.route == bindparam("route"),
                key.key == bindparam("key"),
            )
        )
        self.insert = Query(insert(table))
        self.prune = Query(delete(table).where(key.at <= bindparam("before")))


#: Made once for a service, however many houses it lives in.
_statements = cache(_Statements)


class Once:
    """Remembers answers by actor, route and key for 24 hours."""

    def __init__(self, service: str, clock: Clock) -> None:
        self._clock = clock
        self._sql = _statements(service)

    async def __call__(
        self,
        tx: Tx,
        call: Call,
        route: str,
        request: Any,
        kind: type[R],
        effect: Callable[[], Awaitable[R]],
    ) -> R:
        """The stored answer when there is one, else the effect's, stored. Raises KeyReused."""
        if not call.idempotency_key:
            return await effect()
        actor, now = call.actor or 0, self._clock.now()
        body = hashlib.sha256(repr(request).encode()).hexdigest()
        where: dict[str, Any] = {"actor": actor, "route": route, "key": call.idempotency_key}
        row = await tx.first(self._sql.find, after=now - KEEP, **where)
        if row is not None:
            if row[0] != body:
                raise KeyReused
            return decode(row[1], kind)  # type: ignore[no-any-return]
        result = await effect()
        await tx.run(self._sql.clear, **where)
        await tx.run(self._sql.insert, body=body, result=encode(result).decode(), at=now, **where)
        return result

    async def prune(self, db: Db) -> None:
        """Forget keys that are older than a day."""

        async def work(tx: Tx) -> None:
            await tx.run(self._sql.prune, before=self._clock.now() - KEEP)

        await db.write(work)


def idempotency_table(service: str, meta: MetaData) -> Table:
    return Table(
        f"{service}_idempotency",
        meta,
        Column("actor", Id, primary_key=True, autoincrement=False),
        Column("route", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("body", Text, nullable=False),
        Column("result", Text, nullable=False),
        Column("at", Time, nullable=False),
        Index(f"{service}_idempotency_at", "at"),
    )
