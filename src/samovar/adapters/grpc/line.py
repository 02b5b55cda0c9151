"""One address of a peer: the connection there, and the stream that calls are sent on."""

import asyncio
import random
from typing import Any, Final

import grpc

from samovar.adapters.grpc.messages import MESSAGE_OPTIONS
from samovar.adapters.grpc.talk import CONNECT, Talk

#: Seconds for which an address is left alone after it failed, the first time and at most.
REST_FIRST, REST_MOST = 0.1, 2.0
#: Seconds between gRPC's own signs of life, and to wait for one.
KEEPALIVE: Final = (10.0, 5.0)


def channel_options() -> list[tuple[str, Any]]:
    """How connections to peers behave."""
    every, wait = (int(1000 * seconds) for seconds in KEEPALIVE)
    return [
        *MESSAGE_OPTIONS,
        # A machine that is silently gone is noticed, also while nobody calls.
        ("grpc.keepalive_time_ms", every),
        ("grpc.keepalive_timeout_ms", wait),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.initial_reconnect_backoff_ms", int(1000 * REST_FIRST)),
        ("grpc.min_reconnect_backoff_ms", int(1000 * CONNECT)),
        ("grpc.max_reconnect_backoff_ms", int(1000 * REST_MOST)),
        ("grpc.enable_retries", 0),
        # Peers are inside: a proxy for the world outside is none of their business.
        ("grpc.enable_http_proxy", 0),
        ("grpc.use_local_subchannel_pool", 1),
    ]


class Line:
    """One address."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.channel = grpc.aio.insecure_channel(target, options=channel_options())
        self._talk: Talk | None = None
        #: All streams that are not over: beside the present one those that end.
        self._talks: set[Talk] = set()
        self._rest_until = 0.0
        self._failures = 0

    def talk(self, now: float) -> Talk | None:
        """The stream to send on, begun when there is none; None while the address is left alone."""
        if self._talk is None and now >= self._rest_until:
            self._talk = Talk(self.channel, self._ended)
            self._talks.add(self._talk)
        return self._talk

    @property
    def is_open(self) -> bool:
        """Whether calls can be sent at once."""
        return self._talk is not None and self._talk.was_open

    def _ended(self, talk: Talk) -> None:
        """A stream takes no more calls: it has broken, or the process there is about to end."""
        if talk.over:
            self._talks.discard(talk)
        if talk is not self._talk:
            return
        self._talk = None
        if talk.was_open:
            self._failures = 0
        rest = min(REST_MOST, REST_FIRST * 2**self._failures) * random.uniform(0.5, 1)
        self._failures += 1
        self._rest_until = asyncio.get_running_loop().time() + rest

    async def close(self) -> None:
        """End all streams and the connection."""
        for talk in list(self._talks):
            await talk.close()
        await self.channel.close()
