"""The pool: one or two worker processes, started when there is work, ended when there is none for a while.

A worker that takes too long, too much memory, or dies is replaced; its task is refused. The pool belongs to
the process, not to a service's event loop: tasks run in threads of its own.
"""

import asyncio
import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import structlog

log = structlog.get_logger(__name__)

#: Seconds without work after which a worker ends.
IDLE: Final = 60.0
Progress = Callable[[int], None]

#: Registers the packages above the workshop without running them: the worker needs none of the service's
#: libraries, and its memory is counted.
_LAUNCH: Final = """
import sys, types
root = sys.argv.pop(1)
for name, path in (("samovar", root), ("samovar.services", root + "/services"),
                   ("samovar.services.media", root + "/services/media")):
    module = sys.modules[name] = types.ModuleType(name)
    module.__path__ = [path]
from samovar.services.media.workshop import worker
worker.main(sys.stdin, sys.stdout, int(sys.argv[1]), float(sys.argv[2]))
"""
_ROOT: Final = str(Path(__file__).resolve().parents[3])


class Broken(Exception):
    """The worker broke a limit or died; it was ended."""


class Pool:
    """Workers with a limit of memory, in bytes."""

    def __init__(self, size: int, memory: int) -> None:
        self._memory = memory
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="media")
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()
        #: Most memory that any worker had, in KiB: for those who watch it.
        self.peak_kib = 0

    async def run(
        self, task: dict[str, Any], seconds: float, progress: Progress | None = None
    ) -> dict[str, Any]:
        """Have a task done; answers the worker's last words. Raises Broken."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._run, task, seconds, progress)

    def _run(self, task: dict[str, Any], seconds: float, progress: Progress | None) -> dict[str, Any]:
        worker = self._take()
        try:
            answer = worker.do(task, seconds, progress)
        except BaseException:
            worker.end()
            raise
        self.peak_kib = max(self.peak_kib, answer.get("peak_kib", 0))
        with self._lock:
            self._idle.append(worker)
        return answer

    def _take(self) -> "_Worker":
        while True:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None:
                return _Worker(self._memory)
            if worker.alive:
                return worker
            worker.end()

    def close(self) -> None:
        """End all workers that wait."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()


class _Worker:
    """One process."""

    def __init__(self, memory: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, _ROOT, str(memory), str(IDLE)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
            # It needs nothing of ours, least of all secrets; one arena keeps its memory small.
            env={"PATH": os.environ.get("PATH", ""), "MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        self._rest = b""
        self._until = time.monotonic() + IDLE

    @property
    def alive(self) -> bool:
        """False when it has ended, or is about to for want of work."""
        return time.monotonic() < self._until - 2 and self._process.poll() is None

    def do(self, task: dict[str, Any], seconds: float, progress: Progress | None) -> dict[str, Any]:
        """One task. Raises Broken."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(task).encode() + b"\n")
        except OSError as error:
            raise Broken("gone") from error
        until = time.monotonic() + seconds
        while True:
            words: dict[str, Any] = json.loads(self._line(until))
            if "progress" not in words:
                self._until = time.monotonic() + IDLE
                return words
            if progress is not None:
                progress(words["progress"])

    def _line(self, until: float) -> bytes:
        assert self._process.stdout is not None
        while b"\n" not in self._rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
                raise Broken("too slow")
            piece = self._process.stdout.read(65_536)
            if not piece:
                raise Broken("died")
            self._rest += piece
        line, self._rest = self._rest.split(b"\n", 1)
        return line

    def end(self) -> None:
        """End it, whatever it does."""
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


@lru_cache(4)
def pool_of(size: int, memory: int) -> Pool:
    """The process's pool."""
    pool = Pool(size, memory)
    atexit.register(pool.close)
    return pool
