"""A stub for tests that sends every call through bytes, and sends idempotent calls twice.

What works through it works through a network: nothing but contract messages crosses, and a caller
that retries does no harm.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec

from samovar.adapters.protobuf import from_bytes, to_bytes
from samovar.kernel.context import calling, current_call
from samovar.kernel.contract import Contract, Method
from samovar.kernel.errors import AppError, Invalid
from samovar.kernel.rpc import Watched, check_may_call, outgoing


class WireError(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal under way: enough to make the same error again."""

    code: str
    message: str
    fields: dict[str, str] = {}
    retry_after: float | None = None
    data: dict[str, Any] = {}


def pack_error(error: AppError) -> bytes:
    return msgspec.json.encode(
        WireError(
            code=error.code, message=error.message, fields=error.fields, retry_after=error.retry_after,
            data=error.data,
        )
    )  # fmt: skip


def unpack_error(contract: Contract[Any], data: bytes) -> AppError:
    """The declared error of that code; a code that this release doesn't know is an AppError."""
    wire = msgspec.json.decode(data, type=WireError)
    kind = contract.error_by_code.get(wire.code, AppError)
    return kind(wire.message, fields=wire.fields, retry_after=wire.retry_after, **wire.data)


def pack_request(method: Method, arguments: dict[str, Any]) -> bytes:
    """A call's arguments as bytes. Lists become tuples, as messages hold them."""
    plain = {name: tuple(v) if isinstance(v, list) else v for name, v in arguments.items()}
    try:
        return to_bytes(method.request(**plain))
    except (ValueError, TypeError) as error:
        # A number beyond 64 bits, a text that is not Unicode: nothing that a service would take.
        raise Invalid from error


def unpack_request(method: Method, data: bytes) -> dict[str, Any]:
    """The arguments of a call, from bytes."""
    request = from_bytes(data, method.request)
    return {name: getattr(request, name) for name in request.__struct_fields__}


class WireStub:
    """Calls an implementation in this process, by bytes."""

    def __init__(self, contract: Contract[Any], target: Any) -> None:
        for method in contract.methods.values():
            function = getattr(target, method.name)
            make = self._stream if method.streaming else self._call
            setattr(self, method.name, make(contract, method, function))

    def _call(
        self, contract: Contract[Any], method: Method, function: Callable[..., Awaitable[Any]]
    ) -> Callable[..., Awaitable[Any]]:
        async def once(data: bytes) -> Any:
            # A memo stays in its process, and so does the caller's copy of the call.
            call = msgspec.structs.replace(current_call(), memo={})
            try:
                with calling(call):
                    result = await function(**unpack_request(method, data))
            except Exception as error:
                raise unpack_error(contract, pack_error(outgoing(contract, method.name, error))) from None
            return from_bytes(to_bytes(result), method.response)

        watched = Watched(contract, method.name, "internal")

        async def call(**arguments: Any) -> Any:
            check_may_call(contract, method.name, current_call())
            data = pack_request(method, arguments)
            with watched.call():
                result = await once(data)
                return await once(data) if method.idempotent else result

        return call

    def _stream(
        self, contract: Contract[Any], method: Method, function: Callable[..., AsyncIterator[Any]]
    ) -> Callable[..., AsyncIterator[Any]]:
        async def call(**arguments: Any) -> AsyncIterator[Any]:
            check_may_call(contract, method.name, current_call())
            request = unpack_request(method, pack_request(method, arguments))
            try:
                async for item in function(**request):
                    yield from_bytes(to_bytes(item), method.response)
            except Exception as error:
                raise unpack_error(contract, pack_error(outgoing(contract, method.name, error))) from None

        return call
