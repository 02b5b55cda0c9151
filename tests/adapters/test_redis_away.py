"""What the ports do while Redis is away, hangs, or says odd things: nobody gets an error for that."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from samovar.adapters.redis import Away, Link, RedisCache, RedisLimits, RedisPresence, RedisPubSub, connect
from samovar.kernel.clock import VirtualClock
from samovar.kernel.limits import Rule
from tests.adapters.fake_redis import FakeRedis, fake_redis
from tests.adapters.stores import redis_link, until
from tests.servers import given
from tests.world import PASSWORD, World

#: Shorter than in life, so that tests are.
PATIENCE, REST = 0.5, 0.1
RULE = Rule(burst=5, per_minute=1)


@pytest.fixture
async def fake() -> AsyncIterator[FakeRedis]:
    async with fake_redis() as fake:
        yield fake


@pytest.fixture
async def link(fake: FakeRedis) -> AsyncIterator[Link]:
    link = connect(fake.url, prefix="t:", patience=PATIENCE, rest=REST)
    yield link
    await link.close()


async def away(fake: FakeRedis, how: str) -> None:
    if how == "gone":
        await fake.stop()
    else:
        fake.way = how


async def back(fake: FakeRedis, how: str) -> None:
    """Back, and the rest that it was given is over."""
    fake.way = "well"
    if how == "gone":
        await fake.start()
    await asyncio.sleep(PATIENCE + REST + 0.05)


def away_ways() -> Any:
    return pytest.mark.parametrize("how", ["gone", "silent", "rude", "odd"])


class Watch:
    """How long it took."""

    def __enter__(self) -> "Watch":
        self._begun = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._begun


@away_ways()
async def test_all_ports_answer_without_it(
    fake: FakeRedis, link: Link, clock: VirtualClock, how: str
) -> None:
    cache, limits = RedisCache(link, clock), RedisLimits(link, clock)
    presence, pubsub = RedisPresence(link, clock), RedisPubSub(link)
    await cache.set("a", 1, 60)
    await away(fake, how)
    with capture_logs() as logs, Watch() as watch:
        for _ in range(20):
            assert await cache.get("a", int) is None
            assert dict(await cache.get_many(["a", "b"], int)) == {}
            await cache.set("b", 1, 60)
            await cache.set_many({"b": 1, "c": 2}, 60)
            await cache.drop("a")
            assert (await limits.take("read:7", RULE)).allowed == (_ < 5)
            await limits.clear("other")
            await presence.touch("room", "anna", 30)
            await presence.leave("room", "anna")
            assert list(await presence.members("room", 5)) == []
            assert await presence.count("room") == 0
            await pubsub.publish("c", b"1")
    assert watch.seconds < PATIENCE + 1, "only who is first waits"
    assert [line["event"] for line in logs] == ["redis is away"], "said once, by whichever port"
    await back(fake, how)
    with capture_logs() as logs:
        await cache.set("a", 2, 60)
        assert await cache.get("a", int) == 2
    assert [line["event"] for line in logs] == ["redis is back"]
    assert link.up


async def test_it_need_not_be_there_at_first(clock: VirtualClock) -> None:
    async with fake_redis() as fake:
        await fake.stop()
        link = connect(fake.url, prefix="t:", patience=PATIENCE, rest=REST)
        cache, signals = RedisCache(link, clock), RedisPubSub(link)
        heard: list[bytes] = []
        signals.subscribe("c", heard.append)
        await signals.start(patience=0.1)
        assert await cache.get("a", int) is None
        await back(fake, "gone")
        await cache.set("a", 1, 60)
        assert await cache.get("a", int) == 1
        assert await signals.settled(5)
        await signals.publish("c", b"1")
        await until(lambda: heard == [b"1"])
        await signals.stop()
        await link.close()


async def test_the_first_waits_a_second_at_most(fake: FakeRedis, clock: VirtualClock) -> None:
    """With the patience of life: connections that hang, and hosts that say nothing at all."""
    link = connect(fake.url)
    cache = RedisCache(link, clock)
    await cache.set("a", 1, 60)
    fake.way = "silent"
    with Watch() as watch:
        assert await cache.get("a", int) is None
    assert 0.9 < watch.seconds < 1.5
    with Watch() as watch:
        await asyncio.gather(*(cache.get("a", int) for _ in range(100)))
    assert watch.seconds < 0.2
    await link.close()


async def test_many_share_one_connection(fake: FakeRedis, clock: VirtualClock) -> None:
    link = connect(fake.url, prefix="t:", rest=REST)
    cache = RedisCache(link, clock)
    await cache.set_many({f"k{n}": n for n in range(200)}, 60)
    assert await asyncio.gather(*(cache.get(f"k{n}", int) for n in range(200))) == list(range(200))
    fake.way = "silent"
    with Watch() as watch:
        assert await asyncio.gather(*(cache.get(f"k{n}", int) for n in range(200))) == [None] * 200
    assert watch.seconds < 2
    assert fake.connections == 1
    await asyncio.sleep(1)
    await back(fake, "silent")
    assert await cache.get("k7", int) == 7
    assert await asyncio.gather(*(cache.get(f"k{n}", int) for n in range(200))) == list(range(200))
    assert fake.connections == 2
    await link.close()


async def test_to_be_busy_is_not_to_be_away(fake: FakeRedis, link: Link, clock: VirtualClock) -> None:
    """Who waits too long gets nothing, and the others go on."""
    cache = RedisCache(link, clock)
    await cache.set_many({f"k{n}": n for n in range(40)}, 60)
    fake.slow[b"MGET"] = PATIENCE / 10
    found = await asyncio.gather(*(cache.get(f"k{n}", int) for n in range(40)))
    assert found[0] == 0 and found[39] is None and link.up
    fake.slow.clear()
    await until(lambda: fake.said(b"MGET") == 40)
    await asyncio.sleep(PATIENCE / 2)
    assert await cache.get("k7", int) == 7, "answers that nobody waits for are nobody else's"
    assert fake.connections == 1


async def test_after_a_rest_one_asks_for_all(fake: FakeRedis, link: Link, clock: VirtualClock) -> None:
    cache = RedisCache(link, clock)
    await cache.set("a", 1, 60)
    fake.way = "silent"
    await cache.get("a", int)
    asked = fake.said(b"MGET")
    await asyncio.sleep(REST + 0.02)
    await asyncio.gather(*(cache.get("a", int) for _ in range(50)))
    assert fake.said(b"MGET") == asked + 1


async def test_what_was_dropped_meanwhile_stays_dropped(
    fake: FakeRedis, link: Link, clock: VirtualClock
) -> None:
    """Redis comes back with all it held: a profile that was hidden must not be shown again."""
    cache = RedisCache(link, clock)
    await cache.set("a", 1, 60)
    fake.way = "silent"
    await cache.drop("a")
    await cache.drop("b", "a")
    await back(fake, "silent")
    assert fake.values, "it still has it"
    assert await cache.get("a", int) is None
    assert not fake.values
    await cache.set("a", 2, 60)
    assert await cache.get("a", int) == 2, "what is new is not taken for what was owed"


async def test_what_was_not_dropped_ends_in_its_time(
    fake: FakeRedis, link: Link, clock: VirtualClock
) -> None:
    """Seen from another process, which knows nothing of the drop."""
    cache = RedisCache(link, clock)
    await cache.set("a", 1, 60)
    (command,) = [words for words in fake.heard if words[0] == b"SET"]
    assert command[3:] == [b"PX", b"60000"], "Redis itself forgets it then"
    await fake.stop()
    await cache.drop("a")
    await back(fake, "gone")
    other_link = connect(fake.url, prefix="t:")
    other = RedisCache(other_link, clock)
    clock.advance(59)
    assert await other.get("a", int) == 1
    clock.advance(1)
    assert await other.get("a", int) is None
    await other_link.close()


async def test_guesses_stay_limited(fake: FakeRedis, link: Link, clock: VirtualClock) -> None:
    limits = RedisLimits(link, clock)
    fake.way = "silent"
    assert [(await limits.take("identity:login:1", RULE)).allowed for _ in range(8)] == [True] * 5 + [
        False
    ] * 3
    refused = await limits.take("identity:login:1", RULE)
    assert 0 < refused.retry_after <= 60
    clock.advance(60)
    assert (await limits.take("identity:login:1", RULE)).allowed
    await limits.clear("identity:login:1")
    assert (await limits.take("identity:login:1", RULE, cost=5)).allowed, "a right password clears here too"


async def test_a_script_that_was_forgotten_is_told_again(fake: FakeRedis, clock: VirtualClock) -> None:
    fake.answers[b"EVAL"] = b"*2\r\n:1\r\n$3\r\n4.5\r\n"
    link = connect(fake.url)
    decision = await RedisLimits(link, clock).take("k", RULE)
    assert decision.allowed and decision.remaining == 4
    assert (fake.said(b"EVALSHA"), fake.said(b"EVAL")) == (1, 1) and link.up
    await link.close()


async def test_what_redis_refuses_is_not_its_end(fake: FakeRedis, link: Link, clock: VirtualClock) -> None:
    """Out of memory, a replica, a key of somebody else's: reading goes on."""
    cache, limits = RedisCache(link, clock), RedisLimits(link, clock)
    await cache.set("a", 1, 60)
    fake.answers[b"SET"] = b"-OOM command not allowed when used memory > 'maxmemory'.\r\n"
    fake.answers[b"EVALSHA"] = b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
    with capture_logs() as logs:
        for _ in range(10):
            await cache.set("b", 1, 60)
            await cache.set_many({"b": 1, "c": 1}, 60)
            assert await cache.get("a", int) == 1
            await limits.take("k", RULE)
    assert not (await limits.take("k", RULE)).allowed, "counted here"
    assert [line["event"] for line in logs] == ["redis refuses a command"]
    assert link.up


