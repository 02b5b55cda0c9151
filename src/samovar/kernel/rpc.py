"""Stubs: how a contract is called without knowing where it runs.

Every stub, the local one too, refuses to run inside an open transaction, carries the `Call`,
applies the remaining deadline and lets only declared errors out, with class and data.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import structlog

from samovar.kernel import telemetry
from samovar.kernel.context import Call, current_call
from samovar.kernel.contract import Contract, Method
from samovar.kernel.db import in_transaction
from samovar.kernel.errors import AppError, Internal, Unavailable

log = structlog.get_logger(__name__)


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
    ok = telemetry.calls.labels(contract.short, method.name, "OK")
    name = method.name

    async def call(**arguments: Any) -> Any:
        check_may_call(contract, name, current_call())
        try:
            result = await function(**arguments)
        except Exception as error:
            answer = outgoing(contract, name, error)
            telemetry.calls.labels(contract.short, name, answer.status).inc()
            if answer is error:
                raise
            raise answer from error
        ok.inc()
        return result

    return call


def _local_stream(
    contract: Contract[Any], method: Method, function: Callable[..., AsyncIterator[Any]]
) -> Callable[..., AsyncIterator[Any]]:
    async def call(**arguments: Any) -> AsyncIterator[Any]:
        check_may_call(contract, method.name, current_call())
        try:
            async for item in function(**arguments):
                yield item
        except Exception as error:
            answer = outgoing(contract, method.name, error)
            if answer is error:
                raise
            raise answer from error

    return call
