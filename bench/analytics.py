"""Figures over a million facts: how soon the operators' dashboard has its answers, and how many events a
second are taken in and counted, through the inbox."""

import asyncio
import random
import shutil
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from bench.community import Builder, builder
from bench.fanout import envelope
from bench.figures import OUT, Figure, at_least, at_most, note, say
from samovar.app.backends import BULK
from samovar.app.operate import OPERATOR
from samovar.contracts.analytics import ANALYTICS
from samovar.contracts.graph import FollowCreated
from samovar.contracts.items import ItemCreated
from samovar.contracts.reactions import ReactionAdded
from samovar.kernel.clock import DAY, SECOND, VirtualClock
from samovar.kernel.context import calling
from samovar.kernel.contract import Event
from samovar.kernel.facts import Fact
from samovar.kernel.facts.rollups import RollUps
from samovar.kernel.ids import first_id_at
from samovar.kernel.outbox import Envelope
from samovar.services.analytics.tables import FACTS

NUMBER, PEOPLE, POSTS, DAYS = 1_000_000, 5_000, 40_000, 365
#: As many events as a relay brings at once, and how many batches are measured.
BATCH, BATCHES = 500, 100
ASKED, PERIODS = 15, (30, 365)
Post = tuple[int, int]


def history(dice: random.Random, end: int) -> Iterator[Fact]:
    """A year of a community of five thousand, in order: mostly views, of what is new."""
    start, step = end - DAYS * DAY, DAYS * DAY // NUMBER
    posts: list[Post] = []
    for number in range(NUMBER):
        at = start + number * step
        id, what = first_id_at(at) + number % (1 << 21), dice.random()
        share = number / NUMBER
        actor = 1 + min(int(PEOPLE * dice.random() ** 2), int(PEOPLE * share))
        if number % (NUMBER // PEOPLE) == 0:
            yield Fact(id, "registered", at, 1 + number * PEOPLE // NUMBER)
        elif number % (NUMBER // POSTS) == 0 or not posts:
            posts.append((id, actor))
            yield Fact(id, "created", at, actor, "post", id, actor)
        elif what < 0.05:
            whom = 1 + dice.randrange(PEOPLE)
            yield Fact(id, "followed", at, actor, "person", whom, whom)
        else:
            post, owner = posts[max(0, len(posts) - 1 - int(dice.expovariate(1 / 300)))]
            name = (
                "viewed"
                if what < 0.7
                else "reacted"
                if what < 0.9
                else "replied"
                if what < 0.97
                else "shared"
            )
            yield Fact(id, name, at, 0 if name == "viewed" and what < 0.3 else actor, "post", post, owner)


async def made(clock: VirtualClock) -> Path:
    """A folder with the file of facts, made once."""
    folder = OUT / "facts"
    kept = folder / f"{NUMBER}-{clock.now() // DAY}.db"
    work = folder / "data"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    if kept.exists():
        shutil.copy(kept, work / BULK)
        return work
    say(f"a history of {NUMBER:,} facts")
    for old in folder.glob("*.db"):
        old.unlink()
    async with builder(work, {}, clock) as build:
        rollups = RollUps(build.house.kits["analytics"].db, FACTS)
        facts, piece = history(random.Random(4), clock.now()), list[Fact]()
        for fact in facts:
            piece.append(fact)
            if len(piece) == BATCH:
                await rollups.take(piece)
                piece = []
        await rollups.take(piece)
        build.house.backends.bulk._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    shutil.copy(work / BULK, kept)
    return work


async def analytics() -> list[Figure]:
    """Everything about figures."""
    clock = VirtualClock(time.time_ns() // 1000 // DAY * DAY + 20 * 3600 * SECOND)
    folder = await made(clock)
    async with builder(folder, {}, clock, durable=True) as build:
        figures = await _dashboard(build)
        figures += await _taken(build, clock)
    shutil.rmtree(folder)
    return figures


async def _dashboard(build: Builder) -> list[Figure]:
    """All that the page of figures asks for, as it asks: at once."""
    api = build.api(ANALYTICS)

    def calls(days: int) -> dict[str, Callable[[], Awaitable[Any]]]:
        return {
            "summary": lambda: api.summary(days=days),
            "popular": lambda: api.popular(kind="", days=days, limit=20),
            "active": lambda: api.active_people(days=days, limit=10),
            "retention": lambda: api.retention(weeks=8),
            "funnel": lambda: api.funnel(days=days),
        }

    figures = []
    for days in PERIODS:
        took, worked = [], []
        for _ in range(ASKED):
            begun, work = time.perf_counter(), time.process_time()
            with calling(OPERATOR):
                await asyncio.gather(*(call() for call in calls(days).values()))
            took.append(1000 * (time.perf_counter() - begun))
            worked.append(1000 * (time.process_time() - work))
        figures.append(
            at_most(f"operators' dashboard of {days} days, {NUMBER:,} facts", max(took), "ms", 300)
        )
        figures.append(note("  of that, the first time", took[0], "ms"))
        figures.append(note("  by processor time alone", max(worked), "ms"))
        for name, call in calls(days).items():
            begun = time.perf_counter()
            with calling(OPERATOR):
                await call()
            figures.append(note(f"  {name}", 1000 * (time.perf_counter() - begun), "ms"))
    return figures


def _happening(build: Builder, dice: random.Random, posts: list[Post]) -> Event:
    now, actor, what = build.clock.now(), 1 + dice.randrange(PEOPLE), dice.random()
    if what < 0.2:
        post = build.house.ids()
        posts.append((post, actor))
        return ItemCreated(kind="post", id=post, author_id=actor, created_at=now, language="en")
    post, author = dice.choice(posts[-2000:])
    if what < 0.9:
        return ReactionAdded(
            kind="post", item_id=post, user_id=actor, type="like", author_id=author, created_at=now
        )
    return FollowCreated(follower_id=actor, followee_id=1 + dice.randrange(PEOPLE), created_at=now)


async def _taken(build: Builder, clock: VirtualClock) -> list[Figure]:
    """Events taken by the inbox and counted to the last, durably, onto what is there."""
    dice, posts = random.Random(6), [(build.house.ids(), 1)]
    worker = build.house.workers["analytics"]
    rates, inbox, worked = [], [], []
    for _ in range(BATCHES // 10):
        batches: list[list[Envelope]] = []
        for _ in range(10):
            clock.advance(1)
            batches.append([envelope(build, _happening(build, dice, posts)) for _ in range(BATCH)])
        begun, work = time.perf_counter(), time.process_time()
        for batch in batches:
            await worker.inbox.take(batch)
        inbox.append(time.perf_counter() - begun)
        (loop,) = worker._loops
        while await loop.step():
            pass
        rates.append(10 * BATCH / (time.perf_counter() - begun))
        worked.append(10 * BATCH / (time.process_time() - work))
    return [
        at_least("events taken in and counted", statistics.median(rates), "events/s", 5000),
        note("  by processor time alone", statistics.median(worked), "events/s"),
        note("  by the inbox alone", 10 * BATCH / statistics.median(inbox), "events/s"),
    ]
