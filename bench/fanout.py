"""How fast feed spreads what is written: rows of homes per second against raw inserts, and a star's post."""

import random
import shutil
import statistics
import time
from pathlib import Path

import apsw

from bench.community import Builder, Community, Member, builder, together
from bench.figures import OUT, Figure, at_least, at_most, note, say
from samovar.contracts.common import Audience, Scope
from samovar.contracts.feed import FEED
from samovar.contracts.graph import FollowCreated
from samovar.contracts.items import ItemCreated
from samovar.kernel.clock import SystemClock, VirtualClock
from samovar.kernel.contract import Event, encode
from samovar.kernel.outbox import Envelope

#: As many as the relay takes at once.
BATCH = 500
ROUNDS = 7
FOLLOWERS = 100_000
INSERT = "INSERT INTO feed_home (viewer_id, position, kind, item_id, by_id) VALUES (?, ?, ?, ?, ?)"


def envelope(build: Builder, event: Event, version: int = 1) -> Envelope:
    return Envelope(
        id=build.house.ids(),
        type=event.TYPE,
        source="bench",
        key=event.key,
        version=version,
        time=build.clock.now(),
        payload=encode(event).decode(),
    )


def post(build: Builder, author: int) -> ItemCreated:
    """The event of a new public post, with a tag in every fifth."""
    item = build.house.ids()
    audience = Audience(scope=Scope.PUBLIC, owner_id=author)
    tags = ("tea",) if item % 5 == 0 else ()
    return ItemCreated(kind="post", id=item, author_id=author, audience=audience, created_at=build.clock.now(), tags=tags)


def _copy(data: Path, name: str) -> Path:
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(data, folder, ignore=shutil.ignore_patterns("mail"))
    return folder


async def fan_out(data: Path, community: Community) -> list[Figure]:
    """Rows per second that feed writes from events, and that bare grouped inserts reach in the same table."""
    say("fan-out")
    folder = _copy(data, "fanout")
    dice = random.Random(1)
    clock = VirtualClock(time.time_ns() // 1000)
    ours, raw = [], []
    async with builder(folder, {"SAMOVAR_FEED__MERGE_ABOVE": "1000000000"}, clock, durable=True) as build:
        inbox = build.house.workers["feed"].inbox
        db = apsw.Connection(str(folder / "samovar.db"))
        db.set_busy_timeout(5000)
        db.execute("PRAGMA synchronous=FULL; PRAGMA cache_size=-8000")
        followers: dict[int, list[int]] = {}
        for follower, followee in db.execute("SELECT follower_id, followee_id FROM feed_follow WHERE removed = 0"):
            followers.setdefault(followee, []).append(follower)
        for _ in range(ROUNDS):
            clock.advance(60)
            events = [post(build, dice.choice(community.members).id) for _ in range(BATCH)]
            batch = [envelope(build, event) for event in events]
            rows = sum(len(followers[event.author_id]) for event in events)
            begun = time.perf_counter()
            await inbox.take(batch)
            ours.append(rows / (time.perf_counter() - begun))

            events = [post(build, dice.choice(community.members).id) for _ in range(BATCH)]
            grouped = [
                [(follower, event.id, "post", event.id, event.author_id) for follower in followers[event.author_id]]
                for event in events
            ]
            begun = time.perf_counter()
            with db:
                for group in grouped:
                    db.executemany(INSERT, group)
            raw.append(sum(map(len, grouped)) / (time.perf_counter() - begun))
        db.close()
    shutil.rmtree(folder)
    rate, bare = statistics.median(ours), statistics.median(raw)
    return [
        at_least("fan-out, of raw grouped inserts", 100 * rate / bare, "%", 30),
        note("fan-out, merging off", rate, "rows/s"),
        note("raw grouped inserts", bare, "rows/s"),
    ]


async def star(data: Path, community: Community) -> list[Figure]:
    """One post by an author with very many followers: the time until each of them can read it."""
    say(f"a post by somebody with {FOLLOWERS:,} followers")
    folder = _copy(data, "star")
    author = community.members[0].id
    async with builder(folder, {}, SystemClock(), durable=True) as build:
        fans = [build.house.ids() for _ in range(FOLLOWERS)]
        inbox = build.house.workers["feed"].inbox
        for start in range(0, FOLLOWERS, BATCH):
            follows = [FollowCreated(follower_id=fan, followee_id=author) for fan in fans[start : start + BATCH]]
            await inbox.take([envelope(build, follow) for follow in follows])
        await build.house.drain(rounds=100)
        slowest = 0.0
        for event in [post(build, author) for _ in range(5)]:
            begun = time.perf_counter()
            await inbox.take([envelope(build, event)])
            await build.house.drain(rounds=100)
            slowest = max(slowest, time.perf_counter() - begun)
        timelines = build.house.built["feed"]
        read = await _read_all(build, fans, event.id)
    shutil.rmtree(folder)
    return [
        at_most("a post reaches 100,000 followers in", slowest, "s", 2),
        note("its reading by each of them", 1e6 * read / FOLLOWERS, "us"),
    ]
