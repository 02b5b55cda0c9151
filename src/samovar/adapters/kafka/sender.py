"""The sending end: one idempotent producer for all relays of a process."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final

from aiokafka import AIOKafkaProducer  # type: ignore[import-untyped]

from samovar.adapters.kafka.message import headers_of
from samovar.adapters.kafka.topics import LARGEST
from samovar.kernel.outbox import Envelope

#: How long an orderly end may take, in seconds.
CLOSE: Final = 3.0


class Sender:
    """Sends batches of events.

    The producer numbers what it sends to a partition, so that a broker takes its messages in this
    order or not at all: nothing of a key overtakes what failed before it. It goes on trying for as
    long as it lives. What was not acknowledged when a caller's patience ended is therefore waited for
    before the next batch to the same topic, which will hold the same events again.
    """

    def __init__(self, servers: str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=servers, acks="all", enable_idempotence=True, request_timeout_ms=10_000,
            max_batch_size=512 << 10, max_request_size=LARGEST - 1024,
            linger_ms=0,  # a relay hands over all it has, so there is nothing to wait for
        )  # fmt: skip
        self._late: dict[str, set[asyncio.Future[object]]] = {}

    async def start(self) -> None:
        await self._producer.start()

    async def send(self, topic: str, envelopes: Sequence[Envelope]) -> None:
        """Return when the broker has them all. Raises KafkaError; then this sender is of no more use."""
        if late := self._late.get(topic):
            await asyncio.wait(late)
        sent: list[asyncio.Future[object]] = []
        try:
            for envelope in envelopes:
                future = await self._producer.send(
                    topic, envelope.payload.encode(), envelope.key.encode(), headers=headers_of(envelope)
                )
                sent.append(future)
            for future in sent:
                if not future.done():  # they are done by the hundred
                    await asyncio.wait({future})
        finally:
            late = {future for future in sent if not future.done()}
            for future in late:
                future.add_done_callback(_look)
            self._late[topic] = late
            # All are looked at, since asyncio complains of errors that nobody wanted to know.
            errors = [error for future in sent if future.done() and (error := future.exception())]
        if errors:
            raise errors[0]

    async def close(self) -> None:
        """Send what is under way, if that is possible soon, and leave."""
        stopping = asyncio.ensure_future(self._producer.stop())
        for _ in range(3):
            await asyncio.wait({stopping}, timeout=CLOSE)
            if stopping.done():
                break
            # It waits for a broker that does not answer. Its sender asks its own tasks to end at the
            # first cancellation and no longer waits for them at the second.
            self._producer._sender.sender_task.cancel()
        with contextlib.suppress(Exception):
            await stopping


def _look(future: "asyncio.Future[object]") -> None:
    """Look at how it ended. The outbox has the event still."""
    if not future.cancelled():
        future.exception()
