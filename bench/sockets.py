"""Live connections: what an idle one costs, how fast one message reaches a thousand, and whether a client
whose line is cut again and again misses anything."""

import asyncio
import contextlib
import resource
import shutil
import statistics
import sys
import time
from collections.abc import AsyncIterator

import httpx
import msgspec
import psutil
from websockets.asyncio.client import connect

from bench import servers
from bench.community import SETTINGS, Builder, builder
from bench.figures import OUT, Figure, at_most, note, say
from samovar.app.facing import edge_of
from samovar.app.listen import http_server
from samovar.contracts.common import Scope
from samovar.contracts.identity import IDENTITY
from samovar.contracts.posts import POSTS
from samovar.contracts.realtime import REALTIME
from samovar.edge.application import application
from samovar.edge.gateway.gateway import Gateway
from samovar.edge.settings import EdgeSettings
from samovar.edge.sockets.hub import told
from samovar.kernel.clock import SystemClock
from samovar.kernel.context import Call, calling
from samovar.kernel.settings import Secret, Source

IDLE, FAN, ROUNDS = 5_000, 1_000, 15
EVENTS, CUTS = 10_000, 100
PEOPLE = 250
PASSWORD = "a quiet kettle hums"
#: Files that a process needs beside its sockets.
OTHERS = 200
FREE = {
    **SETTINGS,
    "SAMOVAR_EDGE__SOCKETS_PER_PERSON": "100000",
    "SAMOVAR_IDENTITY__REGISTER_BURST": "100000",
}


def room() -> int:
    """So many sockets as this machine lets a process have, at most as many as wanted."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return IDLE if most == resource.RLIM_INFINITY else min(IDLE, most - OTHERS)


@contextlib.asynccontextmanager
async def clients(
    port: int, count: int, channel: str, tokens: list[str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Sockets held by another process, once all are there."""
    command = (sys.executable, "-m", "bench.socket_clients", str(port), str(count), channel)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(" ".join(tokens).encode() + b"\n")
    try:
        async with asyncio.timeout(180):
            line = await process.stdout.readline()
        if line.strip() != b"ready":
            raise RuntimeError("the clients did not get in")
        yield process
    finally:
        process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def idle() -> list[Figure]:
    """Memory of a server with so many sockets, against its memory without them."""
    count = room()
    say(f"{count:,} idle sockets" + (f" (not {IDLE:,}: the limit of open files)" if count < IDLE else ""))
    data = OUT / "sockets"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    with servers.samovar(data, FREE) as (port, process, _):
        tokens = await _members(port)
        server = psutil.Process(process.pid)
        # The first ones load what all need.
        async with clients(port, 20, "", tokens):
            pass
        await asyncio.sleep(1)
        before = server.memory_full_info().pss
        begun = time.perf_counter()
        async with clients(port, count, "", tokens):
            seconds = time.perf_counter() - begun
            await asyncio.sleep(3)
            each = (server.memory_full_info().pss - before) / count / 1000
    shutil.rmtree(data)
    return [
        at_most(f"an idle socket, of {count:,}", each, "KB", 40),
        note("sockets opened", count / seconds, "1/s"),
    ]


async def _members(port: int) -> list[str]:
    tokens = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        for number in range(PEOPLE):
            name = f"member{number}"
            answer = await http.post(
                "/api/auth/register",
                json={"username": name, "email": f"{name}@example.org", "password": PASSWORD},
            )
            tokens.append(answer.raise_for_status().json()["access_token"])
    return tokens


@contextlib.asynccontextmanager
async def fresh() -> AsyncIterator[Builder]:
    """The product over an empty database."""
    data = OUT / "sockets"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    async with builder(data, FREE, SystemClock()) as build:
        yield build
    shutil.rmtree(data)


async def _member(build: Builder, number: int) -> tuple[int, str]:
    """A new member: id and access token."""
    name = f"member{number}"
    made = build.api(IDENTITY).register(
        username=name, email=f"{name}@example.org", password=PASSWORD, locale="en", device="", browser=False
    )
    grant = await build.as_(None, made)
    return grant.account.id, grant.access_token


