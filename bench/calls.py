"""What a contract call costs in processor time: in this process, through bytes, and by gRPC.

    python -m bench.calls PORT

is the other process: it serves until its input ends.
"""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import uvloop

from bench import servers
from bench.figures import Figure, note, say
from samovar.adapters.grpc import GrpcPeer, GrpcServer
from samovar.adapters.wire import WireStub
from samovar.contracts.common import Scope
from samovar.contracts.posts import POSTS, Count, CountList, Mention, Post, PostList
from samovar.kernel.context import Call, calling
from samovar.kernel.rpc import LocalStub

SECRET = "a secret for the benchmark alone, long enough"
#: Ids as long as real ones.
FIRST_ID = 7 << 58
POSTS_KNOWN, PAGE = 200, 20
SECONDS = 2.0
TEXT = "The samovar hums, somebody brings jam, and rain taps at the window of our small kitchen. #tea"
#: Calls under way at a time: one person's, a small site's, a busy one's.
AT_ONCE = (1, 16, 64)


def _post(number: int) -> Post:
    return Post(
        id=FIRST_ID + number, author_id=FIRST_ID + number % 40, created_at=1_760_000_000_000_000 + number,
        text=f"{TEXT} {number}", html=f"<p>{TEXT} {number}</p>", visibility=Scope.PUBLIC, language="en",
        replies=number % 5, reposts=number % 3, tags=("tea",),
        mentions=(Mention(user_id=FIRST_ID, username="anna"),) if number % 5 == 0 else (),
    )  # fmt: skip


class Kettle:
    """Answers at once from memory, so that the call itself is what is measured."""

    def __init__(self) -> None:
        self._posts = {post.id: post for post in map(_post, range(POSTS_KNOWN))}

    async def get_many(self, *, ids: Sequence[int] = ()) -> PostList:
        return PostList(items=tuple([self._posts[id_] for id_ in ids]))

    async def counts(self, *, user_ids: Sequence[int] = ()) -> CountList:
        return CountList(items=tuple([Count(user_id=id_, posts=1) for id_ in user_ids]))

    def __getattr__(self, name: str) -> Any:
        async def missing(**_: Any) -> Any:
            raise NotImplementedError

        return missing


class Cost(NamedTuple):
    """Seconds of processor time for one call, here and there."""

    here: float
    there: float

    @property
    def both(self) -> float:
        return self.here + self.there


def page_of(stub: Any, turn: int) -> Awaitable[Any]:
    first = turn * 7 % POSTS_KNOWN
    return stub.get_many(ids=tuple(FIRST_ID + (first + n) % POSTS_KNOWN for n in range(PAGE)))


def small(stub: Any, turn: int) -> Awaitable[Any]:
    return stub.counts(user_ids=(FIRST_ID + turn % POSTS_KNOWN,))


KINDS: dict[str, Callable[[Any, int], Awaitable[Any]]] = {"20 posts": page_of, "a number": small}


async def cost(
    ask: Callable[[Any, int], Awaitable[Any]], stub: Any, at_once: int, there: psutil.Process | None
) -> Cost:
    """Ask for a while, with so many calls under way all the time."""
    until = time.perf_counter() + SECONDS
    done = 0

    async def one() -> None:
        nonlocal done
        loop = asyncio.get_running_loop()
        while time.perf_counter() < until:
            with calling(Call(actor=FIRST_ID, roles=("user",), deadline=loop.time() + 15)):
                await ask(stub, done)
            done += 1

    before, before_there = time.process_time(), _seconds(there)
    await asyncio.gather(*(one() for _ in range(at_once)))
    return Cost((time.process_time() - before) / done, (_seconds(there) - before_there) / done)


def _seconds(process: psutil.Process | None) -> float:
    if process is None:
        return 0.0
    times = process.cpu_times()
    return float(times.user + times.system)


@asynccontextmanager
async def another_process() -> AsyncIterator[tuple[GrpcPeer, psutil.Process]]:
    """The same kettle in a process of its own, on the other core."""
    port = servers.free_port()
    child = _child(port)
    peer = GrpcPeer(f"127.0.0.1:{port}", SECRET)
    try:
        await _answers(port)
        yield peer, psutil.Process(child.pid)
    finally:
        await peer.close()
        child.communicate()


def _child(port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.calls", str(port)], stdin=subprocess.PIPE,
        cwd=Path(__file__).resolve().parent.parent, preexec_fn=lambda: servers.pin(servers.SERVER_CORE),
    )  # fmt: skip


async def _answers(port: int) -> None:
    until = time.perf_counter() + 20
    while time.perf_counter() < until:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.05)
    raise RuntimeError("the other process does not answer")


async def ratio() -> list[Figure]:
    """What a call costs by each way, and the ratios."""
    say("contract calls")
    kettle = Kettle()
    figures = []
    async with another_process() as (peer, process):
        remote = peer.stub(POSTS, "", "edge")
        for kind, ask in KINDS.items():
            local = await cost(ask, LocalStub(POSTS, kettle), 1, None)
            wire = await cost(ask, WireStub(POSTS, kettle), 1, None)
            figures.append(note(f"a call for {kind}, local", 1e6 * local.both, "us"))
            # The wire sends what is idempotent twice.
            figures.append(note(f"a call for {kind}, through bytes", 1e6 * wire.both / 2, "us"))
            for at_once in AT_ONCE:
                far = await cost(ask, remote, at_once, process)
                name = f"a call for {kind}, gRPC, {at_once} at once"
                figures.append(note(f"{name}, caller", 1e6 * far.here, "us"))
                figures.append(note(f"{name}, callee", 1e6 * far.there, "us"))
                figures.append(note(f"{name}, both over local", far.both / local.both, "times"))
    return figures


async def serve(port: int) -> None:
    """Serve the kettle until the input ends."""
    server = GrpcServer({"posts": (POSTS, Kettle())}, SECRET, lambda caller, contract: True)
    await server.start(f"127.0.0.1:{port}")
    await asyncio.to_thread(sys.stdin.buffer.read)
    await server.stop(0)


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
