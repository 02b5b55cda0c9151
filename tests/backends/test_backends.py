"""The tool that runs real servers, on the cheapest of them."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.backends import Backends, Unavailable
from tools.backends import process as processes

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def backends(tmp_path: Path) -> Iterator[Backends]:
    """An empty data folder, on a machine that has Redis."""
    backends = Backends(tmp_path / "data", environ={})
    try:
        backends.redis.install()
    except Unavailable as error:
        pytest.skip(f"redis: {error}")
    yield backends
    backends.wipe()


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is nobody's business."""
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SAMOVAR_TEST_")}
    return subprocess.run(
        [sys.executable, "-m", "tools.backends", *words],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_start_that_is_repeated_changes_nothing(backends: Backends) -> None:
    address = backends.start(["redis"])["redis"].address
    pid = backends.status()["redis"].pid
    assert backends.start(["redis"])["redis"].address == address
    assert backends.status()["redis"].pid == pid
    backends.stop()
    backends.stop()
    assert backends.status()["redis"].state == "stopped"
    backends.redis.start()
    assert backends.redis.answers()
    assert backends.redis.address == address
    assert backends.status()["redis"].pid != pid


def test_starts_at_the_same_time_come_to_one_server(backends: Backends) -> None:
    addresses = []
    threads = [
        threading.Thread(target=lambda: addresses.append(backends.start(["redis"])["redis"].address))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(addresses) == 4
    assert len(set(addresses)) == 1
    assert backends.status()["redis"].state == "running"
    running = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert running.count(f"{backends.folder.root}/redis/redis.conf") == 1


def test_the_command_says_where_it_answers_and_where_not(backends: Backends) -> None:
    data = f"--data={backends.folder.root}"
    assert command("status", "redis", data).returncode == 1
    started = command("start", "redis", data)
    assert started.returncode == 0, started.stderr
    assert started.stdout.startswith("redis       answers at 127.0.0.1:")
    assert command("status", "redis", data).returncode == 0
    assert f"SAMOVAR_TEST_REDIS={backends.redis.address}" in command("env", "redis", data).stdout
    assert command("wipe", data).returncode == 0
    assert not backends.folder.root.exists()


def test_killed_frozen_and_back_again(backends: Backends) -> None:
    backends.redis.start()
    backends.redis.pause()
    assert backends.status()["redis"].state == "paused"
    backends.redis.resume()
    assert backends.redis.answers()
    backends.redis.kill()
    assert not backends.redis.answers()
    with pytest.raises(Unavailable, match="redis is not running"):
        backends.redis.kill()
    backends.redis.restart()
    assert backends.redis.answers()


def test_a_wrong_password_is_no_answer(backends: Backends) -> None:
    address = backends.start(["redis"])["redis"].address
    wrong = address.replace("redis://:", "redis://:x")
    told = Backends(backends.folder.root, environ={"SAMOVAR_TEST_REDIS": wrong})
    assert "WRONGPASS" in told.start(["redis"])["redis"].reason
    assert told.status(["redis"])["redis"].state == "silent"


def test_what_others_run_is_used_and_left_alone(backends: Backends, tmp_path: Path) -> None:
    address = backends.start(["redis"])["redis"].address
    guest = Backends(tmp_path / "guest", environ={"SAMOVAR_TEST_REDIS": address})
    assert guest.start(["redis"])["redis"].address == address
    assert guest.status()["redis"].state == "given"
    guest.stop()
    guest.wipe()
    with pytest.raises(Unavailable, match="not ours to touch"):
        guest.redis.kill()
    assert backends.redis.answers()


def test_a_given_address_where_nobody_is_is_named() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # taken, yet nobody listens
        address = f"redis://127.0.0.1:{held.getsockname()[1]}/0"
        started = command("start", "redis", SAMOVAR_TEST_REDIS=address)
    assert started.returncode == 1
    assert "redis       can't be had: no answer from 127.0.0.1:" in started.stdout


def test_a_port_that_was_taken_meanwhile_is_named(backends: Backends) -> None:
    backends.redis.start()
    backends.redis.stop()
    port = backends.folder.entries()["redis"].ports["redis"]
    with socket.create_server(("127.0.0.1", port)), pytest.raises(Unavailable, match=f"port {port}"):
        backends.redis.start()


def test_an_old_record_never_ends_a_stranger(backends: Backends, stranger: subprocess.Popen[bytes]) -> None:
    backends.redis.start()
    record = backends.redis.home / "process"
    boot, stat = record.read_text(encoding="utf-8").splitlines()
    backends.redis.stop()
    # As old as the machine: Redis and the stranger may have begun in one tick of its clock.
    name, _, rest = stat.partition(" ")[2].rpartition(") ")
    fields = rest.split()
    fields[19] = "1"
    record.write_text(f"{boot}\n{stranger.pid} {name}) {' '.join(fields)}\n", encoding="utf-8")
    assert backends.redis.process is None
    backends.stop()
    backends.redis.start()
    assert stranger.poll() is None


def test_a_process_can_be_found_from_its_first_moment(tmp_path: Path) -> None:
    begun = processes.begin(["sleep", "60"], tmp_path / "record", tmp_path / "log")
    assert processes.found(tmp_path / "record") == begun
    begun.signal(signal.SIGKILL)
    assert processes.gone([begun], 5)
    assert processes.found(tmp_path / "record") is None


def test_a_name_that_is_not_a_server() -> None:
    refused = command("start", "mysql")
    assert refused.returncode == 2
    assert "no such server: mysql; there are postgresql, redis, kafka, s3, opensearch" in refused.stderr
    with pytest.raises(Unavailable, match="no server 'mysql'"):
        Backends(environ={}).start(["mysql"])


def test_a_helper_that_outlives_its_starter_still_holds_the_lock(tmp_path: Path) -> None:
    words = (
        "import sys; from pathlib import Path; from tools.backends import cache, folder\n"
        "with folder.locked(Path(sys.argv[1])):\n"
        "    cache.run(['sh', '-c', 'touch \"$0\"; sleep 1', sys.argv[2]], 'nothing', log=Path(sys.argv[3]))"
    )
    lock, begun, log = tmp_path / "lock", tmp_path / "begun", tmp_path / "log"
    starter = subprocess.Popen([sys.executable, "-c", words, lock, begun, log], cwd=ROOT)
    while not begun.exists():
        assert starter.poll() is None
    starter.kill()
    starter.wait()
    with open(lock, "a", encoding="ascii") as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(file, fcntl.LOCK_EX)