@contextlib.asynccontextmanager
async def edge(build: Builder) -> AsyncIterator[tuple[Gateway, int]]:
    """An edge in this process, on a port."""
    settings = Source(None, FREE).section("edge", EdgeSettings)
    house = build.house
    gateway, sessions = application(edge_of(house, settings, Secret("bench")))
    port = servers.free_port()
    server = http_server(gateway, "127.0.0.1", port, 10, 2)
    running = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has but a flag
        await asyncio.sleep(0.01)
    try:
        yield gateway, port
    finally:
        gateway.sockets.hub.drain()
        server.should_exit = True
        await running
        await gateway.sockets.hub.stop()
        await sessions.stop()


async def fan_out() -> list[Figure]:
    """The time until the last of a thousand sockets has a message, against a loop that only writes."""
    say(f"one message to {FAN:,} sockets")
    room()
    ours, bare = [], []
    async with fresh() as build, edge(build) as (gateway, port):
        hub = gateway.sockets.hub
        members = [await _member(build, number) for number in range(50)]
        tokens = [token for _, token in members]
        made = build.api(POSTS).create(text="tea", visibility=Scope.PUBLIC, language="en")
        channel = f"item:post:{(await build.as_(members[0][0], made)).id}"
        async with clients(port, FAN, channel, tokens) as process:
            assert process.stdout is not None
            lines = tuple(hub.channels[channel])
            for number in range(2 * ROUNDS):
                message = told(channel, "counts", {"replies": number})
                begun = time.monotonic_ns()
                if number % 2:
                    await hub.tell(channel, "counts", {"replies": number})
                else:
                    frame = message.socket
                    for line in lines:
                        line._socket.transport.write(frame)  # type: ignore[attr-defined]
                async with asyncio.timeout(20):
                    arrived = int(await process.stdout.readline())
                (ours if number % 2 else bare).append((arrived - begun) / 1e6)
                await asyncio.sleep(0.05)
    ratio = statistics.median(ours) / statistics.median(bare)
    return [
        at_most(f"one message to {FAN:,} sockets, of a bare loop", ratio, "times", 1.5),
        note("the last has it after", statistics.median(ours), "ms"),
    ]


async def cuts() -> list[Figure]:
    """A client that is cut a hundred times while events pass, between two edges: what it misses, and what
    it sees twice."""
    say(f"{EVENTS:,} events and {CUTS} cuts")
    got: list[int] = []
    async with fresh() as build, edge(build) as one, edge(build) as two:
        user_id, token = await _member(build, 0)
        system = Call(caller="bench", system=True)

        async def speak() -> None:
            api = build.api(REALTIME)
            for number in range(0, EVENTS, 10):
                with calling(system):
                    data = [str(number + n) for n in range(10)]
                    told = [api.append(user_ids=(user_id,), type="bench", data=text) for text in data]
                    await asyncio.gather(*told)

        await build.as_(user_id, build.api(REALTIME).listen())
        speaking, position = asyncio.create_task(speak()), 0
        begun = time.perf_counter()
        for cut in range(CUTS + 1):
            port = (one, two)[cut % 2][1]
            address = f"ws://127.0.0.1:{port}/ws?after={position}"
            protocols = ["samovar", f"bearer.{token}"]
            async with connect(address, subprotocols=protocols, compression=None) as socket:  # type: ignore[arg-type]
                upto = EVENTS if cut == CUTS else (cut + 1) * EVENTS // (CUTS + 1)
                async with asyncio.timeout(60):
                    while position < upto:
                        position = _take(await socket.recv(), position, got)
                socket.transport.abort()
        seconds = time.perf_counter() - begun
        await speaking
    # What is sent at once may be stored in any order: of each ten, all have to be there once.
    missing, twice = len(set(range(EVENTS)) - set(got)), len(got) - len(set(got))
    return [
        at_most(f"events missed, of {EVENTS:,} in {CUTS} cuts", missing, "", 0),
        at_most("events seen twice", twice, "", 0),
        note("events that passed", EVENTS / seconds, "1/s"),
    ]


def _take(text: str | bytes, position: int, got: list[int]) -> int:
    message = msgspec.json.decode(text)
    if message["t"] == "gap":
        raise RuntimeError("there was a gap")
    if message["t"] == "event":
        got.append(int(message["data"]))
        return int(message["n"])
    return position


async def sockets() -> list[Figure]:
    """All three."""
    return [*await idle(), *await fan_out(), *await cuts()]
