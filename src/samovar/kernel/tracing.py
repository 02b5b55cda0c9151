"""Spans: what was done as part of which request, and for how long. A port for a tracing library.

The span under way lives in the `Call`, as a W3C traceparent: so it goes wherever the call goes, over
gRPC in signed metadata, into the outbox and out of it again. Without a tracer a span is one object
that does nothing, and costs next to nothing.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final, Literal, Protocol

import msgspec

from samovar.kernel.context import Call, calling, current_call
from samovar.kernel.errors import AppError

#: By the names of OpenTelemetry's conventions. Never what somebody wrote, nor who they are.
Attributes = Mapping[str, str | int | float | bool]
Kind = Literal["internal", "server", "client", "producer", "consumer"]
#: Statuses of refusals that are our fault; all others are answers like any other.
FAULTS: Final = frozenset({"INTERNAL", "UNAVAILABLE"})
_NONE: Final[Attributes] = {}
_TRACEPARENT: Final = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Span(Protocol):
    """Something that is being done."""

    #: W3C traceparent of this span, for what is done as part of it.
    traceparent: str

    def rename(self, name: str) -> None:
        """Call it otherwise, when only its end tells what it was."""
        ...

    def note(self, attributes: Attributes) -> None:
        """Add what became known."""
        ...

    def end(self, fault: str) -> None:
        """It is over; `fault` names what went wrong, empty when nothing did."""
        ...


class Tracer(Protocol):
    """Makes spans and brings them to where people look at them."""

    def start(self, name: str, kind: Kind, parent: str, links: Sequence[str], attributes: Attributes) -> Span:
        """Begin a span below `parent`, or a trace of its own when that is empty."""
        ...


class _Nothing:
    """The span of a process that does not trace."""

    traceparent = ""

    def rename(self, name: str) -> None:
        pass

    def note(self, attributes: Attributes) -> None:
        pass

    def end(self, fault: str) -> None:
        pass

    def __enter__(self) -> "_Nothing":
        return self

    def __exit__(self, *_: object) -> None:
        pass


_NOTHING: Final = _Nothing()
_tracer: Tracer | None = None
#: Whether this process traces; for hot paths that would rather not even ask for a span.
on = False


def use(tracer: Tracer | None) -> None:
    """Trace with it from now on, or no more."""
    global _tracer, on
    _tracer = tracer
    on = tracer is not None


def span(
    name: str,
    kind: Kind = "internal",
    attributes: Attributes = _NONE,
    *,
    parent: str | None = None,
    links: Sequence[str] = (),
) -> AbstractContextManager[Span]:
    """A span around a block, below the one under way unless `parent` names another."""
    if _tracer is None:
        return _NOTHING
    return _Around(_tracer, name, kind, parent, links, attributes)


class _Around:
    """Begins a span, makes it the current call's, and ends it with what came of it."""

    def __init__(
        self,
        tracer: Tracer,
        name: str,
        kind: Kind,
        parent: str | None,
        links: Sequence[str],
        attributes: Attributes,
    ) -> None:
        self._tracer = tracer
        self._begin = (name, kind, parent, links, attributes)
        self._span: Span
        self._calling: AbstractContextManager[Call]

    def __enter__(self) -> Span:
        name, kind, parent, links, attributes = self._begin
        call = current_call()
        above = call.trace if parent is None else parent
        self._span = self._tracer.start(name, kind, above, links, attributes)
        self._calling = calling(msgspec.structs.replace(call, trace=self._span.traceparent))
        self._calling.__enter__()
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._calling.__exit__(None, None, None)
        self._span.end(fault_of(error))


def fault_of(error: BaseException | None) -> str:
    """How an error is called in a span; empty for none and for refusals that are no fault of ours."""
    if error is None or (isinstance(error, AppError) and error.status not in FAULTS):
        return ""
    return type(error).__name__


def traceparent_of(text: str) -> str:
    """A W3C traceparent from outside, or nothing when it is not a sound one."""
    return text if _TRACEPARENT.fullmatch(text) else ""


def ids_of(traceparent: str) -> tuple[str, str]:
    """Trace id and span id, both empty without a trace."""
    parts = traceparent.split("-")
    return (parts[1], parts[2]) if len(parts) == 4 else ("", "")
