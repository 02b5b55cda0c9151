"""Implementations of this process, for the others."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Final

import grpc
import structlog
from grpc_health.v1 import health_pb2_grpc  # type: ignore[import-untyped]

from samovar.adapters.grpc.answering import ServedLine
from samovar.adapters.grpc.health import HealthService
from samovar.adapters.grpc.messages import (
    ERROR_KEY,
    LARGEST,
    LINE_SERVICE,
    MESSAGE_OPTIONS,
    Answer,
    Ask,
    Outcome,
)
from samovar.adapters.grpc.signing import CALL_KEY, SIGNATURE_KEY, path_of, read_call
from samovar.adapters.protobuf import to_bytes
from samovar.adapters.wire import pack_error, unpack_request
from samovar.kernel.context import Call, calling
from samovar.kernel.contract import Contract, Method
from samovar.kernel.errors import AppError, Internal
from samovar.kernel.rpc import Watched, outgoing

log = structlog.get_logger(__name__)

#: Calls under way at a time, of all callers.
AT_ONCE: Final = 2000
OPTIONS: Final = (
    *MESSAGE_OPTIONS,
    # Callers may ask for a sign of life that often, also while they ask for nothing else.
    ("grpc.http2.min_ping_interval_without_data_ms", 500),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # Two servers on one port would share its callers without anybody having meant it.
    ("grpc.so_reuseport", 0),
)


class Refused(Exception):
    """A call that is not carried out; the text says why."""


class _Served:
    """One method of an implementation."""

    def __init__(self, contract: Contract[Any], method: Method, target: Any) -> None:
        self.contract = contract
        self.method = method
        self.function: Callable[..., Any] = getattr(target, method.name)
        self.watched = Watched(contract, method.name, "server")

    async def carry_out(self, data: bytes, call: Call) -> bytes:
        """The answer's bytes. Raises what the contract declares."""
        with calling(call), self.watched.call():
            try:
                answer = to_bytes(await self.function(**unpack_request(self.method, data)))
                if len(answer) > LARGEST:
                    raise ValueError(f"an answer of {len(answer)} bytes is more than fits a message")
            except Exception as error:
                raise outgoing(self.contract, self.method.name, error) from error
            return answer