async def test_a_redis_that_is_not_ready_is_away(fake: FakeRedis, link: Link, clock: VirtualClock) -> None:
    fake.answers[b"MGET"] = b"-LOADING Redis is loading the dataset in memory\r\n"
    assert await RedisCache(link, clock).get("a", int) is None
    assert not link.up


async def test_a_restart_is_not_noticed(fake: FakeRedis, link: Link, clock: VirtualClock) -> None:
    """The connection is stale then."""
    cache = RedisCache(link, clock)
    await asyncio.gather(*(cache.set(f"k{n}", n, 60) for n in range(8)))
    await fake.stop()
    await fake.start()
    with capture_logs() as logs:
        assert await asyncio.gather(*(cache.get(f"k{n}", int) for n in range(8))) == list(range(8))
    assert not logs


async def test_who_gives_up_leaves_no_answer_to_others(
    fake: FakeRedis, link: Link, clock: VirtualClock
) -> None:
    cache = RedisCache(link, clock)
    for n in range(20):
        await cache.set(f"k{n}", n, 60)
    fake.slow[b"MGET"] = 0.02
    for n in range(20):
        task = asyncio.create_task(cache.get(f"k{n}", int))
        await asyncio.sleep(0.002 * (n % 12))
        task.cancel()
        found = await asyncio.gather(*(cache.get(f"k{m}", int) for m in range(5)))
        assert found == list(range(5))
        await asyncio.gather(task, return_exceptions=True)


