"""The `Call`: who asks, for how long, in which language and under which trace.

It rides in a context variable through local calls, and in signed metadata between processes.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import msgspec


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request's circumstances."""

    #: The person who acts, or None: a stranger, or the system itself (see `caller`).
    actor: int | None = None
    roles: tuple[str, ...] = ()
    #: The session the person acts through.
    session: int | None = None
    #: The part of Samovar that calls: "edge", or a service's name.
    caller: str = "edge"
    #: True when a service acts by itself (an event, a job): it sees everything, and is nobody.
    system: bool = False
    locale: str = "en"
    request_id: str = ""
    #: W3C traceparent, empty when tracing is off.
    trace: str = ""
    #: The event loop's time at which the answer is of no more use, or None.
    deadline: float | None = None
    idempotency_key: str | None = None
    #: Network address of the person, for throttling only.
    address: str = ""
    #: What was already fetched during this request in this process; never crosses a wire.
    memo: dict[Any, Any] = msgspec.field(default_factory=dict)

    def remaining(self) -> float | None:
        """Seconds left until the deadline; zero or less when it has passed; None without one."""
        if self.deadline is None:
            return None
        return self.deadline - asyncio.get_running_loop().time()


_current: ContextVar[Call | None] = ContextVar("call", default=None)


def current_call() -> Call:
    """The call under way, or an anonymous one outside any request."""
    return _current.get() or Call()


def somebody_waits() -> bool:
    """Whether a call from outside is under way, and not the house's own work."""
    call = _current.get()
    return call is not None and not call.system


@contextmanager
def calling(call: Call) -> Iterator[Call]:
    """Make a call the current one for a while."""
    token = _current.set(call)
    try:
        yield call
    finally:
        _current.reset(token)


def continue_as(call: Call) -> None:
    """Replace the current call until the `calling` block around it ends."""
    _current.set(call)


def system_call(service: str, *, request_id: str = "", trace: str = "") -> Call:
    """The call under which a service handles an event or a job."""
    return Call(caller=service, system=True, request_id=request_id, trace=trace)
