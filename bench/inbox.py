"""The inbox over HTTP, and how fast what people do becomes notifications."""

import asyncio
import random
import shutil
import statistics
import time
from pathlib import Path

import apsw
import msgspec

from bench import load, servers
from bench.community import Builder, Community, builder, copy_of
from bench.fanout import envelope
from bench.figures import Figure, at_least, at_most, note, say
from bench.web import LIVE, in_turn
from samovar.contracts.common import Scope
from samovar.contracts.graph import FollowCreated
from samovar.contracts.posts import PostCreated
from samovar.contracts.reactions import ReactionAdded
from samovar.kernel.clock import VirtualClock
from samovar.kernel.contract import Event

#: As many events as the relay takes at once.
BATCH = 500
ROUNDS = 7
SECONDS, CONNECTIONS = 3.0, 16
ACTS_A_SECOND = 50
INSERT = (
    "INSERT INTO notifications_note (id, user_id, position, type, kind, item_id, subject, slot, actors,"
    " number, read, created_at, updated_at, data) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 0, ?, ?, ?)"
)
Post = tuple[int, int]


def posts_in(folder: Path) -> list[Post]:
    """The newest posts and whose they are."""
    db = apsw.Connection(str(folder / "samovar.db"), flags=apsw.SQLITE_OPEN_READONLY)
    rows = db.execute("SELECT id, author_id FROM posts_post ORDER BY id DESC LIMIT 4000").fetchall()
    db.close()
    return [(int(row[0]), int(row[1])) for row in rows]


def happening(build: Builder, dice: random.Random, people: list[int], posts: list[Post]) -> Event:
    """Something that somebody does: mostly they react, sometimes they write to others or follow."""
    now, actor, what = build.clock.now(), dice.choice(people), dice.random()
    if what < 0.5:
        post, author = dice.choice(posts)
        return ReactionAdded(
            kind="post", item_id=post, user_id=actor, type="like", author_id=author, created_at=now
        )
    if what < 0.9:
        post, author = dice.choice(posts)
        return PostCreated(
            post_id=build.house.ids(), author_id=actor, visibility=Scope.PUBLIC, in_reply_to_id=post,
            in_reply_to_author_id=author, mentioned_ids=tuple(dice.sample(people, 2)), created_at=now,
            root_id=post,
        )  # fmt: skip
    return FollowCreated(follower_id=actor, followee_id=dice.choice(people), created_at=now)


def count(db: apsw.Connection) -> int:
    """How many times somebody was told of somebody."""
    for (number,) in db.execute("SELECT count(*) FROM notifications_act"):
        return int(number)
    return 0


