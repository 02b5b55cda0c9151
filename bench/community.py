"""A community to measure on, made through the services themselves, in this process and not durably.

1,000 members follow 20 others each and write 10,000 posts over ten days that end now: a fifth are
replies, some carry tags, some are passed on or liked.
"""

import asyncio
import random
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from bench.figures import OUT, say
from samovar.adapters.sqlite import SqliteEngine
from samovar.app.backends import bulk_of, embedded
from samovar.app.config import load
from samovar.app.house import House
from samovar.app.registry import all_services
from samovar.app.serve import settle_memory
from samovar.contracts.common import ItemRef, Scope
from samovar.contracts.graph import GRAPH
from samovar.contracts.identity import IDENTITY
from samovar.contracts.posts import POSTS
from samovar.contracts.reactions import REACTIONS
from samovar.kernel.clock import DAY, Clock, VirtualClock
from samovar.kernel.context import Call, calling
from samovar.kernel.settings import Source

MEMBERS, FOLLOWEES, POSTS_MADE, DAYS = 1_000, 20, 10_000, 10
#: So many of them have a browser's cookie as well.
BROWSERS = 50
SEED = 7
#: Settings under which the community is made, and served afterwards.
SETTINGS = {
    "SAMOVAR_IDENTITY__ARGON_MEMORY_KIB": "64",
    "SAMOVAR_IDENTITY__ARGON_PASSES": "1",
    "SAMOVAR_IDENTITY__ACCESS_SECONDS": "86400",
    "SAMOVAR_EDGE__RATE_LIMITS": "off",
}
TEXT = (
    "the samovar hums and somebody brings jam while rain taps at the window of our small kitchen "
    "чай остывает на подоконнике а мы всё говорим о саде о книгах и о том что будет весной "
    "a long walk by the river then soup and the good bread from the corner bakery again today"
)
WORDS = TEXT.split()
TAGS = ("tea", "garden", "books", "чай", "weather", "bread", "music", "walks")


class Member(msgspec.Struct, frozen=True):
    id: int
    username: str
    token: str
    #: A browser's cookie, for some.
    cookie: str = ""


class Community(msgspec.Struct, frozen=True):
    """Who is there. Kept beside the database, so that one build serves many runs."""

    members: list[Member]
    posts: list[int]
    made_at: float


class Builder:
    """The product in this process, with a clock that is moved by hand."""

    def __init__(self, house: House, clock: Any) -> None:
        self.house = house
        self.clock = clock

    def api(self, contract: Any) -> Any:
        return self.house.peers.get(contract)

    async def as_(self, user_id: int | None, call: Awaitable[Any], address: str = "") -> Any:
        with calling(Call(actor=user_id, roles=("user",), address=address)):
            return await call


@asynccontextmanager
async def builder(
    data: Path, settings: dict[str, str], clock: Clock, *, durable: bool = False
) -> AsyncIterator[Builder]:
    """A house over a database, without its background work; Python's collector is set as in a server."""
    config = load(data)
    async with AsyncExitStack() as stack:
        engine = SqliteEngine(data / "samovar.db", durable=durable)
        await engine.start()
        stack.push_async_callback(engine.close)
        backends = embedded(clock, engine, data, bulk=await bulk_of(data, stack, durable=durable))
        house = House(
            all_services(), backends, Source(None, settings), site=config.site, secret=config.secret
        )
        await house.migrate()
        settle_memory()
        yield Builder(house, clock)


async def together(calls: Iterable[Awaitable[Any]], at_once: int = 64) -> list[Any]:
    """All results, with a bounded number under way."""
    gate = asyncio.Semaphore(at_once)

    async def one(call: Awaitable[Any]) -> Any:
        async with gate:
            return await call

    return await asyncio.gather(*(one(call) for call in calls))


def copy_of(data: Path, name: str) -> Path:
    """A community of one's own, to be changed and thrown away."""
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(data, folder, ignore=shutil.ignore_patterns("mail"))
    return folder


