"""What a feed read costs when the services are apart: processor time of all Samovar's processes together.

Four processes at least (people, content, feed and one or two edges) over PostgreSQL, Redis and Kafka, against
all in one over SQLite. Rates would say how many cores there are; processor time says what a read costs.
"""

import asyncio
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psutil

from bench import load, servers
from bench.community import Community, copy_of
from bench.figures import OUT, Figure, at_most, note, say
from bench.web import CONNECTIONS, LIVE, in_turn
from tools.backends import Backends
from tools.split import Split

READS, ROUNDS = 1000, 3
SITE = {"SAMOVAR_SITE__PUBLIC_URL": "http://localhost:8000"}


async def split(data: Path, community: Community) -> list[Figure]:
    """CPU per `GET /api/feed`: all in one, split with one edge, split with two."""
    say("what a feed read costs when the services are apart")
    whole, folder = copy_of(data, "whole"), copy_of(data, "split")
    backends = Backends(OUT / "servers")
    try:
        lacking = {name: outcome.reason for name, outcome in backends.start().items() if outcome.reason}
        if lacking:
            raise RuntimeError(f"servers can't be had: {lacking}")
        return await _measured(whole, folder, backends, community)
    finally:
        backends.stop()
        backends.wipe()
        for copied in (whole, folder):
            shutil.rmtree(copied)


async def _measured(whole: Path, folder: Path, backends: Backends, community: Community) -> list[Figure]:
    requests = in_turn([load.get("/api/feed?limit=20", member.token) for member in community.members])
    with servers.samovar(whole, {**LIVE, **SITE}) as (port, process, _):
        alone = await _cost([process.pid], [port], requests)
    apart = Split(folder, backends, edges=2, settings={**LIVE, **SITE}, database=await _database(backends))
    await asyncio.to_thread(_move, apart)
    postgres = [_leader(backends)]
    try:
        await asyncio.to_thread(apart.start)
        here = [process.pid for process in apart.processes]
        first, second = (edge.port for edge in apart.edges)
        before = servers.processor_seconds(*postgres)
        one = await _cost(here, [first], requests)
        database = (servers.processor_seconds(*postgres) - before) / (READS * (ROUNDS + 1)) * 1e6
        both = await _cost(here, [first, second], requests)
        again = await _cost(here, [first], requests)
    finally:
        await asyncio.to_thread(apart.stop)
        apart.end()
    one = min(one, again)
    return [
        note("CPU per feed read, all in one", alone, "us"),
        note("CPU per feed read, five processes, one edge used", one, "us"),
        note("the same in PostgreSQL's processes", database, "us"),
        at_most("CPU per feed read, split over all in one", one / alone, "times", 3),
        at_most("CPU per feed read, both edges over one", both / one, "times", 1.2),
    ]


async def _cost(pids: Sequence[int], ports: Sequence[int], requests: Callable[[], bytes]) -> float:
    """Microseconds of processor time per read: the median of some rounds, after one to warm up."""
    found = []
    for _ in range(ROUNDS + 1):
        before = servers.processor_seconds(*pids)
        await asyncio.gather(
            *(_reads(port, requests, READS // len(ports), CONNECTIONS // len(ports)) for port in ports)
        )
        found.append((servers.processor_seconds(*pids) - before) / READS * 1e6)
    return sorted(found[1:])[ROUNDS // 2]


async def _reads(port: int, requests: Callable[[], bytes], number: int, connections: int) -> None:
    left = iter(range(number))

    async def ask() -> None:
        connection = await load.connect(port)
        for _ in left:
            answer = await connection.send(requests())
            if answer[8:13] != b" 200 ":
                raise RuntimeError(answer[:300])
        connection.close()

    await asyncio.gather(*(ask() for _ in range(connections)))


def _leader(backends: Backends) -> int:
    """PostgreSQL's first process."""
    port = str(urlsplit(backends.postgresql.address).port)
    for process in psutil.process_iter(["name", "cmdline", "ppid"]):
        line = process.info["cmdline"] or []
        if process.info["name"] == "postgres" and port in line:
            return int(process.pid)
    raise RuntimeError("PostgreSQL's process was not found")


async def _database(backends: Backends) -> str:
    name = f"bench_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(backends.postgresql.address)
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return urlunsplit(urlsplit(backends.postgresql.address)._replace(path=f"/{name}"))


def _move(apart: Split) -> None:
    """From SQLite to PostgreSQL, as an operator does it."""
    subprocess.run(
        [sys.executable, "-m", "samovar.app.cli", "transfer", "--data", str(apart.folder)],
        check=True, env={**os.environ, **apart.shared}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