class GrpcServer:
    """Serves implementations of this process to the others."""

    def __init__(
        self,
        served: Mapping[str, tuple[Contract[Any], Any]],
        secret: str,
        may_call: Callable[[str, Contract[Any]], bool],
        problems: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """`may_call(caller, contract)`: whether the caller's manifest says that it uses the contract;
        `problems()`: why this process can't serve now, for gRPC's health service."""
        self._server = grpc.aio.server(options=OPTIONS, maximum_concurrent_rpcs=AT_ONCE)
        self._secret = secret
        self._may_call = may_call
        #: What was answered to (caller, contract): manifests don't change.
        self._allowed: dict[tuple[str, str], bool] = {}
        self._methods: dict[str, _Served] = {}
        self._lines: set[ServedLine] = set()
        self._under_way = 0
        self._drains = False
        names = {
            self._add(contract, address.partition(":")[2], target)
            for address, (contract, target) in served.items()
        }
        line: Any = grpc.stream_stream_rpc_method_handler(self._line)
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(LINE_SERVICE, {"Talk": line}),)
        )
        health = HealthService(frozenset(names), lambda: not (self._drains or problems()))
        health_pb2_grpc.add_HealthServicer_to_server(health, self._server)

    def _add(self, contract: Contract[Any], instance: str, target: Any) -> str:
        handlers = {}
        service = f"{contract.name}{f'.{instance}' if instance else ''}"
        for method in contract.methods.values():
            path = path_of(contract, instance, method)
            served = _Served(contract, method, target)
            if not method.streaming:
                self._methods[path] = served
            make = self._stream if method.streaming else self._unary
            handlers[path.rpartition("/")[2]] = make(served, path)
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
        return service

    async def start(self, address: str) -> int:
        """Listen; answers the port. Raises OSError when the address is taken."""
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(f"[process] listen: {address} can't be used: {error}") from error
        await self._server.start()
        return int(port)

    def draining(self) -> None:
        """Send callers elsewhere: what is under way is answered, health says NOT_SERVING."""
        if not self._drains:
            self._drains = True
            for line in self._lines:
                line.close()

    async def stop(self, grace: float) -> None:
        """Drain for so many seconds at most, and end."""
        self.draining()
        await self._server.stop(grace)

    async def _line(self, _: Any, context: Any) -> None:
        if self._drains:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "this process is about to end")
        line = ServedLine(context, self._carry)
        self._lines.add(line)
        try:
            await line.run()
        finally:
            self._lines.discard(line)

    async def _carry(self, ask: Ask) -> Answer:
        """Carry out a call from a line."""
        if self._under_way >= AT_ONCE:
            return Answer(ask.id, Outcome.BUSY)
        served = self._methods.get(ask.path)
        self._under_way += 1
        try:
            deadline = asyncio.get_running_loop().time() + ask.seconds
            call = self._check(ask.path, served, ask.call, ask.signature, deadline)
            assert served is not None
            return Answer(ask.id, Outcome.OK, await served.carry_out(ask.data, call))
        except Refused as refused:
            return Answer(ask.id, Outcome.REFUSED, str(refused).encode())
        except AppError as error:
            return Answer(ask.id, Outcome.ERROR, pack_error(error))
        except Exception as error:
            log.error("call failed", path=ask.path, exc_info=error)
            return Answer(ask.id, Outcome.ERROR, pack_error(Internal()))
        finally:
            self._under_way -= 1

    def _check(
        self, path: str, served: _Served | None, data: bytes, signature: bytes, deadline: float | None
    ) -> Call:
        """The call, when its caller may make it. Raises Refused."""
        call = read_call(self._secret, data, signature, path, deadline)
        if call is None:
            raise Refused("unsigned call")
        if served is None:
            raise Refused("no such method here")
        # The signature is good: callers are ours, and few.
        use = (call.caller, served.contract.name)
        allowed = self._allowed.get(use)
        if allowed is None:
            allowed = self._allowed[use] = self._may_call(call.caller, served.contract)
        if not allowed:
            raise Refused(f"{call.caller} does not use this")
        return call

    async def _call(self, served: _Served, context: Any, path: str) -> Call:
        """The same for a gRPC call of its own."""
        metadata = dict(context.invocation_metadata())
        remaining = context.time_remaining()
        deadline = None if remaining is None else asyncio.get_running_loop().time() + remaining
        try:
            return self._check(
                path, served, metadata.get(CALL_KEY, b""), metadata.get(SIGNATURE_KEY, b""), deadline
            )
        except Refused as refused:
            unsigned = str(refused) == "unsigned call"
            status = grpc.StatusCode.UNAUTHENTICATED if unsigned else grpc.StatusCode.PERMISSION_DENIED
            await context.abort(status, str(refused))
            raise

    def _unary(self, served: _Served, path: str) -> Any:
        async def handle(data: bytes, context: Any) -> bytes:
            call = await self._call(served, context, path)
            try:
                return await served.carry_out(data, call)
            except AppError as error:
                await _abort(context, error)
                raise

        return grpc.unary_unary_rpc_method_handler(handle)

    def _stream(self, served: _Served, path: str) -> Any:
        async def handle(data: bytes, context: Any) -> AsyncIterator[bytes]:
            call = await self._call(served, context, path)
            try:
                with calling(call), served.watched.call():
                    async for item in served.function(**unpack_request(served.method, data)):
                        yield to_bytes(item)
            except Exception as error:
                await _abort(context, outgoing(served.contract, served.method.name, error))

        return grpc.unary_stream_rpc_method_handler(handle)


async def _abort(context: Any, error: AppError) -> None:
    status = getattr(grpc.StatusCode, error.status)
    await context.abort(status, error.code, ((ERROR_KEY, pack_error(error)),))