def text_of(dice: random.Random) -> str:
    words = [dice.choice(WORDS) for _ in range(dice.randint(6, 40))]
    if dice.random() < 0.2:
        words.append(f"#{dice.choice(TAGS)}")
    return " ".join(words)


async def community(fresh: bool = False) -> tuple[Path, Community]:
    """The folder of a community and who is in it; built when there is none from today."""
    data = OUT / "community"
    kept = data / "community.json"
    if kept.exists() and not fresh:
        found = msgspec.json.decode(kept.read_bytes(), type=Community)
        if time.time() - found.made_at < 12 * 3600:
            return data, found
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    say(f"making a community of {MEMBERS:,} members and {POSTS_MADE:,} posts")
    clock = VirtualClock(time.time_ns() // 1000 - DAYS * DAY)
    async with builder(data, SETTINGS, clock) as build:
        made = await _fill(build)
    kept.write_bytes(msgspec.json.encode(made))
    return data, made


async def _fill(build: Builder) -> Community:
    dice = random.Random(SEED)
    identity = build.api(IDENTITY)
    grants = await together(
        build.as_(
            None,
            identity.register(
                username=f"member{index}", email=f"member{index}@example.org", password="a quiet kettle hums",
                locale="en", device="bench", browser=False,
            ),
            address=f"10.0.{index // 250}.{index % 250}",
        )
        for index in range(MEMBERS)
    )  # fmt: skip
    people = [grant.account.id for grant in grants]
    await build.house.drain()
    say("  members are there")
    await _follow(build, dice, people)
    posts = await _write(build, dice, people)
    # The clock shows now again: trade the old tokens for fresh ones.
    build.clock.advance(max(0, time.time() - build.clock.now() / 1e6))
    fresh = await together(
        build.as_(None, identity.refresh(refresh_token=grant.refresh_token)) for grant in grants
    )
    await build.house.drain()
    browsers = await together(
        build.as_(
            None,
            identity.login(
                name=f"member{index}", password="a quiet kettle hums", otp=None, device="bench", browser=True
            ),
            address=f"10.1.0.{index}",
        )
        for index in range(BROWSERS)
    )
    cookies = {grant.account.id: grant.cookie_token for grant in browsers}
    members = [
        Member(
            grant.account.id, grant.account.username, grant.access_token, cookies.get(grant.account.id, "")
        )
        for grant in fresh
    ]
    return Community(members, posts, time.time())


async def _follow(build: Builder, dice: random.Random, people: list[int]) -> None:
    graph = build.api(GRAPH)
    for round_ in range(FOLLOWEES):
        # A shift is a permutation without fixed points: nobody is followed twice by one, or by themself.
        shift = 1 + round_ * 37
        order = people[shift:] + people[:shift]
        await together(
            build.as_(one, graph.follow(user_id=other)) for one, other in zip(people, order, strict=True)
        )
        build.clock.advance(60)
        await build.house.drain(rounds=100)
    say("  they follow each other")


async def _write(build: Builder, dice: random.Random, people: list[int]) -> list[int]:
    posts, reactions = build.api(POSTS), build.api(REACTIONS)
    made: list[int] = []
    step = DAYS * 86_400 * 0.98 / POSTS_MADE
    while len(made) < POSTS_MADE:
        calls = []
        for author in dice.sample(people, 100):
            parent = dice.choice(made[-500:]) if made and dice.random() < 0.2 else None
            calls.append(
                build.as_(
                    author,
                    posts.create(
                        text=text_of(dice), visibility=Scope.PUBLIC, language="en", in_reply_to_id=parent
                    ),
                )
            )
        fresh = await together(calls)
        made += [post.id for post in fresh]
        await together(
            [
                build.as_(person, posts.repost(id=dice.choice(made[-500:])))
                for person in dice.sample(people, 5)
            ]
            + [
                build.as_(
                    person,
                    reactions.react(item=ItemRef(kind="post", id=dice.choice(made[-500:])), type="like"),
                )
                for person in dice.sample(people, 50)
            ]
        )
        build.clock.advance(step * 100)
        await build.house.drain(rounds=100)
    say("  and have written")
    return made
