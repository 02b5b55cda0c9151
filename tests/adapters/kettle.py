"""A reactions service that does as it is told; `python -m tests.adapters.kettle PORT` serves it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from samovar.adapters.grpc import GrpcServer
from samovar.contracts import common
from samovar.contracts.reactions import REACTIONS, Summary, SummaryList, UnknownReaction
from samovar.kernel.context import Call, current_call
from samovar.kernel.errors import NotFound, Unavailable

SECRET = "what all processes of an installation share"
ITEM = common.ItemRef(kind="post", id=2**62)


class Kettle:
    """Remembers who called, and takes as long as it is told."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    async def react(self, *, item: common.ItemRef, type: str) -> Summary:
        self.calls.append(current_call())
        if type == "declared":
            raise UnknownReaction(fields={"type": "odd"}, item=item.id)
        if type == "hidden":
            raise NotFound
        if type == "bug":
            raise ZeroDivisionError
        if type == "huge":
            return Summary(id=item.id, own="x" * (15 << 20))
        if type.startswith("after "):
            await asyncio.sleep(float(type.removeprefix("after ")))
        return Summary(id=item.id, counts={type: 2, "чай": 1}, own=str(os.getpid()))

    async def summaries(self, *, kind: str, ids: Sequence[int] = ()) -> SummaryList:
        await asyncio.sleep(0.01)
        return SummaryList(items=tuple(Summary(id=id_, own=str(os.getpid())) for id_ in ids))

    def __getattr__(self, name: str) -> Any:
        async def missing(**_: Any) -> Any:
            raise Unavailable

        return missing


async def serve(port: int) -> None:
    """Serve until told to end, and drain then."""
    server = GrpcServer({"reactions": (REACTIONS, Kettle())}, SECRET, lambda caller, contract: True)
    await server.start(f"127.0.0.1:{port}")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print("ready", flush=True)
    await stop.wait()
    await server.stop(10)


class KettleProcess:
    """A process that serves it."""

    def __init__(self, port: int, process: asyncio.subprocess.Process) -> None:
        self.port = port
        self.process = process

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


@asynccontextmanager
async def kettle_process(port: int) -> AsyncIterator[KettleProcess]:
    """One, from ready until it is killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.adapters.kettle", str(port),
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 30) == b"ready\n"
        yield KettleProcess(port, process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
