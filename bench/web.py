"""Figures over HTTP: the feed under writes, durable posts, the home page."""

import asyncio
import gzip
import itertools
import re
import shutil
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from subprocess import Popen

import apsw
import msgspec

from bench import load, servers
from bench.community import SETTINGS, Community, Member, copy_of
from bench.figures import Figure, at_least, at_most, note, say

ROUNDS, SECONDS, CONNECTIONS = 5, 5.0, 16
WRITES_A_SECOND = 50
WRITERS, WRITING_SECONDS = 50, 30.0
LIVE = {**SETTINGS, "SAMOVAR_EDGE__ANONYMOUS_CACHE_SECONDS": "0", "SAMOVAR_POSTS__CREATE_PER_MINUTE": "0"}
TEXT = "The samovar hums, somebody brings jam, and rain taps at the window of our small kitchen. #tea"
BODY = msgspec.json.encode({"text": TEXT, "visibility": "public", "language": "en"})


def in_turn(requests: list[bytes]) -> Callable[[], bytes]:
    turn = itertools.cycle(requests)
    return lambda: next(turn)


def posts_of(members: list[Member]) -> Callable[[], bytes]:
    return in_turn([load.post("/api/posts", BODY, member.token) for member in members])


async def feed(data: Path, community: Community) -> list[Figure]:
    """`GET /api/feed` of all members in turn while posts come in, against the same bytes from memory."""
    say("the feed over HTTP")
    folder = copy_of(data, "feed")
    requests = in_turn([load.get("/api/feed?limit=20", member.token) for member in community.members])
    costs: dict[str, list[float]] = {"ours": [], "bare": []}

    async def costed(name: str, process: Popen[bytes], run: Awaitable[load.Outcome]) -> load.Outcome:
        before = servers.processor_seconds(process.pid)
        outcome = await run
        costs[name].append((servers.processor_seconds(process.pid) - before) / len(outcome.times) * 1e6)
        return outcome

    with servers.samovar(folder, LIVE) as (port, process, _):
        bodies = await _bodies(port, community.members)
        (folder / "bodies.json").write_bytes(msgspec.json.encode([body.decode() for body in bodies]))
        with servers.bare(folder) as (bare_port, bare_process):
            bare_requests = in_turn([load.get("/feed")])
            ours, bare = [], []
            await load.closed(port, requests, connections=CONNECTIONS, seconds=2)
            for _ in range(ROUNDS):
                reading = load.closed(bare_port, bare_requests, connections=CONNECTIONS, seconds=SECONDS / 2)
                bare.append(await costed("bare", bare_process, reading))
                ours.append(await costed("ours", process, _while_writing(port, requests, community)))
    shutil.rmtree(folder)
    rate = statistics.median(outcome.rate for outcome in ours)
    plain = statistics.median(outcome.rate for outcome in bare)
    spread = statistics.median(outcome.percentile(99) / outcome.percentile(50) for outcome in ours)
    wrong = sum(sum(outcome.wrong.values()) for outcome in (*ours, *bare))
    return [
        at_least("GET /api/feed, of bare Litestar with the same bytes", 100 * rate / plain, "%", 15),
        at_most("GET /api/feed, p99 over p50", spread, "times", 5),
        note("GET /api/feed", rate, "requests/s"),
        note("bare Litestar, the same bytes", plain, "requests/s"),
        # The load generator has a core of its own and can't keep bare Litestar busy: by processor time the
        # distance is larger than by requests.
        note("server's CPU per feed read, with its share of writes", statistics.median(costs["ours"]), "us"),
        note("server's CPU per read of bare Litestar", statistics.median(costs["bare"]), "us"),
        note("bytes of a feed", statistics.median(map(len, bodies)), "bytes"),
        at_most("GET /api/feed, wrong answers", wrong, "answers", 0),
    ]


async def _bodies(port: int, members: list[Member]) -> list[bytes]:
    connection = await load.connect(port)
    found = [
        load.body_of(await connection.send(load.get("/api/feed?limit=20", member.token)))
        for member in members
    ]
    connection.close()
    return found


async def _while_writing(port: int, requests: Callable[[], bytes], community: Community) -> load.Outcome:
    stop = asyncio.Event()
    writes = asyncio.create_task(
        load.paced(port, posts_of(community.members), rate=WRITES_A_SECOND, stop=stop, expect=b" 201 ")
    )
    outcome = await load.closed(port, requests, connections=CONNECTIONS, seconds=SECONDS)
    stop.set()
    written = await writes
    for line, times in written.wrong.items():
        outcome.wrong[line] = outcome.wrong.get(line, 0) + times
    return outcome


