"""Fetching batches, also past a message on which the client itself stumbles."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

#: Most events in one transaction, as many as a relay sends at once.
RECORDS: Final = 500
#: Seconds that an empty fetch takes.
POLL: Final = 1.0

Batch = Mapping[Any, Sequence[Any]]


class Broken(NamedTuple):
    """A message of which no more is known than its place."""

    topic: str
    partition: int
    offset: int
    reason: str
    timestamp: int = 0
    headers: tuple[tuple[str, bytes], ...] = ()
    value: bytes | None = None


class Reader:
    """Fetches for one listener.

    The client can't read a message with a header whose name is no text: it raises, and forgets what it
    had unpacked before. Then the consumer has to be made anew, to begin again after the last commit,
    and is asked for one message at a time, until the one that raises is known by its place. The client
    stumbles again over what the same sender put into one batch with it, which is lost to us too.
    """

    def __init__(self) -> None:
        self._careful = False
        #: The partition in which we are stepping over something.
        self._bad: Any = None

    def stumbled(self) -> None:
        """From now on one message at a time."""
        self._careful, self._bad = True, None

    async def fetch(self, consumer: Any) -> Batch:
        """The next messages of some partitions; nothing after a while. Raises UnicodeDecodeError."""
        if not self._careful:
            batch: Batch = await consumer.getmany(timeout_ms=int(POLL * 1000), max_records=RECORDS)
            return batch
        for partition in [self._bad] if self._bad else consumer.assignment():
            try:
                found: Batch = await consumer.getmany(partition, timeout_ms=0, max_records=1)
            except UnicodeDecodeError as error:
                self._bad = partition
                offset = await consumer.position(partition)
                consumer.seek(partition, offset + 1)
                return {partition: [Broken(partition.topic, partition.partition, offset, str(error))]}
            if self._bad and (found or await consumer.position(partition) >= consumer.highwater(partition)):
                self._careful, self._bad = False, None
            if found:
                return found
        await asyncio.sleep(0.02)
        return {}
