"""How fast feed spreads what is written: rows of homes per second against raw inserts, and a star's post."""

import random
import shutil
import statistics
import time
from pathlib import Path

import apsw

from bench.community import Builder, Community, builder, copy_of
from bench.figures import Figure, at_least, at_most, note, say
from samovar.contracts.common import Audience, Scope
from samovar.contracts.feed import FEED
from samovar.contracts.graph import FollowCreated
from samovar.contracts.items import ItemCreated
from samovar.contracts.posts import POSTS
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
    return ItemCreated(
        kind="post", id=item, author_id=author, audience=audience, created_at=build.clock.now(), tags=tags
    )


async def fan_out(data: Path, community: Community) -> list[Figure]:
    """Rows per second that feed writes from events, and that bare grouped inserts reach in the same table."""
    say("fan-out")
    folder = copy_of(data, "fanout")
    dice = random.Random(1)
    clock = VirtualClock(time.time_ns() // 1000)
    ours, raw = [], []
    async with builder(folder, {"SAMOVAR_FEED__MERGE_ABOVE": "1000000000"}, clock, durable=True) as build:
        inbox = build.house.workers["feed"].inbox
        db = apsw.Connection(str(folder / "samovar.db"))
        db.set_busy_timeout(5000)
        db.execute("PRAGMA synchronous=FULL; PRAGMA cache_size=-8000")
        followers: dict[int, list[int]] = {}
        for follower, followee in db.execute(
            "SELECT follower_id, followee_id FROM feed_follow WHERE removed = 0"
        ):
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
                [
                    (follower, event.id, "post", event.id, event.author_id)
                    for follower in followers[event.author_id]
                ]
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
    """One post by an author with very many followers: the time until a thousand of them have read it."""
    say(f"a post by somebody with {FOLLOWERS:,} followers")
    folder = copy_of(data, "star")
    author = community.members[0].id
    async with builder(folder, {}, SystemClock(), durable=True) as build:
        fans = [build.house.ids() for _ in range(FOLLOWERS)]
        _tie(folder, fans, author)
        inbox = build.house.workers["feed"].inbox
        for start in range(0, FOLLOWERS, BATCH):
            part = fans[start : start + BATCH]
            follows = [FollowCreated(follower_id=fan, followee_id=author) for fan in part]
            await inbox.take([envelope(build, follow) for follow in follows])
        await build.house.drain(rounds=100)
        readers = [fans[0], *random.Random(2).sample(fans[1:-1], 998), fans[-1]]
        posts, feed = build.api(POSTS), build.api(FEED)
        seconds, missed = [], 0
        for _ in range(5):
            begun = time.perf_counter()
            made = await build.as_(
                author, posts.create(text="hello all", visibility=Scope.PUBLIC, language="en")
            )
            await build.house.drain(rounds=100)
            for fan in readers:
                page = await build.as_(fan, feed.home(cursor="", limit=20))
                missed += made.id not in [entry.id for entry in page.items]
            seconds.append(time.perf_counter() - begun)
    shutil.rmtree(folder)
    return [
        at_most("a post with 100,000 followers, read by 1,000 of them after", max(seconds), "s", 2),
        at_most("  of whom did not find it", missed, "readers", 0),
    ]


def _tie(folder: Path, fans: list[int], author: int) -> None:
    """Have graph know the followers too. Through its calls it would take minutes."""
    db = apsw.Connection(str(folder / "samovar.db"))
    db.set_busy_timeout(5000)
    with db:
        db.executemany(
            "INSERT INTO graph_bond (user_id, other_id, following) VALUES (?, ?, ?)",
            [(fan, author, fan) for fan in fans],
        )
        db.executemany(
            "INSERT INTO graph_bond (user_id, other_id, follower) VALUES (?, ?, ?)",
            [(author, fan, fan) for fan in fans],
        )
    db.close()
