"""The SDK of limits, over every keeper of buckets."""

from collections.abc import AsyncIterator

import pytest

from samovar.adapters.redis import RedisLimits
from samovar.kernel.clock import SECOND, VirtualClock
from samovar.kernel.context import Call, system_call
from samovar.kernel.errors import RateLimited, Unavailable
from samovar.kernel.limiter import (
    Book,
    Follower,
    Limiter,
    Listed,
    network_of,
    policy,
    read_policy,
    read_rules,
    written,
)
from samovar.kernel.limits import MemoryLimits
from samovar.kernel.pubsub import LocalPubSub
from tests.adapters.stores import redis_link

DECLARED = {"post": policy(2, 60), "read": policy(100, 100), "free": policy(0, 0)}
ANNA = Call(actor=1, session=10, address="192.0.2.1")
AGAIN = Call(actor=1, session=11, address="192.0.2.2")
STRANGER = Call(address="192.0.2.1")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(params=["memory", "redis"])
async def limiter(request: pytest.FixtureRequest, clock: VirtualClock) -> AsyncIterator[Limiter]:
    if request.param == "memory":
        yield Limiter(MemoryLimits(clock), clock, DECLARED)
    else:
        async with redis_link() as link:
            yield Limiter(RedisLimits(link, clock), clock, DECLARED)


async def test_a_person_is_one_whatever_the_session(limiter: Limiter, clock: VirtualClock) -> None:
    assert [(await limiter.take("post", call)).allowed for call in (ANNA, AGAIN, ANNA)] == [True, True, False]
    assert (await limiter.take("post", STRANGER)).allowed, "strangers of the same address are others"
    clock.advance(1)
    await limiter.demand("post", AGAIN)
    with pytest.raises(RateLimited) as refused:
        await limiter.demand("post", ANNA)
    assert 0 < (refused.value.retry_after or 0) <= 1


async def test_a_rule_may_count_by_session_or_address(limiter: Limiter) -> None:
    limiter.learn(Book(1, {"post": "1 at once, 1 a minute, per session"}))
    assert [(await limiter.take("post", call)).allowed for call in (ANNA, AGAIN, ANNA)] == [True, True, False]
    limiter.learn(Book(2, {"post": "1 at once, 1 a minute, per address"}))
    assert [(await limiter.take("post", call)).allowed for call in (ANNA, STRANGER)] == [True, False]


async def test_costs_keys_and_beginning_anew(limiter: Limiter) -> None:
    assert not (await limiter.take("post", ANNA, 3)).allowed
    assert (await limiter.take("post", ANNA, 2, key="own")).remaining == 0
    assert (await limiter.take("post", ANNA)).allowed
    await limiter.clear("post", "own")
    assert (await limiter.take("post", ANNA, key="own")).allowed


async def test_nothing_is_taken_without_a_rule_nor_of_the_system(limiter: Limiter) -> None:
    for _ in range(5):
        assert (await limiter.take("free", STRANGER)).allowed
        assert (await limiter.take("post", system_call("posts"))).allowed
    with pytest.raises(LookupError):
        await limiter.take("sleep", STRANGER)


async def test_listed_networks(limiter: Limiter, clock: VirtualClock) -> None:
    until = clock.now() + 10 * SECOND
    limiter.learn(Book(1, {}, (
        Listed("192.0.2.0/24", "block", "floods", until), Listed("192.0.2.2/32", "allow"),
        Listed("2001:db8::/32", "block"),
    )))  # fmt: skip
    refused = await limiter.take("read", ANNA)
    assert not refused.allowed and refused.retry_after == 10
    assert all([(await limiter.take("post", AGAIN)).allowed for _ in range(5)])
    for address, stand in {
        "192.0.2.9": "block", "192.0.2.2": "allow", "::ffff:192.0.2.9": "block", "2001:db8::7": "block",
        "198.51.100.1": "", "": "", "unix": "",
    }.items():  # fmt: skip
        found = limiter.standing(address)
        assert (found.stand if found else "") == stand, address
    clock.advance(10)
    assert limiter.standing("192.0.2.9") is None
    assert (await limiter.take("read", ANNA)).allowed
    limiter.learn(Book(2))
    assert limiter.standing("192.0.2.2") is None


async def test_an_older_book_and_what_it_can_not_read_change_nothing(limiter: Limiter) -> None:
    limiter.learn(Book(5, {"post": "off", "sleep": "1 a minute", "read": "nonsense"}))
    limiter.learn(Book(4, {"post": "1 a minute"}))
    assert limiter.policy("post").rule is None
    assert limiter.policy("read") == DECLARED["read"]


async def test_while_the_service_is_away_the_last_book_holds(clock: VirtualClock) -> None:
    limiter, pubsub = Limiter(MemoryLimits(clock), clock, DECLARED), LocalPubSub()
    away = False

    async def fetch() -> Book:
        if away:
            raise Unavailable
        return Book(1, {"post": "off"})

    follower = Follower(limiter, pubsub, clock, fetch)
    assert await follower.look()
    away = True
    assert not await follower.look()
    assert limiter.policy("post").rule is None
    await pubsub.publish("limits.book", b'{"version":2,"rules":{"post":"3 a minute"},"networks":[]}')
    assert written(limiter.policy("post")) == "3 at once, 3 a minute"
    await pubsub.publish("limits.book", b"not a book")
    assert written(limiter.policy("post")) == "3 at once, 3 a minute"
    await follower.stop()


@pytest.mark.parametrize(
    "text", ["off", "20 at once, 2 a minute", "5 at once, 0.1 a minute, per session", "1 at once, 1 a minute"]
)
def test_rules_are_read_as_they_are_written(text: str) -> None:
    assert written(read_policy(text)) == text


def test_rules_of_settings() -> None:
    found = read_rules("post = 20 at once, 2 a minute; read=off;")
    assert {name: written(one) for name, one in found.items()} == {
        "post": "20 at once, 2 a minute",
        "read": "off",
    }
    for text in ("post", "post = many", "post = 0 a minute"):
        with pytest.raises(ValueError, match=r"rule|nobody"):
            read_rules(text)


def test_a_household_of_ipv6_is_one() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1" == network_of("192.0.2.1")
    assert network_of("") == "unknown"
