"""What every bus must do. Kafka's part runs when SAMOVAR_TEST_KAFKA says where one is."""

import asyncio
import itertools
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from samovar.kernel.bus import UNREADABLE, Bus, LocalBus, Unreadable
from samovar.kernel.clock import SystemClock
from samovar.kernel.contract import decode
from samovar.kernel.ids import Ids
from samovar.kernel.outbox import Envelope
from tests.servers import forget_topics, given

A, B = "test.v1.Boiled", "test.v1.Poured"
IDS = Ids(SystemClock())
VERSIONS = itertools.count(1)


def event(key: str = "k", type_: str = A, source: str = "kettle", **more: Any) -> Envelope:
    return Envelope(
        id=IDS(), type=type_, source=source, key=key, version=next(VERSIONS), time=1_767_225_600_123_456,
        payload='{"text":"чай"}', **more,
    )  # fmt: skip


def ids(envelopes: Sequence[Envelope]) -> list[int]:
    return [envelope.id for envelope in envelopes]


class Ear:
    """A consumer that remembers, and that fails as often as it is told to."""

    def __init__(self, *types: str, failures: int = 0) -> None:
        self.types = frozenset(types or (A,))
        self.failures = failures
        self.calls = 0
        self.heard: list[Envelope] = []

    async def take(self, envelopes: Sequence[Envelope]) -> None:
        self.calls += 1
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the database is away")
        self.heard += envelopes

    def listen(self, bus: Bus, name: str = "ear", *sources: str) -> None:
        bus.subscribe(name, self.types, frozenset(sources or ("kettle",)), self.take)

    def firsts(self) -> list[int]:
        """Ids in the order in which they were heard first."""
        return list(dict.fromkeys(ids(self.heard)))


async def relay(bus: Bus, envelopes: Sequence[Envelope]) -> None:
    """Publish as a relay does: again until the bus has them."""
    for _ in range(20):
        try:
            return await bus.publish(envelopes)
        except Exception:
            await asyncio.sleep(0.01)
    raise AssertionError("the bus never took them")


async def until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came to be"
        await asyncio.sleep(0.01)


class Kafka:
    """A part of a broker for one test: its own topics and groups, removed afterwards."""

    def __init__(self, servers: str) -> None:
        self.servers = servers
        self.name = f"test-{secrets.token_hex(6)}"
        self.made: list[Any] = []

    def bus(self, **settings: Any) -> Any:
        from samovar.adapters.kafka import KafkaBus

        bus = KafkaBus(self.servers, prefix=self.name, group=self.name, **{"partitions": 3} | settings)
        self.made.append(bus)
        return bus

    async def put(self, value: bytes | None, topic: str = "kettle", **headers: bytes | None) -> None:
        """Write a message as no sender of ours would."""
        from aiokafka import AIOKafkaProducer

        async with AIOKafkaProducer(bootstrap_servers=self.servers) as producer:
            await producer.send_and_wait(f"{self.name}.{topic}", value, b"k", headers=list(headers.items()))

    async def put_broken(self, before: Envelope) -> None:
        """Write a batch of two messages, the second with a header whose name is no text."""
        from aiokafka import AIOKafkaProducer
        from aiokafka.record.util import calc_crc32c

        from samovar.adapters.kafka.message import headers_of

        async with AIOKafkaProducer(bootstrap_servers=self.servers) as producer:
            batch = producer.create_batch()
            value = before.payload.encode()
            batch.append(key=b"k", value=value, timestamp=None, headers=headers_of(before))
            batch.append(key=b"k", value=b"{}", timestamp=None, headers=[("a-name", b"1")])
            data = bytearray(batch._build().replace(b"a-name", b"\xff-name"))
            data[17:21] = calc_crc32c(data[21:]).to_bytes(4, "big")
            batch._buffer = bytes(data)
            await (await producer.send_batch(batch, f"{self.name}.kettle", partition=0))

    async def close(self) -> None:
        for bus in self.made:
            await bus.stop()
        await forget_topics(self.name)


@pytest.fixture
async def kafka() -> AsyncIterator[Kafka]:
    kafka = Kafka(given("kafka"))
    yield kafka
    await kafka.close()


