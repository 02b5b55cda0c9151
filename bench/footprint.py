"""Memory at rest, the time to start, and the time of the tests."""

import asyncio
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil

from bench import servers
from bench.figures import OUT, Figure, at_most, say

IDLE_SECONDS = 60
ROOT = Path(__file__).resolve().parent.parent


def proportional(process: psutil.Process) -> float:
    """Megabytes that a process and its children hold, what they share counted once."""
    family = [process, *process.children(recursive=True)]
    return sum(one.memory_full_info().pss for one in family) / 1e6


async def at_rest() -> list[Figure]:
    """All in one with the sample community: memory after a minute without work, and the time of a restart."""
    say("memory at rest and start-up")
    data = OUT / "sample"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    with servers.samovar(data, {}, "--demo", wait=300):
        pass
    starts = []
    for _ in range(3):
        with servers.samovar(data, {}) as (_, _, seconds):
            starts.append(seconds)
    with servers.samovar(data, {}, "--demo") as (_, process, _):
        await asyncio.sleep(IDLE_SECONDS)
        memory = proportional(psutil.Process(process.pid))
    shutil.rmtree(data)
    return [
        at_most("memory of all in one with the sample community, idle for 60 s", memory, "MB", 130),
        at_most("start on an existing database until ready", statistics.median(starts), "s", 2.5),
    ]


async def tests() -> list[Figure]:
    """The tests of the embedded world, browser, faults and schemathesis apart."""
    say("make test, embedded world")
    begun = time.perf_counter()
    run = await asyncio.create_subprocess_exec(
        sys.executable, "tools/test.py", "embedded", cwd=ROOT, stdout=subprocess.PIPE
    )
    output, _ = await run.communicate()
    seconds = time.perf_counter() - begun
    for line in output.decode().strip().splitlines()[-3:]:
        say(f"  {line}")
    return [
        at_most("make test, embedded world", seconds, "s", 60),
        at_most("make test, embedded world, failed", 1 if run.returncode else 0, "runs", 0),
    ]
