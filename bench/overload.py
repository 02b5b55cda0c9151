"""Five times more than a server can answer, for a minute: what it still does, and how it comes back.

The load is the bots' engine without patience: each act is by somebody who has not been told to wait. The
engine first proves, against a server that does nothing, that it can make so many acts a second.
"""

import asyncio
import os
import random
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import apsw

from bench import servers
from bench.community import Community, copy_of
from bench.figures import Figure, at_least, at_most, note, say
from bench.web import LIVE
from samovar.app.bots.driver import drive
from samovar.app.bots.members import Bot, Crowd, Seen, Town
from samovar.app.bots.speech import Speech
from samovar.app.bots.tally import Tally
from samovar.app.bots.wire import Client

TIMES = 5
#: Acts under way at most: far more than a server that keeps its promise ever has.
MOST = 4000
MAX_SECONDS, OVERLOAD_SECONDS, PROOF_SECONDS, RECOVERY_SECONDS = 12.0, 60.0, 8.0, 12.0
#: Acts under way at once while the most that can be answered is looked for.
AT_ONCE = (8, 16, 32, 64)
#: Members' acts but for sockets and uploads, which are measured by themselves.
MIX = {
    "feed": 400, "thread": 200, "profile": 60, "public": 60, "inbox": 80, "react": 100, "post": 60,
    "reply": 40,
}  # fmt: skip
SETTINGS = {**LIVE, "SAMOVAR_REACTIONS__REACT_PER_MINUTE": "0"}


def town_of(url: str, people: Community, connections: int) -> tuple[Town, list[Bot]]:
    """The members of the benchmark's community as bots that know of its posts."""
    town = Town(Client(url, connections), Speech(), b"")
    bots = [Bot(town, one.username, one.token, str(one.id)) for one in people.members]
    dice = random.Random(7)
    for post in people.posts[-400:]:
        town.posts.append(Seen(str(post), str(dice.choice(people.members).id)))
    return town, bots


async def most_of(url: str, people: Community, seconds: float) -> tuple[float, Tally]:
    """Good answers a second, with as many acts under way as do best."""
    best, kept = 0.0, Tally()
    for at_once in AT_ONCE:
        tally, took = await _closed(url, people, at_once, seconds / len(AT_ONCE))
        if tally.good / took > best:
            best, kept = tally.good / took, tally
    return best, kept


async def _closed(url: str, people: Community, at_once: int, seconds: float) -> tuple[Tally, float]:
    """So many act again as soon as they are answered."""
    town, bots = town_of(url, people, at_once)
    crowd, tally = Crowd(town, bots, MIX, patient=False), Tally()
    loop = asyncio.get_running_loop()
    begun = loop.time()

    async def one() -> None:
        while (sent := loop.time()) - begun < seconds:
            found = await crowd.act()
            assert found is not None
            kind, answer = found
            tally.note(kind, answer.status, answer.trouble, loop.time() - begun, loop.time() - sent)

    await asyncio.gather(*(one() for _ in range(at_once)))
    took = loop.time() - begun
    await town.client.close()
    return tally, took


async def against(url: str, people: Community, rate: float, seconds: float) -> tuple[Tally, float, Town]:
    """So many acts a second, whatever comes of them."""
    town, bots = town_of(url, people, MOST)
    tally = Tally()
    crowd = Crowd(town, bots, MIX, patient=False)
    took = await drive(crowd.act, rate=rate, seconds=seconds, stop=asyncio.Event(), tally=tally, most=MOST)
    await town.client.close()
    return tally, took, town


@asynccontextmanager
async def nothing() -> AsyncIterator[str]:
    """A server that does nothing, on a core of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "samovar.app.bots.empty", stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    os.sched_setaffinity(process.pid, {servers.SERVER_CORE})
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.stdin.close()
        await process.wait()


async def recovered(url: str, people: Community, rate: float, seconds: float) -> float:
    """Seconds after the flood until nothing is refused any more, and half of the acts are answered quickly,
    at half of what the server can."""
    tally, _, _ = await against(url, people, rate / 2, seconds)
    for second in range(int(seconds)):
        rest = [tally.seconds.get(later, {}) for later in range(second, int(seconds))]
        if not any(counts.get("refused", 0) + counts.get("errors", 0) for counts in rest):
            return float(second)
    return seconds


def lost(data: Path, acknowledged: list[str]) -> int:
    """How many acknowledged posts are not there."""
    db = apsw.Connection(str(data / "samovar.db"))
    there = {row[0] for row in db.execute("SELECT id FROM posts_post")}
    db.close()
    return sum(int(one) not in there for one in acknowledged)


async def overload(data: Path, people: Community, seconds: float = OVERLOAD_SECONDS) -> list[Figure]:
    """The figure of the issue."""
    say("five times more than can be answered")
    folder = copy_of(data, "overload")
    with servers.samovar(folder, SETTINGS) as (port, process, _):
        url = f"http://127.0.0.1:{port}"
        await most_of(url, people, 3)
        most, unloaded = await most_of(url, people, MAX_SECONDS)
        rate = TIMES * most
        say(f"  at most {most:.0f} good answers a second; now {rate:.0f} acts a second")
        async with nothing() as empty:
            proof, proof_took, _ = await against(empty, people, rate, PROOF_SECONDS)
        made = proof.count / proof_took
        begun = time.monotonic()
        tally, took, town = await against(url, people, rate, seconds)
        say(f"  {tally.count} acts in {took:.0f} s, {tally.good} good, {tally.refused} refused")
        if tally.wrong:
            say(f"  wrong: {tally.troubles}")
        back = await recovered(url, people, most, RECOVERY_SECONDS)
        say(f"  {time.monotonic() - begun:.0f} s in all")
        alive = process.poll() is None
    gone = lost(folder, town.acknowledged)
    shutil.rmtree(folder)
    goodput = tally.good_in(2, int(took)) / max(1, int(took) - 2)
    kept = [name for name in tally.kinds if tally.kinds[name].good]
    slow = max((tally.figures()[name].p95 for name in kept), default=0.0)
    return [
        at_least(
            "acts the bots make against an empty handler, of five times the most", 100 * made / rate, "%", 95
        ),
        at_least("goodput at five times the load, of the most", 100 * goodput / most, "%", 70),
        at_most("answers that are neither good nor 429 or 503", tally.wrong, "answers", 0),
        at_most("recovery", back, "s", 10),
        at_most("acknowledged posts lost", gone, "posts", 0),
        at_least("the server lives", float(alive), "yes", 1),
        note("the most that was answered well", most, "acts/s"),
        note("p95 without overload, feed", unloaded.figures()["feed"].p95, "ms"),
        note("acts made in the overload", tally.count / took, "acts/s"),
        note("good answers in the overload", goodput, "acts/s"),
        note("refused", 100 * tally.refused / max(1, tally.count), "%"),
        note("slowest kind's p95 in the overload, refusals with it", slow, "ms"),
        note("posts acknowledged in the overload", len(town.acknowledged), "posts"),
        note("acts held back by the engine", tally.held_back, "acts"),
    ]
