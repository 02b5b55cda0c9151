"""ClickHouse behind the kernel's Facts, by clickhouse-connect: facts as they are, numbers made when asked.

Facts that come again replace themselves (ReplacingMergeTree, read with FINAL), so that a piece whose answer
was lost may be sent again. Its client waits for the network, so it runs in a thread of its own.
"""

# ruff: noqa: S608 - statements are put together of names that stand here; values are parameters

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import structlog

from samovar.kernel.errors import Unavailable
from samovar.kernel.facts import (
    ACTS,
    DAYS,
    KEPT,
    MEASURES,
    MONTHS,
    OWN,
    PERSON,
    WEEKS,
    WEIGHTS,
    ByDay,
    Cohort,
    Fact,
    ItemNumbers,
    PersonNumbers,
    Steps,
    day_of,
    month_of,
    week_of,
)
from samovar.kernel.facts.asking import cohorts_of

log = structlog.get_logger(__name__)
T = TypeVar("T")

_COLUMNS: Final = (
    "id", "name", "at", "day", "week", "month", "actor_id", "kind", "item_id", "owner_id", "detail"
)  # fmt: skip
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS samovar_facts (
    id Int64, name LowCardinality(String), at Int64, day Int32, week Int32, month Int32, actor_id Int64,
    kind LowCardinality(String), item_id Int64, owner_id Int64, detail LowCardinality(String)
) ENGINE = ReplacingMergeTree PARTITION BY month ORDER BY (name, day, id)
"""
_SPANS: Final = {DAYS: "day", WEEKS: "week", MONTHS: "month"}
_PERIOD: Final = "day BETWEEN {first:Int32} AND {last:Int32}"


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _sums() -> str:
    """Each measure, as the sum of what facts add to it."""
    parts = []
    for measure in WEIGHTS:
        cases = "".join(f"name = '{n}', {sign}, " for n, (of, sign) in MEASURES.items() if of == measure)
        parts.append(f"sum(multiIf({cases}0)) AS {measure}")
    return ", ".join(parts)


_ITEMS: Final = (
    f"SELECT kind, item_id, max(owner_id) AS owner, {_sums()},"
    f" {' + '.join(f'{weight} * {measure}' for measure, weight in WEIGHTS.items())} AS score"
    f" FROM samovar_facts FINAL WHERE {_PERIOD} AND name IN ({_quoted(MEASURES)}) AND item_id > 0"
    f" AND kind != '{PERSON}' AND (kind, item_id) NOT IN"
    " (SELECT kind, item_id FROM samovar_facts FINAL WHERE name = 'removed') AND {wanted}"
    " GROUP BY kind, item_id"
)
_OWN_NAME: Final = (
    f"multiIf(name = 'viewed' AND kind = '{PERSON}', 'visited', "
    + "".join(f"name = '{name}', '{of}', " for name, (of, _) in OWN.items() if name != of)
    + "name)"
)
_OWN_SIGN: Final = f"if(name IN ({_quoted(name for name, (_, sign) in OWN.items() if sign < 0)}), -1, 1)"
_ACTS: Final = f"countIf(name IN ({_quoted(ACTS)}))"


def connecting(address: str) -> Callable[[], Any]:
    """What makes a client for an address such as "http://name:password@host:8123/database"."""

    def connect() -> Any:
        # Imported when it is first needed: it is not light.
        from clickhouse_connect import get_client

        scheme = urlsplit(address).scheme
        interface = None if scheme == "chdb" else scheme
        return get_client(dsn=address, interface=interface, autogenerate_session_id=False)

    return connect


class ClickHouseFacts:
    """Facts in one table of a ClickHouse."""

    def __init__(self, connect: Callable[[], Any], *, timeout: float = 30.0) -> None:
        """`connect` makes a client of clickhouse-connect: when one is first needed, and after trouble."""
        self._connect = connect
        self._timeout = timeout
        self._thread = ThreadPoolExecutor(1, "clickhouse")
        self._client: Any = None

    async def close(self) -> None:
        """Let the connection go."""
        client, self._client = self._client, None
        if client is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, client.close)
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[Any], T]) -> T:
        """Work with the client. Raises Unavailable when the server does not do it."""

        def run() -> T:
            if self._client is None:
                client = self._connect()
                client.command(_TABLE)
                self._client = client
            return work(self._client)

        try:
            async with asyncio.timeout(self._timeout):
                return await asyncio.get_running_loop().run_in_executor(self._thread, run)
        except Exception as error:
            self._client = None
            # Its text may hold the address with the password: only what kind of error it is goes on.
            log.warning("ClickHouse does not answer", error=type(error).__name__)
            raise Unavailable("Figures can't be read right now. Please try again later.") from error

    async def _ask(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return [
            tuple(row)
            for row in await self._run(lambda client: client.query(sql, parameters=parameters).result_rows)
        ]

    async def take(self, facts: Sequence[Fact]) -> None:
        if not facts:
            return
        rows = [_row(fact) for fact in facts]
        token = hashlib.sha256(repr(sorted(row[:2] for row in rows)).encode()).hexdigest()
        settings = {"insert_deduplication_token": token}
        await self._run(
            lambda client: client.insert("samovar_facts", rows, column_names=_COLUMNS, settings=settings)
        )

    async def forget(self, user_id: int, stand_in: int, *, whole: bool) -> None:
        await self._change(
            "UPDATE actor_id = {stand_in:Int64} WHERE actor_id = {user_id:Int64}",
            user_id=user_id, stand_in=stand_in,
        )  # fmt: skip
        if whole:
            await self._change(
                f"UPDATE item_id = if(kind = '{PERSON}', 0, item_id), owner_id = 0"
                " WHERE owner_id = {user_id:Int64}",
                user_id=user_id,
            )

    async def prune(self, before: int) -> None:
        await self._change(
            f"DELETE WHERE day < {{before:Int32}} AND name NOT IN ({_quoted(KEPT)})", before=before
        )

    async def _change(self, sql: str, **parameters: int) -> None:
        await self._run(
            lambda client: client.command(
                f"ALTER TABLE samovar_facts {sql}", parameters=parameters, settings={"mutations_sync": 2}
            )
        )

    async def counts(self, names: Sequence[str], first: int, last: int) -> ByDay:
        rows = await self._ask(
            f"SELECT name, day, count() FROM samovar_facts FINAL WHERE name IN {{names:Array(String)}}"
            f" AND {_PERIOD} GROUP BY name, day",
            names=list(names), first=first, last=last,
        )  # fmt: skip
        return _by_day(rows)

    async def people(self, span: int, first: int, last: int) -> dict[int, int]:
        start = _SPANS[span]
        rows = await self._ask(
            f"SELECT {start}, uniqExact(actor_id) FROM samovar_facts FINAL WHERE actor_id != 0"
            f" AND {start} BETWEEN {{first:Int32}} AND {{last:Int32}} GROUP BY {start}",
            first=first, last=last,
        )  # fmt: skip
        return {row[0]: row[1] for row in rows}

    async def active(self, first: int, last: int) -> int:
        rows = await self._ask(
            f"SELECT uniqExact(actor_id) FROM samovar_facts FINAL WHERE actor_id != 0 AND {_PERIOD}",
            first=first, last=last,
        )  # fmt: skip
        return int(rows[0][0])

    async def members(self, last: int) -> int:
        rows = await self._ask(
            "SELECT sum(if(name = 'left', -1, 1)) FROM samovar_facts FINAL"
            f" WHERE name IN ({_quoted(KEPT)}) AND day <= {{last:Int32}}",
            last=last,
        )
        return int(rows[0][0])

    async def cohorts(self, first: int, last: int) -> list[Cohort]:
        came = (
            "SELECT actor_id, min(week) AS came FROM samovar_facts FINAL WHERE name = 'registered'"
            " AND actor_id != 0 GROUP BY actor_id HAVING came BETWEEN {first:Int32} AND {last:Int32}"
        )
        sizes = await self._ask(f"SELECT came, count() FROM ({came}) GROUP BY came", first=first, last=last)
        here = await self._ask(
            f"SELECT came, week, count() FROM (SELECT DISTINCT actor_id, week FROM samovar_facts FINAL WHERE"
            " week BETWEEN {first:Int32} AND {last:Int32} AND actor_id != 0) AS there"
            f" INNER JOIN ({came}) AS those USING (actor_id) GROUP BY came, week",
            first=first, last=last,
        )  # fmt: skip
        return cohorts_of(dict(sizes), {(came, week): number for came, week, number in here}, last)

    async def steps(self, first: int, last: int) -> Steps:
        rows = await self._ask(
            "SELECT count(), countIf(followed), countIf(followed AND posted),"
            " countIf(followed AND posted AND seen > came) FROM (SELECT actor_id,"
            " minIf(day, name = 'registered') AS came, countIf(name = 'registered') > 0 AS registered,"
            " countIf(name = 'followed') > 0 AS followed, countIf(name = 'created') > 0 AS posted,"
            " max(day) AS seen FROM samovar_facts FINAL WHERE actor_id != 0 GROUP BY actor_id"
            " HAVING registered AND came BETWEEN {first:Int32} AND {last:Int32})",
            first=first, last=last,
        )  # fmt: skip
        return Steps(*rows[0])

    async def popular(self, kind: str, first: int, last: int, limit: int) -> list[ItemNumbers]:
        wanted = "kind = {kind:String}" if kind else "1"
        return await self._ranked(wanted, first=first, last=last, limit=limit, kind=kind)

    async def own_items(self, owner_id: int, first: int, last: int, limit: int) -> list[ItemNumbers]:
        wanted = "owner_id = {owner_id:Int64}"
        return await self._ranked(wanted, first=first, last=last, limit=limit, owner_id=owner_id)

    async def _ranked(self, wanted: str, **parameters: int | str) -> list[ItemNumbers]:
        rows = await self._ask(
            _ITEMS.replace("{wanted}", wanted)
            + " HAVING score > 0 ORDER BY score DESC, item_id DESC, kind LIMIT {limit:Int64}",
            **parameters,
        )
        return [ItemNumbers(*row) for row in rows]

    async def most_active(self, first: int, last: int, limit: int) -> list[PersonNumbers]:
        rows = await self._ask(
            f"SELECT actor_id, uniqExact(day) AS days, {_ACTS} AS acts FROM samovar_facts FINAL WHERE"
            f" actor_id > 0 AND {_PERIOD} GROUP BY actor_id"
            " ORDER BY acts DESC, days DESC, actor_id DESC LIMIT {limit:Int64}",
            first=first, last=last, limit=limit,
        )  # fmt: skip
        return [PersonNumbers(*row) for row in rows]

    async def own(self, owner_id: int, first: int, last: int) -> ByDay:
        rows = await self._ask(
            f"SELECT {_OWN_NAME} AS own, day, sum({_OWN_SIGN}) FROM samovar_facts FINAL WHERE"
            f" owner_id = {{owner_id:Int64}} AND {_PERIOD} AND name IN ({_quoted(OWN)}) GROUP BY own, day",
            owner_id=owner_id, first=first, last=last,
        )  # fmt: skip
        return _by_day(rows)

    async def rows(self, what: str, day: int, after: int, limit: int) -> list[tuple[int | str, ...]]:
        page = " LIMIT {limit:Int64} OFFSET {after:Int64}"
        sql = {
            "days": "SELECT name, kind, count() FROM samovar_facts FINAL WHERE day = {first:Int32}"
            " GROUP BY name, kind ORDER BY name, kind",
            "content": _ITEMS.replace("{wanted}", "1") + " ORDER BY kind, item_id",
            "people": f"SELECT actor_id, 1, {_ACTS} FROM samovar_facts FINAL WHERE day = {{first:Int32}}"
            " AND actor_id > 0 GROUP BY actor_id ORDER BY actor_id",
        }[what]
        return await self._ask(sql + page, first=day, last=day, after=after, limit=limit)


def _row(fact: Fact) -> tuple[Any, ...]:
    day = day_of(fact.at)
    return (
        fact.id, fact.name, fact.at, day, week_of(day), month_of(day), fact.actor_id, fact.kind, fact.item_id,
        fact.owner_id, fact.detail,
    )  # fmt: skip


def _by_day(rows: Sequence[tuple[Any, ...]]) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for name, day, number in rows:
        found.setdefault(name, {})[day] = number
    return found
