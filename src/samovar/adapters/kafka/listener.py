"""The listening end: one service's member of its consumer group.

Events are taken in batches: fetch, have the inbox record them and their effects in one transaction,
then commit the offsets. Offsets are only a place to go on from: what comes twice is known to the
inbox, so each step may be lost and repeated.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener  # type: ignore[import-untyped]
from aiokafka.coordinator.assignors.roundrobin import (  # type: ignore[import-untyped]
    RoundRobinPartitionAssignor,
)
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError  # type: ignore[import-untyped]

from samovar.adapters.kafka.message import envelope_of, stand_in, type_of
from samovar.adapters.kafka.reader import Batch, Broken, Reader
from samovar.kernel import telemetry
from samovar.kernel.bus import Take
from samovar.kernel.outbox import Envelope

log = structlog.get_logger(__name__)

#: Bytes of one answer of a broker, and of one partition in it.
BYTES, PARTITION_BYTES = 8 << 20, 1 << 20
#: How long a commit may take, a batch under way while partitions move, and an end.
COMMIT, HANDOVER, CLOSE = 3.0, 5.0, 10.0
#: Seconds before the next try after one, two, ... failures.
BACKOFF: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Listener:
    """One consuming service."""

    def __init__(
        self,
        servers: str,
        group: str,
        service: str,
        topics: frozenset[str],
        types: frozenset[str],
        take: Take,
        ensure: Callable[[], Awaitable[None]],
    ) -> None:
        """`ensure` has the topics made."""
        self.service = service
        #: Events taken so far.
        self.taken = 0
        self._servers = servers
        self._group = group
        self._topics = topics
        self._types = types
        self._take = take
        self._ensure = ensure
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        #: Waiting for messages or for time: nothing is lost when that is broken off.
        self._idle = False
        self._failures = 0
        self._reader = Reader()
        self._consumer: Any = None
        #: Held while a batch is taken; partitions are not given away meanwhile.
        self._busy = asyncio.Lock()
        #: Set while this member has its partitions. `_round` counts how often they were dealt out.
        self._dealt = asyncio.Event()
        self._round = 0
        #: Set after each batch, and when partitions are taken away.
        self._went_on = asyncio.Event()
        #: The batch under way, and the offsets after what was taken of each partition.
        self._open: Batch = {}
        self._next: dict[Any, int] = {}
        self._uncommitted: dict[Any, int] = {}
        self._committing: tuple[asyncio.Future[None], dict[Any, int]] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"{self.service}-kafka")

    async def stop(self) -> None:
        """Finish the batch under way, commit, leave the group."""
        if self._task is None:
            return
        self._stopping = True
        if self._idle:
            self._task.cancel()
        await asyncio.wait({self._task}, timeout=CLOSE)
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=CLOSE)

    async def catch_up(self, ends_of: Callable[[Collection[Any]], Awaitable[Mapping[Any, int]]]) -> None:
        """Return when all that stands in the partitions of this member now has been taken."""
        while True:
            await self._dealt.wait()
            consumer, round_ = self._consumer, self._round
            with contextlib.suppress(KafkaError):
                ends = await ends_of(consumer.assignment())
                while round_ == self._round:
                    self._went_on.clear()
                    if not await self._behind(consumer, ends):
                        return
                    await self._went_on.wait()
            await asyncio.sleep(0.05)

    async def _behind(self, consumer: Any, ends: Mapping[Any, int]) -> bool:
        for partition, end in ends.items():
            if partition in self._open:
                return True
            taken = self._next.get(partition)
            # Nothing has come from there yet: then the member's place is where the group left off.
            if (await consumer.position(partition) if taken is None else taken) < end:
                return True
        return False

    async def _run(self) -> None:
        while not self._stopping:
            # Not to be broken off before it is in its group: the client would leave a connection open.
            self._idle = False
            consumer = self._consumer = self._make()
            try:
                await self._ensure()
                await consumer.start()
                await self._listen(consumer)
            except UnicodeDecodeError:
                self._reader.stumbled()
            except Exception as error:
                # Such as a broker that was away at the beginning, or a right that is missing.
                log.warning("the bus can't be heard, beginning anew", service=self.service, error=repr(error))
                self._failures += 1
            finally:
                self._dealt.clear()
                if self._committing is not None:
                    self._committing[0].cancel()
                    self._committing = None
                await _close(consumer)
            await self._pause()

    def _make(self) -> Any:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers, group_id=self._group, enable_auto_commit=False,
            auto_offset_reset="earliest", max_partition_fetch_bytes=PARTITION_BYTES, fetch_max_bytes=BYTES,
            session_timeout_ms=10_000, heartbeat_interval_ms=2_000, rebalance_timeout_ms=10_000,
            # A join is answered when all members have come, so this is more than the time they have.
            request_timeout_ms=15_000,
            # Nothing is kept here that would make staying with a partition worth it. The client's sticky
            # assignor, moreover, remembers in its class, which members of several groups would share.
            partition_assignment_strategy=(RoundRobinPartitionAssignor,),
            metadata_max_age_ms=60_000,  # so long may partitions that are added stay unnoticed
        )  # fmt: skip
        consumer.subscribe(sorted(self._topics), listener=_Dealing(self))
        return consumer

    async def _listen(self, consumer: Any) -> None:
        while not self._stopping:
            self._idle = True
            batch = await self._reader.fetch(consumer)
            # Nothing is awaited between these two: else `_behind` could see the new position alone.
            self._open, self._idle = batch, False
            await self._locate(consumer)
            telemetry.consumer_lag.labels(self.service).set(self.lag)
            async with self._busy:
                try:
                    went_well = await self._take_batch(consumer, batch)
                finally:
                    self._open = {}
                    self._went_on.set()
                await self._commit(consumer)
            telemetry.consumer_lag.labels(self.service).set(self.lag)
            if not went_well:
                await self._pause()

    async def _take_batch(self, consumer: Any, batch: Batch) -> bool:
        """Take a batch; one that fails is fetched again. Answers whether it went well."""
        round_ = self._round
        envelopes = [
            envelope for records in batch.values() for record in records if (envelope := self._read(record))
        ]
        try:
            if envelopes:
                await self._take(envelopes)
        except Exception as error:
            self._failures += 1
            log.warning(
                "events could not be taken, trying again",
                service=self.service, events=len(envelopes), failures=self._failures, error=repr(error),
            )  # fmt: skip
            if round_ == self._round:
                for partition, records in batch.items():
                    with contextlib.suppress(IllegalStateError):
                        consumer.seek(partition, records[0].offset)
            return False
        self._failures = 0
        self.taken += len(envelopes)
        if round_ == self._round:
            ends = {partition: records[-1].offset + 1 for partition, records in batch.items()}
            self._next |= ends
            self._uncommitted |= ends
        return True

    def _read(self, record: Any) -> Envelope | None:
        """The event in a message, or nothing when it is not for this service."""
        if isinstance(record, Broken):
            return self._unreadable(record, record.reason)
        kind = type_of(record)
        # One that does not say what it is could be for us.
        if kind and kind not in self._types:
            return None
        try:
            return envelope_of(record)
        except ValueError as error:
            return self._unreadable(record, str(error))

    def _unreadable(self, record: Any, reason: str) -> Envelope:
        telemetry.unreadable.labels(self.service).inc()
        letter = stand_in(record, reason)
        log.error("a message can't be read", service=self.service, place=letter.key, error=reason)
        return letter

    async def _commit(self, consumer: Any) -> None:
        """Commit what was taken. A commit to which nobody answers goes on; the next waits for it."""
        while self._uncommitted:
            if self._committing is None:
                offsets = dict(self._uncommitted)
                self._committing = asyncio.ensure_future(consumer.commit(offsets)), offsets
            commit, offsets = self._committing
            await asyncio.wait({commit}, timeout=COMMIT)
            if not commit.done():
                log.info("a commit waits", service=self.service)
                return
            self._committing = None
            error = commit.exception()
            if isinstance(error, CommitFailedError | IllegalStateError):
                # Others have the partitions now. They get these events again, and know them.
                self._uncommitted.clear()
            elif error is not None:
                log.warning("a commit failed", service=self.service, error=repr(error))
                return
            else:
                self._uncommitted = dict(self._uncommitted.items() - offsets.items())

    @property
    def lag(self) -> int:
        """Events that stand on the bus and were not yet taken, as far as is known here."""
        lag = 0
        for partition, taken in self._next.items():
            with contextlib.suppress(AssertionError):  # somebody else's by now
                lag += max(0, (self._consumer.highwater(partition) or 0) - taken)
        return lag

    async def _locate(self, consumer: Any) -> None:
        """Know where this member stands in partitions of which nothing was taken yet."""
        for partition in consumer.assignment() - self._next.keys():
            if opened := self._open.get(partition):
                self._next[partition] = opened[0].offset
            elif consumer.highwater(partition) is not None:
                # Something was fetched, so its place is known and nothing is really waited for.
                with contextlib.suppress(IllegalStateError, TimeoutError):
                    async with asyncio.timeout(0.1):
                        self._next[partition] = await consumer.position(partition)

    async def _pause(self) -> None:
        self._idle = True
        if self._failures and not self._stopping:
            await asyncio.sleep(BACKOFF[min(self._failures, len(BACKOFF)) - 1])

    async def taken_away(self) -> None:
        """Partitions are about to be dealt out anew: what is under way is finished first, if it can be."""
        self._dealt.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HANDOVER), self._busy:
                pass
        self._round += 1
        self._went_on.set()
        self._next.clear()
        self._uncommitted.clear()

    def dealt(self) -> None:
        """This member has its partitions."""
        self._dealt.set()


class _Dealing(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    async def on_partitions_revoked(self, revoked: object) -> None:
        await self._listener.taken_away()

    async def on_partitions_assigned(self, assigned: object) -> None:
        self._listener.dealt()


async def _close(consumer: Any) -> None:
    """Leave the group and close, within bounds even when no broker answers."""
    stopping = asyncio.ensure_future(consumer.stop())
    await asyncio.wait({stopping}, timeout=CLOSE / 2)
    if not stopping.done():
        stopping.cancel()
        await asyncio.wait({stopping}, timeout=CLOSE / 2)
        for part in (consumer._fetcher, consumer._client):
            if part is not None:
                await part.close()
    with contextlib.suppress(Exception, asyncio.CancelledError):
        await stopping
