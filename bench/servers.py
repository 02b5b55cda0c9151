"""Servers to measure: Samovar itself and the bare one it is compared with, each on the first core."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

#: The cores that there are for us, read before anything keeps to one of them: children inherit that.
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]
SAMOVAR = Path(sys.executable).parent / "samovar"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pin(core: int) -> None:
    """Keep this process on one core."""
    os.sched_setaffinity(0, {core})


@contextmanager
def samovar(
    data: Path, settings: Mapping[str, str], *arguments: str, wait: float = 60
) -> Iterator[tuple[int, subprocess.Popen[bytes], float]]:
    """`samovar serve`: its port, its process, and the seconds until it was ready."""
    port = free_port()
    command = [str(SAMOVAR), "serve", "--data", str(data), "--port", str(port), *arguments]
    with _running(command, {"SAMOVAR_PROCESS__LOG_LEVEL": "error", **settings}) as process:
        yield port, process, _ready(f"http://127.0.0.1:{port}/readyz", process, wait)


@contextmanager
def bare(folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Litestar alone, answering from memory what lies in a folder; see bench.bare."""
    port = free_port()
    with _running([sys.executable, "-m", "bench.bare", str(port), str(folder)], {}) as process:
        _ready(f"http://127.0.0.1:{port}/ready", process, 20)
        yield port, process


def processor_seconds(*pids: int) -> float:
    """What processes and those they started have used so far."""
    total = 0.0
    for pid in pids:
        for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
            times = process.cpu_times()
            total += times.user + times.system
    return total


@contextmanager
def _running(command: list[str], settings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    # Compiled code is kept, as it is where people run this.
    left_out = ("SAMOVAR_", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    process = subprocess.Popen(
        command,
        env={**environment, **settings},
        cwd=Path(__file__).resolve().parent.parent,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: pin(SERVER_CORE),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ready(url: str, process: subprocess.Popen[bytes], wait: float) -> float:
    begun = time.perf_counter()
    while time.perf_counter() - begun < wait:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return time.perf_counter() - begun
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"the server was not ready within {wait} s")
