"""What every cache must do."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from samovar.adapters.redis import RedisCache
from samovar.contracts.common import ItemRef
from samovar.contracts.profiles import Field, Profile
from samovar.kernel.cache import Cache, MemoryCache
from samovar.kernel.clock import VirtualClock
from samovar.kernel.contract import Message
from tests.adapters.stores import redis_link


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest, clock: VirtualClock) -> AsyncIterator[Cache]:
    if request.param == "memory":
        yield MemoryCache(clock)
    else:
        async with redis_link() as link:
            yield RedisCache(link, clock)


ANNA = Profile(
    id=2**62, username="anna", display_name="Анна 🫖", bio="a\nb", fields=(Field(name="чай", value="да"),),
    created_at=1_767_225_600_000_000, version=3,
)  # fmt: skip


async def test_a_value_is_forgotten_in_time(cache: Cache, clock: VirtualClock) -> None:
    await cache.set("a", (1, 2), 60)
    await cache.set("b", (3,), 10)
    assert await cache.get("a", tuple[int, ...]) == (1, 2)
    clock.advance(10)
    assert dict(await cache.get_many(["a", "b", "c"], tuple[int, ...])) == {"a": (1, 2)}
    await cache.drop("a", "nothing")
    assert await cache.get("a", tuple[int, ...]) is None


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (ANNA, Profile),
        (ANNA, Profile | int),
        (0, Profile | int),
        ((), tuple[int, ...]),
        ((-1, 2**62), tuple[int, ...]),
        ([("чай", 2, 3)], list[tuple[str, int, int]]),
        ("", str),
        (b"\x00\xff", bytes),
        (False, bool),
        (1.5, float),
        ({"a": (ItemRef(kind="post", id=1),)}, dict[str, tuple[ItemRef, ...]]),
    ],
)
async def test_a_value_comes_back_as_it_went_in(cache: Cache, value: Any, kind: Any) -> None:
    await cache.set("k", value, 60)
    found = await cache.get("k", kind)
    assert found == value and type(found) is type(value)


async def test_many_are_set_and_got_at_once(cache: Cache, clock: VirtualClock) -> None:
    many = {f"many:{n}": n for n in range(500)}
    await cache.set_many(many, 60)
    await cache.set_many({}, 60)
    assert dict(await cache.get_many(list(many), int)) == many
    assert dict(await cache.get_many(["many:1", "many:1"], int)) == {"many:1": 1}
    assert dict(await cache.get_many([], int)) == {}
    await cache.drop(*many)
    await cache.drop()
    assert dict(await cache.get_many(list(many), int)) == {}


async def test_a_new_value_brings_its_own_time(cache: Cache, clock: VirtualClock) -> None:
    await cache.set("a", 1, 60)
    await cache.set("a", 2, 20)
    clock.advance(19)
    assert await cache.get("a", int) == 2
    clock.advance(1)
    assert await cache.get("a", int) is None
    await cache.set("a", 3, 60)
    assert await cache.get("a", int) == 3
    await cache.set("a", 4, 0)
    assert await cache.get("a", int) is None


async def test_keys_may_hold_anything(cache: Cache) -> None:
    keys = ["a b", "a\r\nb", "чай", "*", "a" * 1000, ""]
    for number, key in enumerate(keys):
        await cache.set(key, number, 60)
    assert [await cache.get(key, int) for key in keys] == list(range(len(keys)))


async def test_memory_gives_back_the_very_object(clock: VirtualClock) -> None:
    cache = MemoryCache(clock)
    await cache.set("a", ANNA, 60)
    assert await cache.get("a", Profile) is ANNA
    assert (await cache.get_many(["a"], Profile))["a"] is ANNA


class Old(Message, frozen=True, kw_only=True):
    """A message as an earlier release knows it."""

    id: int


class New(Message, frozen=True, kw_only=True):
    """The same in a later one."""

    id: int
    name: str = "?"


async def test_releases_share_redis(clock: VirtualClock) -> None:
    """What was added is ignored or has its default; what can't be read is not there."""
    async with redis_link() as link:
        cache = RedisCache(link, clock)
        await cache.set("a", New(id=1, name="x"), 60)
        await cache.set("b", Old(id=2), 60)
        assert await cache.get("a", Old) == Old(id=1)
        assert await cache.get("b", New) == New(id=2)
        assert await cache.get("a", tuple[int, ...]) is None
        await link.ask("SET", link.key("c"), b"not ours")
        await link.ask("SET", link.key("d"), b"\xff")
        await link.ask("SET", link.key("e"), b"\x7f" * 8 + b"\xd9\x01\xff")
        assert dict(await cache.get_many(["a", "c", "d", "e"], Old)) == {"a": Old(id=1)}
        assert await cache.get("e", str) is None


async def test_processes_share_redis_and_prefixes_part_it(clock: VirtualClock) -> None:
    async with redis_link() as link, redis_link() as other:
        await RedisCache(link, clock).set("a", 1, 60)
        assert await RedisCache(link, clock).get("a", int) == 1
        assert await RedisCache(other, clock).get("a", int) is None


async def test_redis_itself_forgets_in_time(clock: VirtualClock) -> None:
    """Even when no clock of ours would say so any more."""
    async with redis_link() as link:
        cache = RedisCache(link, clock)
        await cache.set("a", 1, 60)
        await cache.set_many({"b": 1, "c": 1}, 0.5)
        kept = [await link.ask("PTTL", link.key(key)) for key in "abc"]
        assert 59_000 < kept[0] <= 60_000 and 0 < kept[1] <= 500 and 0 < kept[2] <= 500
