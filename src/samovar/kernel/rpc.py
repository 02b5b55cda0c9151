"""Stubs: how a contract is called without knowing where it runs.

Every stub, the local one too, refuses to run inside an open transaction, carries the `Call`,
applies the remaining deadline, lets only declared errors out, with class and data, and is counted,
timed and traced under the same names.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager
from time import perf_counter
from types import TracebackType
from typing import Any, Final

import structlog

from samovar.kernel import telemetry, tracing
from samovar.kernel.context import Call, current_call
from samovar.kernel.contract import Contract, Method
from samovar.kernel.db import in_transaction
from samovar.kernel.errors import AppError, Internal, Unavailable

log = structlog.get_logger(__name__)

#: Of calls within a process one in so many is timed: they are made many times for each request, and a
#: histogram's quantiles don't need more. All are counted. A power of two.
TIMED: Final = 16


def check_may_call(contract: Contract[Any], method: str, call: Call) -> None:
    """Raises when a call may not start now: inside a transaction, or past its deadline."""
    if in_transaction.get():
        raise RuntimeError(f"{contract.short}.{method} called inside an open transaction")
    remaining = call.remaining()
    if remaining is not None and remaining <= 0:
        raise Unavailable("This took too long. Please try again.")


def outgoing(contract: Contract[Any], method: str, error: Exception) -> AppError:
    """What a caller is told of an error: itself when declared, else Internal; the cause is logged."""
    if type(error) in contract.errors:
        return error  # type: ignore[return-value]
    log.error("call failed", contract=contract.short, method=method, exc_info=error)
    return Internal()


class Watched:
    """Counts, times and traces the calls of one method that leave a process or enter one."""

    def __init__(self, contract: Contract[Any], method: str, side: tracing.Kind) -> None:
        served = side == "server"
        self.count = telemetry.served_calls if served else telemetry.calls
        self.names = (contract.short, method)
        self.ok = self.count.labels(*self.names, "OK")
        self.seconds = (telemetry.served_duration if served else telemetry.call_duration).labels(*self.names)
        self.name = ".".join(self.names)
        self.side = side
        self.attributes = {"rpc.system": "grpc", "rpc.service": contract.name, "rpc.method": method}

    def call(self) -> AbstractContextManager[None]:
        """Around one call."""
        return _Watch(self)


class _Watch:
    """One call, watched."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._began = perf_counter()
        self._span: AbstractContextManager[tracing.Span] | None = None

    def __enter__(self) -> None:
        if tracing.on:
            watched = self._watched
            self._span = tracing.span(watched.name, watched.side, watched.attributes)
            self._span.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        watched = self._watched
        if error is None:
            watched.ok.inc()
        else:
            status = error.status if isinstance(error, AppError) else Internal.status
            if isinstance(error, asyncio.CancelledError | GeneratorExit):
                status = "CANCELLED"
            watched.count.labels(*watched.names, status).inc()
        watched.seconds.observe(perf_counter() - self._began)
        if self._span is not None:
            self._span.__exit__(kind, error, trace)


class LocalStub:
    """Calls an implementation in this process."""

    def __init__(self, contract: Contract[Any], target: Any) -> None:
        for method in contract.methods.values():
            function = getattr(target, method.name)
            make = _local_stream if method.streaming else _local_call
            setattr(self, method.name, make(contract, method, function))


def _local_call(
    contract: Contract[Any], method: Method, function: Callable[..., Awaitable[Any]]
) -> Callable[..., Awaitable[Any]]:
    name = method.name
    ok = telemetry.calls.labels(contract.short, name, "OK")
    seconds = telemetry.call_duration.labels(contract.short, name)
    span_name, attributes = f"{contract.short}.{name}", {"rpc.service": contract.name, "rpc.method": name}
    made = 0

    async def call(**arguments: Any) -> Any:
        nonlocal made
        check_may_call(contract, name, current_call())
        made += 1
        began = 0.0 if made % TIMED else perf_counter()
        try:
            if tracing.on:
                with tracing.span(span_name, "internal", attributes):
                    result = await function(**arguments)
            else:
                result = await function(**arguments)
        except Exception as error:
            answer = outgoing(contract, name, error)
            telemetry.calls.labels(contract.short, name, answer.status).inc()
            if answer is error:
                raise
            raise answer from error
        ok.inc()
        if began:
            seconds.observe(perf_counter() - began)
        return result

    return call


def _local_stream(
    contract: Contract[Any], method: Method, function: Callable[..., AsyncIterator[Any]]
) -> Callable[..., AsyncIterator[Any]]:
    ok = telemetry.calls.labels(contract.short, method.name, "OK")

    async def call(**arguments: Any) -> AsyncIterator[Any]:
        check_may_call(contract, method.name, current_call())
        try:
            async for item in function(**arguments):
                yield item
        except Exception as error:
            answer = outgoing(contract, method.name, error)
            telemetry.calls.labels(contract.short, method.name, answer.status).inc()
            if answer is error:
                raise
            raise answer from error
        ok.inc()

    return call