async def test_what_is_wrong_is_said(fake: FakeRedis) -> None:
    with pytest.raises(ValueError, match="scheme"):
        connect("127.0.0.1:6379")
    link = connect(fake.url.replace("//", "//:secret@"), patience=PATIENCE, rest=0)
    fake.answers[b"AUTH"] = b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"
    trouble = await link.trouble()
    assert "invalid username-password pair" in trouble and "secret" not in trouble
    fake.answers[b"AUTH"] = b"+OK\r\n"
    assert await link.trouble() == ""
    await fake.stop()
    assert "Connect" in await link.trouble()
    with pytest.raises(Away):
        await link.ask("PING")
    await link.close()


@pytest.mark.parametrize("how", ["gone", "silent", "odd"])
async def test_signals_are_heard_again(fake: FakeRedis, link: Link, how: str) -> None:
    signals, heard = RedisPubSub(link, silence=0.1), list[bytes]()
    signals.subscribe("c", heard.append)
    await signals.start()
    await signals.publish("c", b"1")
    await until(lambda: heard == [b"1"])
    with capture_logs() as logs:
        await away(fake, how)
        await until(lambda: not signals._settled.is_set())
        await signals.publish("c", b"lost")
        stop = signals.subscribe("more", heard.append)
        await asyncio.sleep(0.5)
        await back(fake, how)
        assert await signals.settled(10)
        await signals.publish("more", b"2")
        await signals.publish("c", b"3")
        await until(lambda: heard == [b"1", b"2", b"3"])
    said = [line["event"] for line in logs if "signals" in line["event"]]
    assert said == ["signals of other processes are not heard", "signals of other processes are heard again"]
    stop()
    await signals.stop()
    connections = fake.connections
    await asyncio.sleep(0.3)
    assert fake.connections == connections, "after a stop nobody comes back"


