"""What every keeper of token buckets must do."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from samovar.adapters.redis import RedisLimits
from samovar.kernel.clock import VirtualClock
from samovar.kernel.limits import Limits, MemoryLimits, Rule
from tests.adapters.stores import redis_link


@pytest.fixture(params=["memory", "redis"])
async def limits(request: pytest.FixtureRequest, clock: VirtualClock) -> AsyncIterator[Limits]:
    if request.param == "memory":
        yield MemoryLimits(clock)
    else:
        async with redis_link() as link:
            yield RedisLimits(link, clock)


async def test_a_bucket_empties_and_fills(limits: Limits, clock: VirtualClock) -> None:
    rule = Rule(burst=3, per_minute=6)
    assert [(await limits.take("k", rule)).remaining for _ in range(3)] == [2, 1, 0]
    refused = await limits.take("k", rule)
    assert not refused.allowed and 9 < refused.retry_after <= 10 and refused.reset_after == 30
    assert (await limits.take("other", rule)).allowed
    clock.advance(10)
    assert (await limits.take("k", rule)).allowed
    assert not (await limits.take("k", rule)).allowed
    await limits.clear("k")
    assert (await limits.take("k", rule, cost=3)).allowed
    clock.advance(3600)
    assert (await limits.take("k", rule)).remaining == 2, "never fuller than full"


async def test_looking_takes_nothing(limits: Limits) -> None:
    rule = Rule(burst=2, per_minute=1)
    assert [(await limits.take("k", rule, cost=0)).remaining for _ in range(3)] == [2, 2, 2]
    await limits.take("k", rule)
    assert (await limits.take("k", rule, cost=0)).remaining == 1
    assert not (await limits.take("k", rule, cost=2)).allowed
    assert (await limits.take("k", rule)).allowed, "what was refused cost nothing"


async def test_of_many_at_once_no_more_go_through(limits: Limits) -> None:
    rule = Rule(burst=7, per_minute=1)
    decisions = await asyncio.gather(*(limits.take("k", rule) for _ in range(60)))
    assert sum(each.allowed for each in decisions) == 7


async def test_a_clock_that_is_put_back_fills_nothing(limits: Limits, clock: VirtualClock) -> None:
    """As those of several machines seem to be, seen from one bucket."""
    rule = Rule(burst=2, per_minute=60)
    assert (await limits.take("k", rule, cost=2)).allowed
    for _ in range(5):
        clock.advance(-5)
        assert not (await limits.take("k", rule)).allowed
        clock.advance(5)
        assert not (await limits.take("k", rule)).allowed
    clock.advance(1)
    assert (await limits.take("k", rule)).allowed


async def test_redis_counts_as_memory_does(clock: VirtualClock) -> None:
    chance = random.Random(7)
    memory = MemoryLimits(clock)
    async with redis_link() as link:
        limits = RedisLimits(link, clock)
        rules = [Rule(3, 0.7), Rule(120, 120.0), Rule(1, 100_000), Rule(10**9, 1 / 3)]
        for _ in range(400):
            rule, cost = chance.choice(rules), chance.choice((0, 1, 1, 1, 2, 5))
            key = f"k{rules.index(rule)}"
            found, told = await limits.take(key, rule, cost), await memory.take(key, rule, cost)
            assert (found.allowed, found.remaining) == (told.allowed, told.remaining)
            assert found.retry_after == pytest.approx(told.retry_after)
            assert found.reset_after == pytest.approx(told.reset_after)
            if chance.random() < 0.02:
                await limits.clear(key)
                await memory.clear(key)
            clock.advance(chance.choice((0.0, 0.000001, 0.3, 7.1, 86_400.0)))


async def test_redis_keeps_a_bucket_until_it_would_be_full(clock: VirtualClock) -> None:
    async with redis_link() as link:
        limits = RedisLimits(link, clock)
        await limits.take("k", Rule(burst=10, per_minute=6), cost=3)
        assert 30_000 <= await link.ask("PTTL", link.key("limit:k")) <= 91_000
        await limits.take("looked", Rule(burst=10, per_minute=6), cost=0)
        assert not await link.ask("EXISTS", link.key("limit:looked"))


async def test_processes_share_buckets_in_redis(clock: VirtualClock) -> None:
    rule = Rule(burst=4, per_minute=1)
    async with redis_link() as link:
        decisions = [await RedisLimits(link, clock).take("k", rule) for _ in range(5)]
    assert [each.allowed for each in decisions] == [True] * 4 + [False]


async def test_redis_may_lose_everything(clock: VirtualClock) -> None:
    """Its scripts too, as after a restart."""
    rule = Rule(burst=1, per_minute=1)
    async with redis_link() as link:
        limits = RedisLimits(link, clock)
        assert (await limits.take("k", rule)).allowed
        assert not (await limits.take("k", rule)).allowed
        await link.ask("SCRIPT", "FLUSH")
        assert not (await limits.take("k", rule)).allowed
        await link.ask("DEL", link.key("limit:k"))
        await link.ask("SCRIPT", "FLUSH")
        assert (await limits.take("k", rule)).allowed
        assert link.up
