"""Topics: one for each service that publishes, made when they are missing; and where they end."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer  # type: ignore[import-untyped]
from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # type: ignore[import-untyped]
from aiokafka.errors import (  # type: ignore[import-untyped]
    KafkaConnectionError,
    KafkaError,
    TopicAlreadyExistsError,
    for_code,
)

from samovar.kernel.clock import DAY
from samovar.kernel.inbox import REMEMBER

#: Largest message, in bytes. Events hold small facts; this only has to be more than any of them.
LARGEST: Final = 8 << 20
#: A broker removes whole segments of a day, so a message stays for up to a day more than this. It has to
#: be gone before inboxes forget its id: a group that lost its place begins anew with what is there.
_KEPT: Final = REMEMBER - 2 * DAY


async def ensure(servers: str, topics: Iterable[str], partitions: int, replication: int) -> None:
    """Have the topics. Others may make them at the same time. Raises ConnectionError."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=5000)
    try:
        await admin.start()
        missing = set(topics) - set(await admin.list_topics())
        if missing:
            answer = await admin.create_topics(
                [_new(name, partitions, replication) for name in sorted(missing)]
            )
            _check(answer)
    except ValueError as error:
        raise ConnectionError(f"[kafka] servers: {servers!r} is no list of addresses: {error}") from None
    except KafkaConnectionError:
        raise ConnectionError(f"[kafka] servers: no Kafka answers at {servers}") from None
    except (KafkaError, TimeoutError) as error:
        raise ConnectionError(
            f"[kafka] servers: {servers} answers, but not as it should: {error!r}"
        ) from None
    finally:
        await admin.close()


def _new(name: str, partitions: int, replication: int) -> Any:
    settings = {
        "cleanup.policy": "delete",
        "retention.ms": str(_KEPT // 1000),
        "segment.ms": str(DAY // 1000),
        "max.message.bytes": str(LARGEST),
        # With three copies, an acknowledged event survives any one of them.
        "min.insync.replicas": "2" if replication > 2 else "1",
    }
    return NewTopic(name, partitions, replication, topic_configs=settings)


def _check(answer: Any) -> None:
    for topic, code, *said in answer.topic_errors:
        kind = for_code(code)
        if code and kind is not TopicAlreadyExistsError:
            reason = next((text for text in said if text), kind.__name__)
            raise ConnectionError(f"[kafka] the topic {topic} can't be made: {reason}")


class Ends:
    """Asks where partitions end. It has connections of its own: a listener's is taken up by a fetch, which
    a broker holds until there is a message, and answers nothing else meanwhile."""

    def __init__(self, servers: str) -> None:
        self._servers = servers
        self._client: Any = None
        self._starting = asyncio.Lock()

    async def of(self, partitions: Collection[Any]) -> Mapping[Any, int]:
        """The offset after the last message of each. Raises KafkaError."""
        if not partitions:
            return {}
        async with self._starting:
            if self._client is None:
                client = AIOKafkaConsumer(
                    bootstrap_servers=self._servers, request_timeout_ms=5000, retry_backoff_ms=20
                )
                try:
                    await client.start()
                except BaseException:
                    await client.stop()
                    raise
                self._client = client
        ends: Mapping[Any, int] = await self._client.end_offsets(list(partitions))
        return ends

    async def close(self) -> None:
        if self._client is not None:
            await self._client.stop()
