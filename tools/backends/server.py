"""What all servers have in common: beginning, answering, ending, and the faults that tests put in."""

import http.client
import secrets
import struct
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM, Signals
from typing import ClassVar

from tools.backends import process as processes
from tools.backends.cache import remove
from tools.backends.errors import Unavailable
from tools.backends.folder import Entry, Folder, is_free
from tools.backends.process import Process
from tools.backends.status import Status, place

#: What a server that does not answer, or answers something else, may come to.
SILENCE = (OSError, ValueError, IndexError, struct.error, http.client.HTTPException)
#: Seconds until an answer counts as none.
PATIENCE = 3.0
LOG_LIMIT = 5_000_000


class Server(ABC):
    """One real server. With `told`, the address of one that somebody else runs; then it is never touched."""

    name: ClassVar[str]
    #: What it listens on; the first is where clients go.
    listens: ClassVar[tuple[str, ...]]
    #: Seconds it may take to answer after its start, and to end when asked to.
    slowest_start: ClassVar[float] = 60
    slowest_stop: ClassVar[float] = 30
    ends_with: ClassVar[Signals] = SIGTERM

    def __init__(self, folder: Folder, told: str = "") -> None:
        self.folder = folder
        self.told = told
        self.home = folder.root / self.name
        self._begun = 0.0
        #: How long the last start took.
        self.seconds = 0.0

    # --- what each kind says of itself

    @abstractmethod
    def install(self) -> None:
        """Have its programs; does nothing when they are there. Raises Unavailable."""

    @abstractmethod
    def create(self, entry: Entry) -> Entry:
        """Lay out its data, once; whatever a crash left of an earlier try is gone. With the lock."""

    @abstractmethod
    def command(self, entry: Entry) -> list[str]:
        """Write its configuration and say how it is run."""

    @abstractmethod
    def address_for(self, port: int, secret: str) -> str:
        """How clients are told where it is."""

    @abstractmethod
    def greet(self, address: str) -> None:
        """Have a short real conversation in its protocol. Raises one of SILENCE."""

    def leave(self) -> None:  # noqa: B027
        """Clean up what a killed one leaves outside its folder; nothing for most."""

    # --- what others see

    @property
    def address(self) -> str:
        """Where clients find it. Raises Unavailable when it never ran here."""
        entry = self.folder.entry(self.name)
        if self.told or (entry and entry.address):
            return self.told or (entry.address if entry else "")
        raise Unavailable(f"{self.name} was never started in {self.folder.root}")

    @property
    def process(self) -> Process | None:
        """Its living process, if it is ours and runs."""
        return processes.found(self.home / "process")

    def answers(self) -> bool:
        """Whether a client would be served now."""
        try:
            self.check()
        except Unavailable:
            return False
        return True

    def check(self) -> None:
        """Raises Unavailable with the reason when a client would not be served now."""
        try:
            self.greet(self.address)
        except SILENCE as error:
            raise Unavailable(f"no answer from {place(self.address)}: {error}") from error

    def status(self) -> Status:
        entry, process = self.folder.entry(self.name), self.process
        if self.told:
            return Status("given" if self.answers() else "silent", place(self.told))
        where = place(entry.address) if entry and entry.address else ""
        if process is None:
            return Status("stopped", where)
        if process.paused:
            return Status("paused", where, process.pid, process.memory())
        return Status("running" if self.answers() else "silent", where, process.pid, process.memory())

    def start(self) -> None:
        """Install, lay out and run it, as far as that is not so yet, and wait until it answers."""
        if self.told:
            self.check()
            return
        self.install()
        with self.folder.locked():
            self.launch()
            while not self.settled():
                time.sleep(0.03)

    def stop(self) -> None:
        """End it in good order. Its data and its port stay."""
        with self.folder.locked():
            self.end(self.ends_with)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        with self.folder.locked():
            self._ours()
            self.end(SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze it: connections stand, and nothing answers."""
        process = self._ours()
        for member in process.family():
            member.signal(SIGSTOP)
        while process.alive and not process.paused:
            time.sleep(0.005)

    def resume(self) -> None:
        """Let it go on after a pause."""
        for member in self._ours().family():
            member.signal(SIGCONT)

    def wipe(self) -> None:
        """End it and forget all it ever held, its port too."""
        with self.folder.locked():
            self.end(SIGKILL)
            entry = self.folder.entry(self.name)
            if entry is None:
                return  # then a folder of that name is not ours
            for folder in (self.home, Path(entry.elsewhere or self.home)):
                remove(folder)
            self.leave()
            self.folder.forget(self.name)

    # --- the steps of a start; with the lock

    def launch(self) -> None:
        """Begin its process unless it runs."""
        if sys.platform != "linux":
            raise Unavailable("only on Linux is it run from here; elsewhere give its address")
        self._begun = time.monotonic()
        running = self.process
        if running is not None:
            for member in running.family():
                member.signal(SIGCONT)
            return
        entry = self._entry()
        taken = [str(port) for port in entry.ports.values() if not is_free(port)]
        if taken:
            raise Unavailable(f"another program has taken port {', '.join(taken)}; `wipe` chooses anew")
        self.home.mkdir(parents=True, exist_ok=True)
        created = self.home / "created"
        if not created.exists():
            entry = self.create(entry)
            created.touch()
        log = self.home / "log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(self.home / "log.old")
        self.leave()
        processes.begin(self.command(entry), self.home / "process", log)

    def settled(self) -> bool:
        """Whether it answers by now. Raises Unavailable when it never will."""
        if self.process is None:
            raise Unavailable(f"it ended at once: {self._last_words()}")
        try:
            self.greet(self.address)
        except SILENCE as error:
            if time.monotonic() - self._begun < self.slowest_start:
                return False
            self.end(SIGKILL)
            raise Unavailable(f"no answer after {self.slowest_start:.0f} s: {error}") from error
        self.seconds = time.monotonic() - self._begun
        return True

    def end(self, number: Signals) -> None:
        """End the process, if there is one: by this signal, or by force when that is not enough."""
        process = self.process
        if process is None:
            return
        family = process.family()
        for member in family if number == SIGKILL else family[:1]:
            member.signal(number)
        for member in family:
            member.signal(SIGCONT)
        if not processes.gone(family, self.slowest_stop):
            for member in [*family, *process.family()]:
                member.signal(SIGKILL)
            processes.gone(family, self.slowest_stop)
        (self.home / "process").unlink(missing_ok=True)

    def _entry(self) -> Entry:
        entry = self.folder.entry(self.name)
        if entry is not None and entry.address and set(entry.ports) == set(self.listens):
            return entry
        if entry is None and self.home.exists():
            raise Unavailable(f"{self.home} is there already, and this tool did not make it")
        ports, secret = self.folder.free_ports(self.listens), secrets.token_hex(16)
        address = self.address_for(ports[self.listens[0]], secret)
        return self.folder.keep(self.name, ports=ports, secret=secret, address=address)

    def _ours(self) -> Process:
        process = self.process
        if process is None:
            given = "was given by its address and is not ours to touch" if self.told else "is not running"
            raise Unavailable(f"{self.name} {given}")
        return process

    def _last_words(self) -> str:
        try:
            lines = (self.home / "log").read_text(encoding="utf-8", errors="replace").split("\n")
        except FileNotFoundError:
            return "it said nothing"
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
