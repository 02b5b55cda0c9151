"""What a caller holds: one object for each contract, with its methods."""

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from samovar.adapters.grpc.signing import path_of
from samovar.adapters.wire import pack_request
from samovar.kernel.context import current_call
from samovar.kernel.contract import Contract, Method
from samovar.kernel.rpc import Watched, check_may_call

if TYPE_CHECKING:
    from samovar.adapters.grpc.peer import GrpcPeer


class GrpcStub:
    """A contract, as a peer serves it to one caller."""

    def __init__(self, peer: "GrpcPeer", contract: Contract[Any], instance: str, caller: str) -> None:
        for method in contract.methods.values():
            setattr(self, method.name, _remote(peer, contract, instance, method, caller))


def _remote(
    peer: "GrpcPeer", contract: Contract[Any], instance: str, method: Method, caller: str
) -> Callable[..., Any]:
    path = path_of(contract, instance, method)
    watched = Watched(contract, method.name, "client")

    async def call(**arguments: Any) -> Any:
        check_may_call(contract, method.name, current_call())
        with watched.call():
            return await peer.call(contract, method, path, pack_request(method, arguments), caller)

    async def stream(**arguments: Any) -> AsyncIterator[Any]:
        check_may_call(contract, method.name, current_call())
        with watched.call():
            async for item in peer.stream(contract, method, path, pack_request(method, arguments), caller):
                yield item

    return stream if method.streaming else call