@pytest.fixture(params=["local", "kafka"])
def bus(request: pytest.FixtureRequest) -> Bus:
    return LocalBus() if request.param == "local" else request.getfixturevalue("kafka").bus()


# --- every bus


async def test_everybody_gets_all_as_it_was_sent(bus: Bus) -> None:
    one, other = Ear(A, B), Ear(A)
    one.listen(bus, "one", "kettle", "pot")
    other.listen(bus, "other", "kettle", "pot")
    await bus.start()
    sent = [event(f"k{number % 5}", source="pot" if number % 2 else "kettle") for number in range(40)]
    sent.append(
        event("й", B, request_id="r-1", trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    )
    await bus.publish(sent)
    await bus.settle()
    assert sorted(one.heard, key=lambda envelope: envelope.id) == sent
    assert sorted(other.heard, key=lambda envelope: envelope.id) == sent[:-1]
    assert set(bus.lag()) == {"one", "other"} and not any(bus.lag().values())


async def test_events_of_a_key_come_in_order(bus: Bus) -> None:
    ear = Ear()
    ear.listen(bus)
    await bus.start()
    sent = [event(f"k{number % 7}") for number in range(300)]
    for start in range(0, 300, 60):
        await bus.publish(sent[start : start + 60])
    await bus.settle()
    for key in {envelope.key for envelope in sent}:
        assert [e.id for e in ear.heard if e.key == key] == [e.id for e in sent if e.key == key]


async def test_who_fails_gets_them_again(bus: Bus) -> None:
    weak, strong = Ear(failures=3), Ear()
    weak.listen(bus, "weak")
    strong.listen(bus, "strong")
    await bus.start()
    sent = [event("a"), event("b"), event("a")]
    await relay(bus, sent)
    await bus.settle()
    assert weak.failures == 0 and weak.calls >= 4
    assert set(ids(weak.heard)) == set(ids(strong.heard)) == set(ids(sent))
    assert [i for i in weak.firsts() if i != sent[1].id] == [sent[0].id, sent[2].id]


async def test_what_nobody_wants_is_left_out(bus: Bus) -> None:
    ear = Ear(A)
    ear.listen(bus)
    await bus.start()
    sent = [event(type_=B), event(), event(type_=B)]
    await bus.publish(sent)
    await bus.publish([event(type_=B), event(type_=B, source="nobody-listens-to-me")])
    await bus.publish([])
    await bus.settle()
    assert ear.heard == sent[1:2]


# --- what only a bus with a memory can do


async def test_settling_counts(kafka: Kafka) -> None:
    bus, ear = kafka.bus(), Ear()
    ear.listen(bus)
    await bus.start()
    assert await bus.settle() == 0
    await bus.publish([event(), event("other"), event(type_=B)])
    assert await bus.settle() == 2
    assert await bus.settle() == 0


async def test_who_was_away_goes_on_where_it_was(kafka: Kafka) -> None:
    first, ear = kafka.bus(), Ear()
    ear.listen(first)
    await first.start()
    before = [event(f"k{number}") for number in range(10)]
    await first.publish(before)
    await first.settle()
    meanwhile = [event(f"k{number}") for number in range(10)]
    await first.stop()
    with pytest.raises(ConnectionError):
        await first.publish(meanwhile)

    elsewhere = kafka.bus()
    await elsewhere.start()
    await elsewhere.publish(meanwhile)

    again, second = kafka.bus(), Ear()
    second.listen(again)
    await again.start()
    await again.settle()
    assert sorted(ids(ear.heard)) == ids(before)
    assert sorted(ids(second.heard)) == ids(meanwhile), "each once, when nothing went wrong"


async def test_who_is_new_begins_with_the_first(kafka: Kafka) -> None:
    bus = kafka.bus()
    await bus.start()
    sent = [event() for _ in range(5)]
    await bus.publish(sent)
    late = Ear()
    late.listen(bus)
    assert await bus.settle() == 5
    assert late.heard == sent


async def test_what_failed_for_long_shows_as_lag(kafka: Kafka) -> None:
    bus, ear = kafka.bus(), Ear(failures=4)
    ear.listen(bus)
    await bus.start()
    await bus.publish([event(f"k{number}") for number in range(20)])
    await until(lambda: bus.lag()["ear"] == 20)
    await bus.settle()
    await until(lambda: bus.lag()["ear"] == 0)


async def test_partitions_move_and_nothing_is_lost(kafka: Kafka) -> None:
    one, other = kafka.bus(partitions=4), kafka.bus(partitions=4)
    left, right = Ear(), Ear()
    left.listen(one)
    right.listen(other)
    await one.start()
    sent: list[Envelope] = []

    async def publish(times: int) -> None:
        for _ in range(times):
            batch = [event(f"k{number}") for number in range(20)]
            sent.extend(batch)
            await one.publish(batch)

    await publish(5)
    await one.settle()
    await asyncio.gather(other.start(), publish(20))
    await until(lambda: bool(other._listeners[0]._dealt.is_set()))
    await publish(5)
    await asyncio.gather(one.settle(), other.settle())
    assert set(ids(left.heard)) | set(ids(right.heard)) == set(ids(sent))
    assert right.heard, "the second shares the work"
    before = len(left.heard)
    await asyncio.gather(other.stop(), publish(20))
    await until(lambda: set(ids(left.heard)) | set(ids(right.heard)) == set(ids(sent)))
    await one.settle()
    assert len(left.heard) > before
    for ear in (left, right):
        for key in {envelope.key for envelope in sent}:
            mine = [envelope.version for envelope in ear.heard if envelope.key == key]
            firsts = list(dict.fromkeys(mine))
            assert firsts == sorted(firsts)


async def test_one_that_hangs_is_not_waited_for_for_ever(kafka: Kafka) -> None:
    """A member whose batch takes too long loses its partitions; its events go to the others too."""
    slow, quick = kafka.bus(partitions=2), kafka.bus(partitions=2)
    gate = asyncio.Event()

    async def hang(envelopes: Sequence[Envelope]) -> None:
        await gate.wait()

    ear = Ear()
    slow.subscribe("ear", ear.types, frozenset({"kettle"}), hang)
    ear.listen(quick)
    await slow.start()
    # Each of the two gets one of two partitions, and they hold both.
    sent = [event(f"k{number}") for number in range(10)]
    await slow.publish(sent)
    await until(lambda: bool(slow._listeners[0]._open))
    await quick.start()
    await until(lambda: bool(ear.heard))
    gate.set()
    await asyncio.gather(slow.settle(), quick.settle())


BAD = {
    "no headers": ({}, b"{}"),
    "no id": ({"ce_type": A.encode()}, b"{}"),
    "an id that is no number": ({"ce_type": A.encode(), "ce_id": b"tea"}, b"{}"),
    "no value": ({"ce_type": A.encode(), "ce_id": b"1"}, None),
    "bytes that are no text": ({"ce_type": A.encode(), "ce_id": b"2"}, b"\xff\xfe\x00"),
}


async def test_what_nobody_can_read_blocks_nobody(kafka: Kafka) -> None:
    from samovar.adapters.kafka.message import headers_of

    bus, ear = kafka.bus(partitions=1), Ear()
    ear.listen(bus)
    await bus.start()
    good = dict(headers_of(event()))
    for headers, value in BAD.values():
        await kafka.put(
            value, **({} if not headers else {**good, **headers} if "ce_id" in headers else headers)
        )
    await kafka.put(b"{}", **{**good, "ce_time": b"yesterday"})
    await kafka.put(b"{}", **{**good, "ce_type": b"\xff"})
    await kafka.put(b'{"text":"\x00"}', **good)
    await kafka.put(b"{}", ce_type=B.encode())
    sent = event()
    await bus.publish([sent])
    await bus.settle()
    assert ear.heard[-1] == sent
    letters = ear.heard[:-1]
    assert len(letters) == len(BAD) + 3, "what is for others is not our dead letter"
    assert {letter.type for letter in letters} == {UNREADABLE}
    assert len({letter.id for letter in letters}) == len({letter.key for letter in letters}) == len(letters)
    assert all(letter.id < 0 for letter in letters)
    told = [decode(letter.payload, Unreadable) for letter in letters]
    assert told[0].reason and told[0].place == f"{kafka.name}.kettle/0/0"
    assert told[4].headers["ce_type"] == A and told[4].value == "\\xff\\xfe\x00"


async def test_what_the_client_stumbles_over_blocks_nobody(kafka: Kafka) -> None:
    bus, ear = kafka.bus(partitions=1), Ear()
    ear.listen(bus)
    await bus.start()
    before, after = [event() for _ in range(3)], event()
    await bus.publish(before[:2])
    await kafka.put_broken(before[2])
    await bus.publish([after])
    await bus.settle()
    assert [envelope for envelope in ear.heard if envelope.id > 0] == [*before, after]
    (letter,) = [envelope for envelope in ear.heard if envelope.id < 0]
    assert decode(letter.payload, Unreadable).place == f"{kafka.name}.kettle/0/3"
    await bus.publish([event() for _ in range(50)])
    await bus.settle()
    assert len(ear.heard) == 55


async def test_a_large_event_gets_through(kafka: Kafka) -> None:
    bus, ear = kafka.bus(), Ear()
    ear.listen(bus)
    await bus.start()
    large = Envelope(
        id=IDS(), type=A, source="kettle", key="k", version=1, time=1, payload='"' + "x" * (3 << 20) + '"'
    )
    sent = [event(), large, event()]
    await bus.publish(sent)
    await bus.settle()
    assert ids(ear.heard) == ids(sent)


async def test_two_that_start_at_once_agree_on_the_topics(kafka: Kafka) -> None:
    buses, ears = [kafka.bus() for _ in range(4)], [Ear() for _ in range(4)]
    for bus, ear in zip(buses, ears, strict=True):
        ear.listen(bus, "ear", "kettle", "pot", "cup")
    await asyncio.gather(*(bus.start() for bus in buses))


async def test_nobody_there_is_said_in_one_line() -> None:
    from samovar.adapters.kafka import KafkaBus

    given("kafka")
    wrong = ("127.0.0.1:1", "there.is.no.such.host.invalid:9092", "127.0.0.1:many")
    for servers, listens in itertools.product(wrong, (True, False)):
        bus = KafkaBus(servers)
        if listens:
            Ear().listen(bus)
        with pytest.raises(ConnectionError, match=r"^\[kafka\] servers: .*") as caught:
            await bus.start()
        assert "\n" not in str(caught.value)
        await bus.stop()


@pytest.mark.timeout(300)
async def test_a_broker_that_stands_still_and_goes_on(tmp_path: Path) -> None:
    """It gets a broker of its own, to be stopped."""
    from tools.backends import Backends

    given("kafka")
    backends = Backends(tmp_path / "data", environ={})
    await asyncio.to_thread(backends.kafka.start)
    bus, ear = Kafka(backends.kafka.address).bus(), Ear()
    ear.listen(bus)
    try:
        await bus.start()
        sent = [event("a") for _ in range(3)]
        await bus.publish(sent)
        await bus.settle()
        backends.kafka.pause()
        more = [event("a") for _ in range(3)]
        for _ in range(2):
            begun = time.monotonic()
            with pytest.raises(ConnectionError, match="took no events"):
                await bus.publish(more)
            assert time.monotonic() - begun < 10
        backends.kafka.resume()
        more += [event("a") for _ in range(3)]
        await relay(bus, more)
        await bus.settle()
        assert ear.firsts() == ids([*sent, *more])

        backends.kafka.kill()
        with pytest.raises(ConnectionError, match="took no events"):
            await bus.publish([event()])
        await asyncio.to_thread(backends.kafka.start)
        last = [event("a")]
        await relay(bus, last)
        await bus.settle()
        assert last[0].id in ear.firsts()

        backends.kafka.pause()
        begun = time.monotonic()
        await bus.stop()
        assert time.monotonic() - begun < 30
    finally:
        await bus.stop()
        await asyncio.to_thread(backends.wipe)
