"""Contracts over gRPC: a server for what is here, stubs for what is elsewhere.

Internal calls carry the `Call`, the caller's name, the audience and method and a short expiry,
signed by a key derived from the installation's secret. Each peer has a bulkhead (a channel cancels
calls above about a thousand in flight) and a breaker; a call is repeated only where the contract
says that it is idempotent.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final

import grpc
import msgspec
import structlog

from samovar.adapters.protobuf import from_bytes, to_bytes
from samovar.adapters.wire import pack_error, pack_request, unpack_error, unpack_request
from samovar.kernel.context import Call, calling, current_call
from samovar.kernel.contract import Contract, Method
from samovar.kernel.errors import AppError, Unavailable
from samovar.kernel.rpc import check_may_call, outgoing

log = structlog.get_logger(__name__)

IN_FLIGHT: Final = 64
OWN_DEADLINE: Final = 10.0
EXPIRY: Final = 30
TRIES: Final = 3
#: After that many failures in a row a peer is left alone for so many seconds.
BREAK_AFTER, BREAK_FOR = 10, 2.0
ERROR_KEY: Final = "samovar-error-bin"
CALL_KEY: Final = "samovar-call-bin"
SIGNATURE_KEY: Final = "samovar-signature-bin"
_OPTIONS: Final = [("grpc.max_receive_message_length", 16 << 20), ("grpc.max_send_message_length", 16 << 20)]


class WireCall(msgspec.Struct, frozen=True, kw_only=True):
    """A `Call` under way."""

    actor: int | None
    roles: tuple[str, ...]
    session: int | None
    caller: str
    system: bool
    locale: str
    request_id: str
    trace: str
    idempotency_key: str | None
    address: str
    #: Full method name that this may be used for, and until when (Unix seconds).
    method: str
    expires: int


def _key(secret: str, caller: str) -> bytes:
    """Every caller signs with a key of its own."""
    return hmac.digest(secret.encode(), b"samovar internal calls by " + caller.encode(), hashlib.sha256)


def sign_call(secret: str, caller: str, call: Call, method: str) -> tuple[bytes, bytes]:
    """Metadata of an outgoing call, and its signature."""
    wire = WireCall(
        actor=call.actor, roles=call.roles, session=call.session, caller=caller, system=call.system,
        locale=call.locale, request_id=call.request_id, trace=call.trace,
        idempotency_key=call.idempotency_key, address=call.address, method=method,
        expires=int(time.time()) + EXPIRY,
    )  # fmt: skip
    data = msgspec.json.encode(wire)
    return data, hmac.digest(_key(secret, caller), data, hashlib.sha256)


def read_call(secret: str, data: bytes, signature: bytes, method: str, deadline: float | None) -> Call | None:
    """The call in signed metadata, or None when it is forged, stale or for another method."""
    try:
        wire = msgspec.json.decode(data, type=WireCall)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not hmac.compare_digest(hmac.digest(_key(secret, wire.caller), data, hashlib.sha256), signature):
        return None
    if wire.method != method or wire.expires < time.time():
        return None
    return Call(
        actor=wire.actor, roles=wire.roles, session=wire.session, caller=wire.caller, system=wire.system,
        locale=wire.locale, request_id=wire.request_id, trace=wire.trace, deadline=deadline,
        idempotency_key=wire.idempotency_key, address=wire.address,
    )  # fmt: skip


def path_of(contract: Contract[Any], instance: str, method: Method) -> str:
    """gRPC path; contracts that several serve carry the instance after the service's name."""
    name = "".join(part.capitalize() for part in method.name.split("_"))
    return f"/{contract.name}{f'.{instance}' if instance else ''}/{name}"


