"""A real server process for tests: started on a free port, ended by its own pid."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

#: Cheap passwords, no limits, and nobody is turned away when the machine is slow: these tests are about
#: other things.
EASY = {
    "SAMOVAR_EDGE__RATE_LIMITS": "off",
    "SAMOVAR_EDGE__QUEUE_SECONDS": "0",
    "SAMOVAR_EDGE__ANONYMOUS_CACHE_SECONDS": "0",
    "SAMOVAR_IDENTITY__ARGON_MEMORY_KIB": "8",
    "SAMOVAR_IDENTITY__ARGON_PASSES": "1",
}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Server:
    """`samovar serve` on a data folder."""

    def __init__(self, data: Path, settings: dict[str, str] | None = None, *arguments: str) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = {**EASY, **(settings or {})}
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def launch(self) -> None:
        """Start without waiting."""
        self.data.mkdir(parents=True, exist_ok=True)
        log = (self.data / "server.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "samovar.app.cli", "serve", "--data", str(self.data),
             "--port", str(self.port), *self._arguments],
            env={**os.environ, **self._settings}, stdout=log, stderr=log,
        )  # fmt: skip
        log.close()

    async def reached(self, port: int, limit: float = 30) -> None:
        """Wait until something listens on a port."""
        until = time.monotonic() + limit
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                await writer.wait_closed()
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"nothing listens on {port}: {(self.data / 'server.log').read_text()[-3000:]}")

    async def start(self, limit: float = 30) -> float:
        """Start and wait until it is ready; answers how many seconds that took."""
        began = time.monotonic()
        self.launch()
        assert self._process is not None
        async with httpx.AsyncClient() as http:
            while time.monotonic() - began < limit:
                if self._process.poll() is not None:
                    raise AssertionError(
                        f"the server ended: {(self.data / 'server.log').read_text()[-3000:]}"
                    )
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get(f"{self.url}/readyz", timeout=2)).status_code == 200:
                        return time.monotonic() - began
                await asyncio.sleep(0.03)
        raise AssertionError("the server did not get ready")

    def start_aside(self, limit: float = 60) -> None:
        """The same for tests whose own loop is taken, as Playwright takes it."""
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(self.start(limit))).result()

    def kill(self) -> None:
        """As a power cut would: no chance to tidy up."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def stop(self, limit: float = 30) -> int:
        """As an operator would; answers the exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(limit)

    def end(self) -> None:
        """Make sure that nothing is left running."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)
