"""A cache: a port, and the version in memory. Nothing is kept here that can't be made again."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from samovar.kernel.clock import SECOND, Clock


class Cache(Protocol):
    """Values by key, for a while. Values are immutable messages or plain data."""

    async def get(self, key: str) -> Any:
        """The value, or None."""
        ...

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Any]:
        """Those of the keys that are there."""
        ...

    async def set(self, key: str, value: Any, seconds: float) -> None:
        """Keep a value for some seconds."""
        ...

    async def drop(self, *keys: str) -> None:
        """Keep these no more."""
        ...


class MemoryCache:
    """The least recently set go first when it is full."""

    def __init__(self, clock: Clock, size: int = 20_000) -> None:
        self._clock = clock
        self._size = size
        self._values: OrderedDict[str, tuple[int, Any]] = OrderedDict()

    async def get(self, key: str) -> Any:
        found = self._values.get(key)
        if found is None or found[0] <= self._clock.now():
            return None
        return found[1]

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Any]:
        now = self._clock.now()
        values = self._values
        return {key: found[1] for key in keys if (found := values.get(key)) is not None and found[0] > now}

    async def set(self, key: str, value: Any, seconds: float) -> None:
        self._values[key] = (self._clock.now() + int(seconds * SECOND), value)
        self._values.move_to_end(key)
        while len(self._values) > self._size:
            self._values.popitem(last=False)

    async def drop(self, *keys: str) -> None:
        for key in keys:
            self._values.pop(key, None)

    def clear(self) -> None:
        self._values.clear()