class GrpcServer:
    """Serves implementations of this process to the others."""

    def __init__(
        self,
        served: Mapping[str, tuple[Contract[Any], Any]],
        secret: str,
        may_call: Callable[[str, Contract[Any]], bool],
    ) -> None:
        """`may_call(caller, contract)`: whether the caller's manifest says that it uses the contract."""
        self._server = grpc.aio.server(options=_OPTIONS, maximum_concurrent_rpcs=2000)
        self._secret = secret
        self._may_call = may_call
        for address, (contract, target) in served.items():
            self._add(contract, address.partition(":")[2], target)

    def _add(self, contract: Contract[Any], instance: str, target: Any) -> None:
        handlers = {}
        for method in contract.methods.values():
            path = path_of(contract, instance, method)
            function = getattr(target, method.name)
            make = self._stream if method.streaming else self._unary
            handlers[path.rpartition("/")[2]] = make(contract, method, path, function)
        service = f"{contract.name}{f'.{instance}' if instance else ''}"
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))

    async def start(self, address: str) -> int:
        """Listen; answers the port."""
        port = self._server.add_insecure_port(address)
        await self._server.start()
        return int(port)

    async def stop(self, grace: float) -> None:
        await self._server.stop(grace)

    async def _call(self, contract: Contract[Any], context: Any, path: str) -> Call:
        metadata = dict(context.invocation_metadata())
        remaining = context.time_remaining()
        deadline = None if remaining is None else asyncio.get_running_loop().time() + remaining
        call = read_call(
            self._secret, metadata.get(CALL_KEY, b""), metadata.get(SIGNATURE_KEY, b""), path, deadline
        )
        if call is None:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "unsigned call")
            raise AssertionError
        if not self._may_call(call.caller, contract):
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, f"{call.caller} does not use this")
        return call

    def _unary(
        self, contract: Contract[Any], method: Method, path: str, function: Callable[..., Awaitable[Any]]
    ) -> Any:
        async def handle(data: bytes, context: Any) -> bytes:
            call = await self._call(contract, context, path)
            try:
                with calling(call):
                    result = await function(**unpack_request(method, data))
                return to_bytes(result)
            except Exception as error:
                await _abort(context, outgoing(contract, method.name, error))
                raise AssertionError from None

        return grpc.unary_unary_rpc_method_handler(handle)

    def _stream(
        self, contract: Contract[Any], method: Method, path: str, function: Callable[..., AsyncIterator[Any]]
    ) -> Any:
        async def handle(data: bytes, context: Any) -> AsyncIterator[bytes]:
            call = await self._call(contract, context, path)
            try:
                with calling(call):
                    async for item in function(**unpack_request(method, data)):
                        yield to_bytes(item)
            except Exception as error:
                await _abort(context, outgoing(contract, method.name, error))

        return grpc.unary_stream_rpc_method_handler(handle)


async def _abort(context: Any, error: AppError) -> None:
    status = getattr(grpc.StatusCode, error.status)
    await context.abort(status, error.code, ((ERROR_KEY, pack_error(error)),))


class Breaker:
    """Leaves a failing peer alone for a while."""

    def __init__(self) -> None:
        self._failures = 0
        self._until = 0.0

    def check(self) -> None:
        if self._until > time.monotonic():
            raise Unavailable(retry_after=BREAK_FOR)

    def note(self, ok: bool) -> None:
        """Remember how a call went; many failures in a row open the breaker."""
        self._failures = 0 if ok else self._failures + 1
        if self._failures >= BREAK_AFTER:
            self._until = time.monotonic() + BREAK_FOR
            self._failures = 0