async def durable_posts(data: Path, community: Community) -> list[Figure]:
    """Posts answered after fsync, and how old unpublished events get meanwhile."""
    say("durable posts over HTTP")
    folder = copy_of(data, "posts")
    (folder / "bodies.json").write_bytes(b'["{}"]')
    requests = posts_of(community.members)
    with servers.bare(folder) as (bare_port, _), servers.samovar(folder, LIVE) as (port, _, _):
        bare_requests = in_turn([load.post("/posts", BODY)])
        before = await load.closed(
            bare_port, bare_requests, connections=WRITERS, seconds=SECONDS, expect=b" 201 "
        )
        await load.closed(port, requests, connections=WRITERS, seconds=2, expect=b" 201 ")
        watch = asyncio.create_task(_oldest_event(folder / "samovar.db"))
        ours = await load.closed(
            port, requests, connections=WRITERS, seconds=WRITING_SECONDS, expect=b" 201 "
        )
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        after = await load.closed(
            bare_port, bare_requests, connections=WRITERS, seconds=SECONDS, expect=b" 201 "
        )
    oldest = max(OLDEST)
    stored = _count_posts(folder / "samovar.db") - len(community.posts)
    shutil.rmtree(folder)
    plain = (before.rate + after.rate) / 2
    wrong = sum(sum(outcome.wrong.values()) for outcome in (before, ours, after))
    return [
        at_least("durable posts, of the same stack forgetting them", 100 * ours.rate / plain, "%", 8),
        at_most("oldest unpublished event meanwhile", oldest, "s", 1),
        note("durable posts", ours.rate, "requests/s"),
        note("bare Litestar, validating and forgetting", plain, "requests/s"),
        note("durable posts, p99", 1000 * ours.percentile(99), "ms"),
        at_least("posts stored of those answered", 100 * min(1, stored / max(1, len(ours.times))), "%", 100),
        at_most("durable posts, wrong answers", wrong, "answers", 0),
    ]


OLDEST: list[float] = []


async def _oldest_event(path: Path) -> None:
    """Note every tenth of a second how old the oldest event is that no listener has taken yet."""
    OLDEST[:] = [0.0]
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    db.set_busy_timeout(1000)
    tables = [
        name
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE name LIKE '%/_outbox' ESCAPE '/'")
    ]
    try:
        while True:
            for table in tables:
                for (due,) in db.execute(f"SELECT min(due_at) FROM {table}"):  # noqa: S608
                    if due is not None:
                        OLDEST.append(time.time() - due / 1e6)
            await asyncio.sleep(0.1)
    finally:
        db.close()


def _count_posts(path: Path) -> int:
    db = apsw.Connection(str(path))
    for (count,) in db.execute("SELECT count(*) FROM posts_post"):
        return int(count)
    return 0


ASSET = re.compile(
    rb"""<link[^>]+rel="?(?:stylesheet|modulepreload|preload)"?[^>]*>|<script[^>]+src=[^>]*>"""
)
SOURCE = re.compile(rb"""(?:href|src)="?([^"\s>]+)""")


async def home_page(data: Path, community: Community) -> list[Figure]:
    """What the home page weighs at the first visit, and what it costs next to its JSON."""
    say("the home page")
    folder = copy_of(data, "page")
    member = community.members[1]
    with servers.samovar(folder, LIVE) as (port, _, _):
        connection = await load.connect(port)
        page = await connection.send(load.get("/", accept_encoding="gzip", cookie=f"samovar={member.cookie}"))
        status = page[9:12].decode()
        parts = [("the page", _weight(page))]
        html = (
            gzip.decompress(load.body_of(page))
            if b"content-encoding: gzip" in page[:2000]
            else load.body_of(page)
        )
        for tag in ASSET.findall(html):
            source = SOURCE.search(tag)
            if source is None or b"font" in tag:
                continue
            path = source.group(1).decode()
            parts.append((path, _weight(await connection.send(load.get(path, accept_encoding="gzip")))))
        viewers = [member for member in community.members if member.cookie]
        html_time = await _median(
            connection,
            [load.get("/", accept_encoding="gzip", cookie=f"samovar={one.cookie}") for one in viewers],
        )
        json_time = await _median(connection, [load.get("/api/feed?limit=20", one.token) for one in viewers])
        connection.close()
    shutil.rmtree(folder)
    for name, weight in parts:
        say(f"  {weight:>8,} bytes  {name}")
    return [
        at_most(
            "home page with styles and scripts, compressed",
            sum(weight for _, weight in parts) / 1000,
            "kB",
            70,
        ),
        at_most("home page, over the time of its JSON", html_time / json_time, "times", 3),
        note("home page", 1000 * html_time, "ms"),
        note("its JSON", 1000 * json_time, "ms"),
        at_least("home page answered", 1.0 if status == "200" and len(parts) > 2 else 0.0, "yes", 1),
    ]


def _weight(answer: bytes) -> int:
    return len(load.body_of(answer))


async def _median(connection: load.Connection, requests: list[bytes]) -> float:
    times = []
    for _ in range(6):
        for request in requests:
            begun = time.perf_counter()
            await connection.send(request)
            times.append(time.perf_counter() - begun)
    return statistics.median(times)