async def test_listening_stands_quiet_times(fake: FakeRedis, link: Link) -> None:
    signals, heard = RedisPubSub(link, silence=0.05), list[bytes]()
    await signals.start()
    await asyncio.sleep(0.5)
    signals.subscribe("c", heard.append)
    assert await signals.settled(5)
    await signals.publish("c", b"1")
    await until(lambda: heard)
    assert fake.connections == 2, "one to listen, one to speak"
    await signals.stop()


async def test_what_is_wanted_changes_faster_than_redis_answers(fake: FakeRedis, link: Link) -> None:
    signals, heard = RedisPubSub(link), list[bytes]()
    fake.slow = {b"SUBSCRIBE": 0.01, b"UNSUBSCRIBE": 0.01}
    await signals.start()
    for number in range(20):
        stop: Callable[[], None] = signals.subscribe("c", heard.append)
        await asyncio.sleep(0.001 * (number % 15))
        stop()
        if number % 3 == 0:
            await asyncio.sleep(0.003)
    stop = signals.subscribe("c", heard.append)
    assert await signals.settled(5)
    await signals.publish("c", b"1")
    await until(lambda: heard == [b"1"])
    await signals.stop()


async def test_a_flush_is_not_noticed(clock: VirtualClock) -> None:
    """The real one, emptied of data and scripts."""
    async with redis_link() as own:
        link = connect(urlsplit(given("redis"))._replace(path="/15").geturl(), prefix=own.key(""))
        cache, limits, presence = (
            RedisCache(link, clock),
            RedisLimits(link, clock),
            RedisPresence(link, clock),
        )
        for _ in range(3):
            await link.ask("FLUSHDB")
            await link.ask("SCRIPT", "FLUSH")
            assert await cache.get("a", int) is None
            await cache.set("a", 1, 60)
            assert await cache.get("a", int) == 1
            assert (await limits.take("k", RULE)).remaining == 4
            await presence.touch("room", "anna", 30)
            assert await presence.count("room") == 1
        assert link.up
        await link.ask("FLUSHDB")
        await link.close()


@pytest.mark.parametrize("how", ["gone", "silent"])
async def test_the_community_goes_on(
    fake: FakeRedis,
    link: Link,
    how: str,
    tmp_path: Path,
    template: Path,
) -> None:
    """Sessions are kept, what is asked is answered, what is written is there, and guesses are limited."""
    signals = RedisPubSub(link, silence=0.1)
    fake.answers[b"EVAL"] = b"*2\r\n:1\r\n$1\r\n9\r\n"
    await signals.start()
    world = World(tmp_path, "embedded")
    world.instead = {
        "cache": RedisCache(link, world.clock), "limits": RedisLimits(link, world.clock),
        "presence": RedisPresence(link, world.clock), "pubsub": signals,
    }  # fmt: skip
    await world.start(template)
    async with world.http() as app, world.browser() as browser:
        person = {"username": "anna", "email": "anna@example.org", "password": PASSWORD}
        made = (await app.post("/api/auth/register", json=person)).json()
        app.headers["authorization"] = f"Bearer {made['access_token']}"
        await world.drain()
        signed_in = await browser.post("/login", data={"username": "anna", "password": PASSWORD})
        assert signed_in.status_code == 303
        assert (await browser.get("/settings/profile")).status_code == 200
        for number, state in enumerate((how, "well")):
            await (away(fake, how) if state != "well" else back(fake, how))
            world.clock.advance(10)  # nothing is believed from before
            with Watch() as watch:
                assert (await app.put("/api/users/@anna", json={"bio": state})).status_code == 200
                assert (await app.get("/api/users/@anna")).json()["bio"] == state
                posted = await app.post("/api/posts", json={"text": f"Tea {state}"})
                assert posted.status_code == 201
                await world.drain()
                feed = (await app.get("/api/feed")).json()
                assert feed["items"][0]["text"] == f"Tea {state}"
                page = await browser.get("/")
                assert page.status_code == 200 and f"Tea {state}" in page.text
                other = {
                    "username": f"boris{number}",
                    "email": f"b{number}@example.org",
                    "password": PASSWORD,
                }
                assert (await world.http().post("/api/auth/register", json=other)).status_code == 201
                guess = {"username": "anna", "password": "not this one"}
                guesses = [await world.http().post("/api/auth/login", json=guess) for _ in range(20)]
                statuses = {answer.status_code for answer in guesses}
                assert statuses == ({401, 429} if state != "well" else {401})
            assert watch.seconds < 30
        assert (await browser.post("/logout")).status_code == 303
        assert (await browser.get("/settings/profile")).status_code == 303
    await signals.stop()
    await world.close()
