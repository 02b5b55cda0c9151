"""Listeners: functions of a service's `events` module, each marked with what it hears.

Most take one event after another. What comes often, or needs to ask others first, is taken
together: `prepare` sees a batch before the transaction and may ask peers, then the listener has
the whole batch, and what was prepared, inside it.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from samovar.kernel.contract import Event
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Tx

Handler = Callable[[Any, Tx, Envelope], Awaitable[None]]


class Occurred(NamedTuple):
    """An event and what carried it."""

    event: Any
    envelope: Envelope


#: Asks peers about a batch, outside any transaction; what it answers is handed to the listener.
Prepare = Callable[[Sequence[Occurred]], Awaitable[Any]]
#: Handles a batch, in its order, inside the transaction that records it.
HandleAll = Callable[[Sequence[Occurred], Any, Tx], Awaitable[None]]


class Together(msgspec.Struct, frozen=True, eq=False):
    """Event types that are handled in batches."""

    prepare: Prepare
    handle: HandleAll


class Heard(msgspec.Struct, frozen=True):
    """One event type and what to do about it: `handler` alone, or all of a batch `together`."""

    event: type[Event]
    handler: Handler | None
    together: Together | None = None


def hears(
    event: type[Event],
) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """Mark `async def f(service, event, tx, envelope)` as the listener to an event type.

    It runs inside the transaction that records the event and awaits nothing but `tx`.
    """

    def mark(
        function: Callable[..., Awaitable[None]],
    ) -> Callable[..., Awaitable[None]]:
        function.__dict__["hears"] = event
        return function

    return mark


def hears_together(
    *events: type[Event], prepare: Callable[..., Awaitable[Any]]
) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """Mark `async def f(service, occurred, prepared, tx)` as the listener to batches of these types.

    `async def prepare(service, occurred)` runs before the transaction and may ask peers. When it
    raises, the batch's events are set aside and tried again one by one, each prepared by itself.
    """

    def mark(
        function: Callable[..., Awaitable[None]],
    ) -> Callable[..., Awaitable[None]]:
        function.__dict__["hears_together"] = (events, prepare)
        return function

    return mark


def listeners(module: Any, service: Any) -> tuple[Heard, ...]:
    """The listeners of a module, bound to the service they act on."""
    found = []
    for function in vars(module).values():
        event = getattr(function, "__dict__", {}).get("hears")
        if event is not None:
            found.append(Heard(event, _bound(function, service)))
        several = getattr(function, "__dict__", {}).get("hears_together")
        if several is not None:
            events, prepare = several
            together = Together(partial(prepare, service), partial(function, service))
            found += [Heard(event, None, together) for event in events]
    return tuple(found)


def _bound(function: Any, service: Any) -> Handler:
    async def handle(event: Any, tx: Tx, envelope: Envelope) -> None:
        await function(service, event, tx, envelope)

    return handle


def by_type(heard: Sequence[Heard]) -> dict[str, tuple[type[Event], list[Heard]]]:
    """Event class and listeners of each type that is heard."""
    found: dict[str, tuple[type[Event], list[Heard]]] = {}
    for item in heard:
        found.setdefault(item.event.TYPE, (item.event, []))[1].append(item)
    return found
