"""The data folder: what is known of each server (backends.json), and the lock that serialises changes."""

import fcntl
import json
import os
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tools.backends.errors import Unavailable

#: Below the range from which the system lends ports to clients: such a client could take the port of
#: a server that is down for a moment, or, calling that port, end up connected to itself.
PORTS = range(20_000, 32_000)
HELD = threading.local()


@dataclass(frozen=True)
class Entry:
    """What stays the same for a server from one start to the next, until it is wiped."""

    ports: dict[str, int]
    secret: str
    address: str = ""
    #: Where the data is when it can't be in the data folder.
    elsewhere: str = ""


class Folder:
    """One data folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.file = self.root / "backends.json"

    def entries(self) -> dict[str, Entry]:
        try:
            return {name: Entry(**entry) for name, entry in json.loads(self.file.read_text("utf-8")).items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError) as error:
            raise Unavailable(f"{self.file} can't be understood; remove {self.root}") from error

    def entry(self, name: str) -> Entry | None:
        return self.entries().get(name)

    def keep(self, name: str, **changes: Any) -> Entry:
        """Write down what is new about a server. Only with the lock."""
        entries = self.entries()
        entry = replace(entries.get(name) or Entry({}, ""), **changes)
        self._write({**entries, name: entry})
        return entry

    def forget(self, name: str) -> None:
        """Only with the lock."""
        entries = self.entries()
        if entries.pop(name, None):
            self._write(entries)

    def clear(self) -> None:
        """Remove our own files, and the folder if nobody else has something in it. Only with the lock."""
        self.file.unlink(missing_ok=True)
        (self.root / "lock").unlink(missing_ok=True)
        with suppress(OSError):
            self.root.rmdir()

    def _write(self, entries: dict[str, Entry]) -> None:
        text = json.dumps({name: asdict(entry) for name, entry in entries.items()}, indent=2) + "\n"
        new = self.file.with_suffix(".new")
        new.unlink(missing_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        new.replace(self.file)

    def locked(self) -> AbstractContextManager[None]:
        """A context in which nobody else starts, stops or wipes here."""
        return locked(self.root / "lock")

    def free_ports(self, names: tuple[str, ...]) -> dict[str, int]:
        """A port that nobody uses for each name, and that no server of this folder was given."""
        given = {port for entry in self.entries().values() for port in entry.ports.values()}
        free = (port for port in random.sample(PORTS, len(PORTS)) if port not in given and is_free(port))
        return dict(zip(names, free, strict=False))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file. Whoever dies holding it lets go of it, unless a helper goes on with its work."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # While we waited, a wipe may have removed the file: then it is nobody's lock any more.
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                HELD.locks = (*held(), file.fileno())
                try:
                    yield
                finally:
                    HELD.locks = held()[:-1]
                return


def held() -> tuple[int, ...]:
    """The locks of this thread, for helpers to inherit: a lock is free when they too have ended."""
    locks: tuple[int, ...] = getattr(HELD, "locks", ())
    return locks


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
