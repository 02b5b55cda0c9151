"""Ids: 63-bit integers ordered by time, 42 bits of Unix milliseconds and 21 random bits.

They sort by creation, fit a signed 64-bit column, and travel as decimal strings in JSON because
JavaScript rounds integers above 2**53. Uniqueness between processes rests on the random bits: a
collision is possible, so a service that inserts a fresh id retries on conflict.
"""

import secrets
from typing import Final

from samovar.kernel.clock import Clock

RANDOM_BITS: Final = 21
MAX_ID: Final = (1 << 63) - 1


class Ids:
    """Makes ids, strictly growing within one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def __call__(self) -> int:
        fresh = (self._clock.now() // 1000) << RANDOM_BITS | secrets.randbits(RANDOM_BITS)
        # Two ids in one millisecond, or a clock set back, must not break the order.
        self._last = fresh if fresh > self._last else self._last + 1
        return self._last


def time_of(value: int) -> int:
    """Creation time of an id, in microseconds since 1970 UTC, exact to a millisecond."""
    return (value >> RANDOM_BITS) * 1000


def first_id_at(time: int) -> int:
    """The smallest id that could have been made at a time (microseconds)."""
    return (time // 1000) << RANDOM_BITS


def parse_id(text: str) -> int | None:
    """The id written as a decimal string, or None when the text is not one."""
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        return None
    value = int(text)
    return value if 0 < value <= MAX_ID and str(value) == text else None