async def made(data: Path, community: Community) -> list[Figure]:
    """Notifications made per second from events, and rows of bare grouped inserts into the same table."""
    say("notifications from events")
    folder = copy_of(data, "inbox")
    posts = posts_in(folder)
    people = [member.id for member in community.members]
    dice, clock = random.Random(3), VirtualClock(time.time_ns() // 1000)
    ours, raw = [], []
    async with builder(folder, {}, clock, durable=True) as build:
        inbox = build.house.workers["notifications"].inbox
        db = apsw.Connection(str(folder / "samovar.db"))
        db.set_busy_timeout(5000)
        db.execute("PRAGMA synchronous=FULL; PRAGMA cache_size=-8000")
        for _ in range(ROUNDS):
            clock.advance(60)
            batch = [envelope(build, happening(build, dice, people, posts)) for _ in range(BATCH)]
            before = count(db)
            begun = time.perf_counter()
            await inbox.take(batch)
            seconds = time.perf_counter() - begun
            ours.append((count(db) - before) / seconds)
            grouped = [_rows(build, dice, people, posts) for _ in range(BATCH)]
            begun = time.perf_counter()
            with db:
                for group in grouped:
                    db.executemany(INSERT, group)
            raw.append(sum(map(len, grouped)) / (time.perf_counter() - begun))
        db.close()
    shutil.rmtree(folder)
    rate, bare = statistics.median(ours), statistics.median(raw)
    return [
        at_least("notifications from events, of raw grouped inserts", 100 * rate / bare, "%", 30),
        note("notifications from events", rate, "notifications/s"),
        note("raw grouped inserts of lines", bare, "rows/s"),
    ]


def _rows(
    build: Builder, dice: random.Random, people: list[int], posts: list[Post]
) -> list[tuple[int | str, ...]]:
    """The lines of one event, as many as events bring on average."""
    now, rows = build.clock.now(), []
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        id, (post, _author), actor = build.house.ids(), dice.choice(posts), dice.choice(people)
        rows.append(
            (id, dice.choice(people), id, "mentioned", "post", post, f"mentioned:post:{id}", f"[{actor}]", 1,
             now, now, "null")
        )  # fmt: skip
    return rows


async def read(data: Path, community: Community) -> list[Figure]:
    """`GET /api/notifications` of all members in turn, against the same bytes from memory; and the feed
    while people react and are told of it."""
    say("the inbox over HTTP")
    folder = copy_of(data, "inbox")
    await _fill(folder, community)
    inbox = in_turn([load.get("/api/notifications?limit=20", member.token) for member in community.members])
    feed = in_turn([load.get("/api/feed?limit=20", member.token) for member in community.members])
    ours, bare, quiet, busy = [], [], [], []
    with servers.samovar(folder, LIVE) as (port, _, _):
        bodies = await _bodies(port, community)
        (folder / "bodies.json").write_bytes(msgspec.json.encode([body.decode() for body in bodies]))
        with servers.bare(folder) as (bare_port, _):
            again = in_turn([load.get("/feed")])
            await load.closed(port, inbox, connections=CONNECTIONS, seconds=1)
            await load.closed(port, feed, connections=CONNECTIONS, seconds=1)
            for _ in range(3):
                bare.append(await load.closed(bare_port, again, connections=CONNECTIONS, seconds=SECONDS / 2))
                ours.append(await load.closed(port, inbox, connections=CONNECTIONS, seconds=SECONDS))
                quiet.append(await load.closed(port, feed, connections=CONNECTIONS, seconds=SECONDS))
                busy.append(await _while_acting(port, feed, folder, community))
    shutil.rmtree(folder)
    rate = statistics.median(outcome.rate for outcome in ours)
    plain = statistics.median(outcome.rate for outcome in bare)
    calm = statistics.median(outcome.percentile(99) for outcome in quiet)
    under = statistics.median(outcome.percentile(99) for outcome in busy)
    wrong = sum(sum(outcome.wrong.values()) for outcome in (*ours, *bare, *quiet, *busy))
    return [
        at_least("GET /api/notifications, of bare Litestar with the same bytes", 100 * rate / plain, "%", 15),
        note("GET /api/notifications", rate, "requests/s"),
        note("bare Litestar, the same bytes", plain, "requests/s"),
        note("bytes of an inbox", statistics.median(map(len, bodies)), "bytes"),
        at_most("feed p99 while people are told of things, over before", under / calm, "times", 3),
        at_most("inbox, wrong answers", wrong, "answers", 0),
    ]


async def _fill(folder: Path, community: Community) -> None:
    """Give everybody an inbox: what people did about posts that there are."""
    posts, people = posts_in(folder), [member.id for member in community.members]
    dice, clock = random.Random(5), VirtualClock(time.time_ns() // 1000 - 3_600_000_000)
    async with builder(folder, {}, clock) as build:
        inbox = build.house.workers["notifications"].inbox
        for _ in range(50):
            clock.advance(60)
            events: list[Event] = []
            for _ in range(BATCH):
                post, author = dice.choice(posts)
                actor = dice.choice(people)
                if dice.random() < 0.7:
                    events.append(
                        ReactionAdded(
                            kind="post", item_id=post, user_id=actor, type="like", author_id=author,
                            created_at=clock.now(),
                        )
                    )  # fmt: skip
                else:
                    events.append(
                        PostCreated(
                            post_id=post, author_id=author, visibility=Scope.PUBLIC, mentioned_ids=(actor,),
                            created_at=clock.now(), root_id=post,
                        )
                    )  # fmt: skip
            await inbox.take([envelope(build, event) for event in events])
    # Letters of all this would go out while the inbox is measured.
    db = apsw.Connection(str(folder / "samovar.db"))
    db.execute("DELETE FROM notifications_due; DELETE FROM notifications_jobs WHERE name = 'tell'")
    db.close()


async def _bodies(port: int, community: Community) -> list[bytes]:
    connection = await load.connect(port)
    found = [
        load.body_of(await connection.send(load.get("/api/notifications?limit=20", member.token)))
        for member in community.members
    ]
    connection.close()
    return found


async def _while_acting(port: int, feed: object, folder: Path, community: Community) -> load.Outcome:
    """The feed while people like each other's posts, each of which tells somebody."""
    stop = asyncio.Event()
    dice = random.Random(time.time_ns())
    posts = posts_in(folder)
    likes = in_turn(
        [
            load.post(f"/api/posts/{dice.choice(posts)[0]}/like", b"", dice.choice(community.members).token)
            for _ in range(2000)
        ]
    )
    acts = asyncio.create_task(load.paced(port, likes, rate=ACTS_A_SECOND, stop=stop, expect=b" 200 "))
    outcome = await load.closed(port, feed, connections=CONNECTIONS, seconds=SECONDS)  # type: ignore[arg-type]
    stop.set()
    done = await acts
    for line, times in done.wrong.items():
        outcome.wrong[line] = outcome.wrong.get(line, 0) + times
    return outcome


async def inbox(data: Path, community: Community) -> list[Figure]:
    """Both."""
    return [*await made(data, community), *await read(data, community)]