class GrpcPeer:
    """Another process, by its address."""

    def __init__(self, target: str, secret: str) -> None:
        self._channel = grpc.aio.insecure_channel(target, options=_OPTIONS)
        self._secret = secret
        self._places = asyncio.Semaphore(IN_FLIGHT)
        self._breaker = Breaker()

    async def close(self) -> None:
        await self._channel.close()

    def stub(self, contract: Contract[Any], instance: str, caller: str) -> Any:
        """A stub of one of its contracts, for one caller."""
        return _GrpcStub(self, contract, instance, caller)

    async def call(self, contract: Contract[Any], method: Method, path: str, data: bytes, caller: str) -> Any:
        """One call. Raises the contract's errors; a failing wire is Unavailable."""
        tries = TRIES if method.idempotent else 1
        for attempt in range(1, tries + 1):
            self._breaker.check()
            try:
                answer = await self._once(path, data, caller)
            except grpc.aio.AioRpcError as error:
                packed = dict(error.trailing_metadata() or ()).get(ERROR_KEY)
                if packed is not None:
                    self._breaker.note(ok=True)
                    raise unpack_error(contract, bytes(packed)) from None
                self._breaker.note(ok=False)
                log.warning("peer call failed", path=path, status=error.code().name, attempt=attempt)
                if attempt == tries or error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                    raise Unavailable(retry_after=1) from error
                await asyncio.sleep(0.05 * 2**attempt)
            else:
                self._breaker.note(ok=True)
                return from_bytes(answer, method.response)
        raise Unavailable

    async def _once(self, path: str, data: bytes, caller: str) -> bytes:
        timeout = OWN_DEADLINE
        call = current_call()
        remaining = call.remaining()
        if remaining is not None:
            timeout = min(timeout, max(0.001, remaining))
        signed, signature = sign_call(self._secret, caller, call, path)
        async with self._places:
            send: Any = self._channel.unary_unary(path)
            answer: bytes = await send(
                data, timeout=timeout, metadata=((CALL_KEY, signed), (SIGNATURE_KEY, signature))
            )
            return answer

    async def stream(
        self, contract: Contract[Any], method: Method, path: str, data: bytes, caller: str
    ) -> AsyncIterator[Any]:
        """A streamed answer."""
        signed, signature = sign_call(self._secret, caller, current_call(), path)
        metadata = ((CALL_KEY, signed), (SIGNATURE_KEY, signature))
        async with self._places:
            try:
                send: Any = self._channel.unary_stream(path)
                async for item in send(data, metadata=metadata):
                    yield from_bytes(item, method.response)
            except grpc.aio.AioRpcError as error:
                packed = dict(error.trailing_metadata() or ()).get(ERROR_KEY)
                if packed is not None:
                    raise unpack_error(contract, bytes(packed)) from None
                raise Unavailable(retry_after=1) from error


class _GrpcStub:
    def __init__(self, peer: GrpcPeer, contract: Contract[Any], instance: str, caller: str) -> None:
        for method in contract.methods.values():
            setattr(self, method.name, _remote(peer, contract, instance, method, caller))


def _remote(
    peer: GrpcPeer, contract: Contract[Any], instance: str, method: Method, caller: str
) -> Callable[..., Any]:
    path = path_of(contract, instance, method)

    async def call(**arguments: Any) -> Any:
        check_may_call(contract, method.name, current_call())
        return await peer.call(contract, method, path, pack_request(method, arguments), caller)

    async def stream(**arguments: Any) -> AsyncIterator[Any]:
        check_may_call(contract, method.name, current_call())
        async for item in peer.stream(contract, method, path, pack_request(method, arguments), caller):
            yield item

    return stream if method.streaming else call


class LoopbackStubs:
    """Puts every implementation behind a gRPC server on loopback: for the `grpc` test world."""

    def __init__(self) -> None:
        self._servers: list[GrpcServer] = []
        self._peers: list[GrpcPeer] = []

    def make(self, contract: Contract[Any], instance: str, target: Any) -> Any:
        return _LoopbackStub(self, contract, instance, target)

    async def connect(self, contract: Contract[Any], instance: str, target: Any) -> Any:
        """A server for one contract and a peer that calls it."""
        name = f"{contract.short}:{instance}" if instance else contract.short
        server = GrpcServer({name: (contract, target)}, "loopback", lambda caller, contract: True)
        port = await server.start("127.0.0.1:0")
        peer = GrpcPeer(f"127.0.0.1:{port}", "loopback")
        self._servers.append(server)
        self._peers.append(peer)
        return peer.stub(contract, instance, "test")

    async def close(self) -> None:
        """End all peers and servers."""
        for peer in self._peers:
            await peer.close()
        for server in self._servers:
            await server.stop(0)


class _LoopbackStub:
    """Starts its server at the first call, since stubs are made outside any coroutine."""

    def __init__(self, home: LoopbackStubs, contract: Contract[Any], instance: str, target: Any) -> None:
        self._stub: Any = None
        self._lock = asyncio.Lock()

        def function(name: str) -> Callable[..., Any]:
            async def call(**arguments: Any) -> Any:
                check_may_call(contract, name, current_call())
                async with self._lock:
                    if self._stub is None:
                        self._stub = await home.connect(contract, instance, target)
                return await getattr(self._stub, name)(**arguments)

            return call

        for name in contract.methods:
            setattr(self, name, function(name))
