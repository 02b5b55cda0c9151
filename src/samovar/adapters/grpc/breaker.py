"""What keeps a failing peer from being hammered: a breaker, and a budget for retries."""

import time
from collections.abc import Callable
from typing import Final

from samovar.kernel import telemetry
from samovar.kernel.errors import Unavailable

#: After that many failures in a row a peer is left alone for so many seconds; then one call tries it.
BREAK_AFTER, BREAK_FOR = 5, 2.0
#: So many retries for each call, on average; and at once, which is more than are under way at a time.
SHARE: Final = 0.2
AT_ONCE: Final = 100


class Breaker:
    """Leaves a failing peer alone for a while.

    Closed: calls pass. Open: calls are refused at once. Half open, when the while is over: one call
    passes as a probe, and what becomes of it closes or opens again.
    """

    def __init__(self, peer: str, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures = 0
        #: When a probe may go, or None while closed.
        self._until: float | None = None
        self._probing = False
        self._gauge = telemetry.peer_breaker_open.labels(peer)
        self._refused = telemetry.peer_refused.labels(peer, "breaker")
        self._gauge.set(0)

    @property
    def is_open(self) -> bool:
        """Whether calls are refused or probing."""
        return self._until is not None

    def enter(self) -> bool:
        """Before a call. Raises Unavailable; True for a probe. Each is followed by `leave`."""
        if self._until is None:
            return False
        wait = self._until - self._now()
        if wait > 0 or self._probing:
            self._refused.inc()
            raise Unavailable(retry_after=max(1.0, wait))
        self._probing = True
        return True

    def leave(self, probe: bool, ok: bool | None) -> None:
        """After a call: whether the peer answered, or None when nobody knows."""
        if probe:
            self._probing = False
        if ok:
            self._failures = 0
            if self._until is not None:
                self._until = None
                self._gauge.set(0)
        elif ok is not None:
            self._failures += 1
            if probe or self._failures >= BREAK_AFTER:
                self._until = self._now() + BREAK_FOR
                self._failures = 0
                self._gauge.set(1)


class RetryBudget:
    """Retries at most a fifth of the calls: where everything fails, retries would only add to it."""

    def __init__(self, peer: str) -> None:
        self._left = float(AT_ONCE)
        self._retries = telemetry.peer_retries.labels(peer)

    def earn(self) -> None:
        """A call was made."""
        self._left = min(AT_ONCE, self._left + SHARE)

    def spend(self) -> bool:
        """Whether one more call may be sent again."""
        if self._left < 1:
            return False
        self._left -= 1
        self._retries.inc()
        return True
