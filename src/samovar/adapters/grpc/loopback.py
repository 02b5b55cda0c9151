"""Every contract behind a gRPC server of its own, in one process: for the `grpc` test world."""

import asyncio
from collections.abc import Callable
from typing import Any

from samovar.adapters.grpc.peer import GrpcPeer
from samovar.adapters.grpc.server import GrpcServer
from samovar.kernel.context import current_call
from samovar.kernel.contract import Contract
from samovar.kernel.rpc import check_may_call


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
        peer = GrpcPeer(f"127.0.0.1:{port}", "loopback", name)
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
