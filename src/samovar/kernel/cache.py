"""A cache: a port, and the version in memory. Nothing is kept here that can't be made again.

A key begins with the name of whoever keeps something under it. Values survive a wire: they are
messages or plain data, and who reads one says its type.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from samovar.kernel.clock import SECOND, Clock


class Cache(Protocol):
    """Values by key, for a while. A value is immutable and never None; `kind` is its type, any that
    msgspec decodes: a message, `tuple[int, ...]`, a union. What another release kept may count as absent."""

    async def get(self, key: str, kind: Any) -> Any:
        """The value, or None."""
        ...

    async def get_many(self, keys: Sequence[str], kind: Any) -> Mapping[str, Any]:
        """Those of the keys that are there; all are of one type."""
        ...

    async def set(self, key: str, value: Any, seconds: float) -> None:
        """Keep a value for some seconds."""
        ...

    async def set_many(self, values: Mapping[str, Any], seconds: float) -> None:
        """Keep values by their keys."""
        ...

    async def drop(self, *keys: str) -> None:
        """Keep these no more."""
        ...


class MemoryCache:
    """Gives back the very objects it was given. The least recently set go first when it is full."""

    def __init__(self, clock: Clock, size: int = 20_000) -> None:
        self._clock = clock
        self._size = size
        self._values: OrderedDict[str, tuple[int, Any]] = OrderedDict()

    async def get(self, key: str, kind: Any) -> Any:
        found = self._values.get(key)
        if found is None or found[0] <= self._clock.now():
            return None
        return found[1]

    async def get_many(self, keys: Sequence[str], kind: Any) -> Mapping[str, Any]:
        now = self._clock.now()
        values = self._values
        return {key: found[1] for key in keys if (found := values.get(key)) is not None and found[0] > now}

    async def set(self, key: str, value: Any, seconds: float) -> None:
        self._values[key] = (self._clock.now() + int(seconds * SECOND), value)
        self._values.move_to_end(key)
        while len(self._values) > self._size:
            self._values.popitem(last=False)

    async def set_many(self, values: Mapping[str, Any], seconds: float) -> None:
        for key, value in values.items():
            await self.set(key, value, seconds)

    async def drop(self, *keys: str) -> None:
        for key in keys:
            self._values.pop(key, None)

    def clear(self) -> None:
        self._values.clear()
