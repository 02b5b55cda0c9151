"""Processes in sessions of their own: begun, found again by a record on disk, ended by pid.

The record is written by the process itself before it becomes the server, so there is no moment in
which a server runs that nobody could find. Beside the pid it holds the boot and the moment of birth:
a number that has gone to somebody else since is not taken for the server.
"""

import os
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

#: Run by sh with the record's path as $0 and the server's command as the arguments.
SHIM = """
cd / && boot=$(cat /proc/sys/kernel/random/boot_id) && stat=$(cat /proc/$$/stat) &&
printf '%s\\n%s\\n' "$boot" "$stat" > "$0.new" && mv "$0.new" "$0" && exec "$@"
"""
#: Python ignores some signals; servers want them as they come.
AS_THEY_COME = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT)
HANDED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "JAVA_HOME")


@dataclass(frozen=True, slots=True)
class Stat:
    """What the kernel says of a process."""

    state: str
    parent: int
    threads: int
    born: int

    @property
    def dead(self) -> bool:
        # The first thread of a dying process is a zombie while others still hold its ports.
        return self.state in "ZX" and self.threads <= 1

    @classmethod
    def parse(cls, line: str) -> "Stat":
        # The name in brackets may hold anything, brackets and spaces too.
        fields = line.rpartition(")")[2].split()
        return cls(fields[0], parent=int(fields[1]), threads=int(fields[17]), born=int(fields[19]))

    @classmethod
    def of(cls, pid: int) -> "Stat | None":
        try:
            return cls.parse(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace"))
        except (FileNotFoundError, ProcessLookupError):
            return None


@dataclass(frozen=True, slots=True)
class Process:
    """One process, and no other that may get its pid later."""

    pid: int
    boot: str
    born: int

    @property
    def alive(self) -> bool:
        stat = Stat.of(self.pid)
        if stat is None or stat.born != self.born or self.boot != this_boot():
            return False
        if not stat.dead:
            return True
        with suppress(ChildProcessError):  # dead, and ours to bury if it was our child
            os.waitpid(self.pid, os.WNOHANG)
        return False

    @property
    def paused(self) -> bool:
        stat = Stat.of(self.pid)
        return self.alive and stat is not None and stat.state == "T"

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when the process is gone."""
        with suppress(ProcessLookupError):
            held = os.pidfd_open(self.pid)  # held: the number can't change hands before the signal is sent
            try:
                if self.alive:
                    signal.pidfd_send_signal(held, number)
            finally:
                os.close(held)

    def family(self) -> list["Process"]:
        """This process, its children, their children and so on."""
        stats = {int(entry): Stat.of(int(entry)) for entry in os.listdir("/proc") if entry.isdigit()}
        found, waiting = [self], [self.pid]
        while waiting:
            parent = waiting.pop()
            for pid, stat in stats.items():
                if stat is not None and stat.parent == parent and not stat.dead:
                    found.append(Process(pid, self.boot, stat.born))
                    waiting.append(pid)
        return found

    def memory(self) -> int:
        """Bytes held by the family; what its members share counts once."""
        total = 0
        for member in self.family():
            with suppress(OSError):
                for line in Path(f"/proc/{member.pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1]) * 1024
        return total


def this_boot() -> str:
    """Names the time since the machine was last switched on."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def begin(command: Sequence[str], record: Path, log: Path, more: Mapping[str, str] | None = None) -> Process:
    """Start a command in a session of its own; its words go to the log."""
    record.unlink(missing_ok=True)
    environment = {name: os.environ[name] for name in HANDED_ON if name in os.environ} | dict(more or {})
    pid = os.posix_spawn(
        "/bin/sh",
        ["sh", "-c", SHIM, str(record), *command],
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        setsigdef=AS_THEY_COME,
    )
    stat = Stat.of(pid)
    assert stat is not None, "a child is there until it is waited for"
    process = Process(pid, this_boot(), stat.born)
    while process.alive and not record.exists():
        time.sleep(0.005)
    return process


def found(record: Path) -> Process | None:
    """The living process of a record, if there is one."""
    try:
        boot, line = record.read_text(encoding="utf-8", errors="replace").splitlines()
        process = Process(int(line.split()[0]), boot, Stat.parse(line).born)
    except (FileNotFoundError, ValueError, IndexError):
        return None
    return process if process.alive else None


def gone(processes: Iterable[Process], seconds: float) -> bool:
    """Wait until all have ended; whether they have."""
    until = time.monotonic() + seconds
    left = list(processes)
    while left := [process for process in left if process.alive]:
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
