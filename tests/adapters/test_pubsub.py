"""What everything that carries signals must do."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from samovar.adapters.redis import RedisPubSub, connect
from samovar.kernel.pubsub import LocalPubSub, PubSub
from tests.adapters.stores import redis_link, until
from tests.servers import given


@pytest.fixture(params=["local", "redis"])
async def pubsub(request: pytest.FixtureRequest) -> AsyncIterator[PubSub]:
    if request.param == "local":
        yield LocalPubSub()
    else:
        async with redis_link() as link:
            signals = RedisPubSub(link)
            await signals.start()
            yield signals
            await signals.stop()


async def settled(pubsub: PubSub) -> None:
    if isinstance(pubsub, RedisPubSub):
        assert await pubsub.settled(10)


async def delivered(pubsub: PubSub) -> None:
    """Wait until all that was published so far has arrived."""
    heard: list[bytes] = []
    stop = pubsub.subscribe("delivered", heard.append)
    await settled(pubsub)
    await pubsub.publish("delivered", b"")
    await until(lambda: heard)
    stop()


async def test_signals_reach_who_listens(pubsub: PubSub) -> None:
    heard: list[bytes] = []
    stop = pubsub.subscribe("c", heard.append)
    await settled(pubsub)
    await pubsub.publish("c", b"1")
    await pubsub.publish("d", b"2")
    await delivered(pubsub)
    stop()
    await pubsub.publish("c", b"3")
    await delivered(pubsub)
    assert heard == [b"1"]


async def test_all_who_listen_hear_in_order(pubsub: PubSub) -> None:
    heard: list[list[bytes]] = [[], [], []]
    messages = [b"", b"\x00\xff\r\n", "чай".encode(), b"x" * 300_000, *(b"%d" % n for n in range(100))]
    for each in heard:
        pubsub.subscribe("c", each.append)
    await settled(pubsub)
    for message in messages:
        await pubsub.publish("c", message)
    await until(lambda: all(len(each) == len(messages) for each in heard))
    assert heard == [messages] * 3


async def test_one_stops_and_the_others_go_on(pubsub: PubSub) -> None:
    first: list[bytes] = []
    second: list[bytes] = []
    stop = pubsub.subscribe("c", first.append)
    stop()
    stop_second = pubsub.subscribe("c", second.append)
    stop()
    await settled(pubsub)
    await pubsub.publish("c", b"1")
    await until(lambda: second)
    stop_second()
    third: list[bytes] = []
    pubsub.subscribe("c", third.append)
    await settled(pubsub)
    await pubsub.publish("c", b"2")
    await until(lambda: third)
    assert (first, second, third) == ([], [b"1"], [b"2"])


async def test_who_fails_keeps_nobody_from_hearing(pubsub: PubSub) -> None:
    heard: list[bytes] = []

    def fail(message: bytes) -> None:
        raise ZeroDivisionError

    pubsub.subscribe("c", fail)
    pubsub.subscribe("c", heard.append)
    await settled(pubsub)
    with capture_logs() as logs:
        await pubsub.publish("c", b"1")
        await pubsub.publish("c", b"2")
        await until(lambda: heard == [b"1", b"2"])
    assert [line["event"] for line in logs] == ["a signal was not taken"] * 2


async def test_processes_hear_each_other_through_redis() -> None:
    async with redis_link() as link, redis_link() as foreign:
        other_link = connect(given("redis"), prefix=link.key(""))
        other = RedisPubSub(other_link)
        strange = RedisPubSub(foreign)
        heard: list[bytes] = []
        other.subscribe("c", heard.append)
        strange.subscribe("c", heard.append)
        await asyncio.gather(other.start(), strange.start())
        assert await other.settled(10) and await strange.settled(10)
        await RedisPubSub(link).publish("c", b"1")
        await delivered(other)
        assert heard == [b"1"], "and a prefix parts those who share a server by chance"
        await asyncio.gather(other.stop(), strange.stop())
        await other_link.close()
