"""Listeners: functions of a service's `events` module, each marked with the event type it hears."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from samovar.kernel.contract import Event
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Tx

Handler = Callable[[Any, Tx, Envelope], Awaitable[None]]


class Heard(msgspec.Struct, frozen=True):
    """One event type and what to do about it."""

    event: type[Event]
    handler: Handler


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


def listeners(module: Any, service: Any) -> tuple[Heard, ...]:
    """The listeners of a module, bound to the service they act on."""
    found = []
    for function in vars(module).values():
        event = getattr(function, "__dict__", {}).get("hears")
        if event is not None:
            found.append(Heard(event, _bound(function, service)))
    return tuple(found)


def _bound(function: Any, service: Any) -> Handler:
    async def handle(event: Any, tx: Tx, envelope: Envelope) -> None:
        await function(service, event, tx, envelope)

    return handle


def by_type(heard: Sequence[Heard]) -> dict[str, tuple[type[Event], list[Handler]]]:
    """Event class and handlers of each type that is heard."""
    found: dict[str, tuple[type[Event], list[Handler]]] = {}
    for item in heard:
        found.setdefault(item.event.TYPE, (item.event, []))[1].append(item.handler)
    return found
