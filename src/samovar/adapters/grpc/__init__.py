"""Contracts over gRPC: a server for what is here, stubs for what is elsewhere.

Every method of a contract is a gRPC method that anybody with a key may call. Our own processes call
each other faster: a gRPC call costs hundreds of microseconds in Python whatever it carries, so calls
made at the same time travel together, on one long stream to each address of a peer (`line`). Each
still carries its own signed `Call`, deadline and errors, and is answered when it is done.

    stubs     what a caller holds: one object for each contract
    peer      another part of Samovar, at one address or several: bulkhead, breaker, retries
    line      one address of a peer; talk: the stream of calls that goes there
    server    implementations of this process, for the others; answering: the other end of a stream
"""

import os

# Its C library writes lines of its own into the log, about connections that end as they should.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

from samovar.adapters.grpc.breaker import Breaker
from samovar.adapters.grpc.loopback import LoopbackStubs
from samovar.adapters.grpc.peer import GrpcPeer
from samovar.adapters.grpc.server import GrpcServer
from samovar.adapters.grpc.signing import WireCall, path_of, read_call, sign_call

__all__ = [
    "Breaker",
    "GrpcPeer",
    "GrpcServer",
    "LoopbackStubs",
    "WireCall",
    "path_of",
    "read_call",
    "sign_call",
]
