"""Apache Kafka behind the kernel's Bus, by aiokafka: a topic for each service that publishes, a group for
each that listens.

An event is published when all in-sync copies have it, and taken when the consumer's database has it:
at least once, in order per key. What comes twice is known to the inbox.

A message that can't be read holds up nobody. It is logged, counted (`samovar_bus_unreadable_total`) and
handed to the inbox as an event of its own type, which makes a dead letter of it: with the headers, the
value, the place and the reason. One that does not even say its type goes to every service that listens
to the topic. Corrected by hand in the dead letter's row, it can be replayed.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from samovar.kernel.bus import Take
from samovar.kernel.outbox import Envelope

if TYPE_CHECKING:
    from samovar.adapters.kafka.listener import Listener
    from samovar.adapters.kafka.sender import Sender
    from samovar.adapters.kafka.topics import Ends

__all__ = ["KafkaBus"]

#: Seconds that are waited for a broker: at start, for taking what is published, and in `settle`.
START: Final = 10.0
PUBLISH: Final = 5.0
SETTLE: Final = 30.0


class KafkaBus:
    """All topics and groups of one process."""

    def __init__(
        self,
        servers: str,
        *,
        prefix: str = "samovar",
        group: str = "samovar",
        partitions: int = 12,
        replication: int = 1,
    ) -> None:
        """`servers`: addresses of brokers, with commas. Topics are `{prefix}.{service that publishes}`,
        groups `{group}.{service that listens}`; partitions and replication are those of new topics."""
        self._servers = servers
        self._prefix = prefix
        self._group = group
        self._partitions = partitions
        self._replication = replication
        self._subscribed: list[tuple[str, frozenset[str], frozenset[str], Take]] = []
        self._listeners: list[Listener] = []
        self._started = False
        #: Topics that are known to be there.
        self._topics: set[str] = set()
        self._sender: Sender | None = None
        self._making = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()
        self._ends: Ends | None = None
        self._counted = 0

    def subscribe(self, consumer: str, types: frozenset[str], sources: frozenset[str], take: Take) -> None:
        """Have a consumer's inbox take events. One that comes after `start` begins at once."""
        self._subscribed.append((consumer, types, sources, take))
        if self._started:
            self._listen(consumer, types, sources, take)

    def _listen(self, consumer: str, types: frozenset[str], sources: frozenset[str], take: Take) -> None:
        from samovar.adapters.kafka.listener import Listener

        topics = frozenset(map(self._topic, sources))
        listener = Listener(
            self._servers, f"{self._group}.{consumer}", consumer, topics, types, take,
            lambda: self._ensure(topics),
        )  # fmt: skip
        self._listeners.append(listener)
        listener.start()

    def _topic(self, source: str) -> str:
        return f"{self._prefix}.{source}"

    async def start(self) -> None:
        """Make topics that are missing and begin. Raises ConnectionError that names the setting."""
        # While a broker is away the client repeats itself many times a second. What matters of it is
        # said by the relays, which can't publish, and by the listeners, which can't take.
        for part in ("admin", "client", "cluster", "conn", "consumer", "producer"):
            logging.getLogger(f"aiokafka.{part}").setLevel(logging.CRITICAL)
        sources = frozenset[str]().union(*(sources for _, _, sources, _ in self._subscribed))
        try:
            async with asyncio.timeout(START):
                await self._ensure(map(self._topic, sources))
                await self._sending()
        except TimeoutError:
            raise ConnectionError(
                f"[kafka] servers: no Kafka answers at {self._servers} within {START:g} s"
            ) from None
        self._started = True
        for subscribed in self._subscribed:
            self._listen(*subscribed)

    async def stop(self) -> None:
        """Finish what is being taken, and carry no more. Takes no longer than 20 s, even without a broker."""
        self._started = False
        self._drop(self._sender)
        await asyncio.gather(*(listener.stop() for listener in self._listeners))
        await asyncio.gather(*self._closing)
        if self._ends is not None:
            await self._ends.close()

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        from aiokafka.errors import KafkaError  # type: ignore[import-untyped]

        by_topic: dict[str, list[Envelope]] = {}
        for envelope in envelopes:
            by_topic.setdefault(self._topic(envelope.source), []).append(envelope)
        if not self._started:
            raise ConnectionError("the bus does not run")
        sender = None
        try:
            async with asyncio.timeout(PUBLISH):
                await self._ensure(by_topic)
                sender = await self._sending()
                for topic, batch in by_topic.items():
                    await sender.send(topic, batch)
        except TimeoutError:
            raise ConnectionError(f"Kafka took no events within {PUBLISH:g} s") from None
        except KafkaError as error:
            self._topics.difference_update(by_topic)  # one may have been removed
            self._drop(sender)
            raise ConnectionError(f"Kafka took no events: {error!r}") from error

    async def settle(self) -> int:
        from samovar.adapters.kafka.topics import Ends

        ends = self._ends = self._ends or Ends(self._servers)
        try:
            async with asyncio.timeout(SETTLE):
                await asyncio.gather(*(listener.catch_up(ends.of) for listener in self._listeners))
        except TimeoutError:
            behind = ", ".join(f"{name}: {lag}" for name, lag in self.lag().items() if lag)
            raise TimeoutError(
                f"events not taken within {SETTLE:g} s ({behind or 'no partitions'})"
            ) from None
        before, self._counted = self._counted, sum(listener.taken for listener in self._listeners)
        return self._counted - before

    def lag(self) -> Mapping[str, int]:
        return {listener.service: listener.lag for listener in self._listeners}

    async def _ensure(self, topics: Iterable[str]) -> None:
        """Have topics. Raises ConnectionError."""
        missing = set(topics) - self._topics
        # At start also where none is missing, as in an edge: it says what is wrong with the address.
        if missing or not self._started:
            from samovar.adapters.kafka.topics import ensure

            await ensure(self._servers, missing, self._partitions, self._replication)
            self._topics |= missing

    async def _sending(self) -> "Sender":
        from samovar.adapters.kafka.sender import Sender

        async with self._making:
            if self._sender is None:
                sender = Sender(self._servers)
                try:
                    await sender.start()
                except BaseException:
                    self._drop(sender)
                    raise
                self._sender = sender
            return self._sender

    def _drop(self, sender: "Sender | None") -> None:
        """Close a sender, in the background because that may take long, and make another when needed."""
        if sender is None:
            return
        if self._sender is sender:
            self._sender = None
        closing = asyncio.create_task(sender.close(), name="kafka-close")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
