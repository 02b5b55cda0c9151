"""PostgreSQL from Debian's packages, beside the cluster that the package itself may have made.

It refuses to run as root; then it runs as the account `postgres`, which owns the data.
"""

import os
import pwd
import shutil
import socket
import struct
import tempfile
from pathlib import Path
from signal import SIGINT
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from tools.backends.cache import remove, run
from tools.backends.debian import need
from tools.backends.errors import Unavailable
from tools.backends.folder import Entry
from tools.backends.server import PATIENCE, Server

OLDEST = 15
ACCOUNT = "postgres"
NAME = "samovar"
SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "fsync=on",
    "timezone=UTC",
    "log_timezone=UTC",
)


class PostgreSQL(Server):
    """The rows of the split life. The role and the database are called samovar; the role may do anything."""

    name = "postgresql"
    listens = ("postgresql",)
    ends_with = SIGINT  # ends sessions and leaves nothing to recover
    slowest_start: ClassVar[float] = 60

    def install(self) -> None:
        need(lambda: programs() is not None, "postgresql", "PostgreSQL")

    def create(self, entry: Entry) -> Entry:
        data = self._where(entry)
        if data is None:
            # The account can't reach the data folder (it lies in somebody's private one, say).
            elsewhere = tempfile.mkdtemp(prefix="samovar-postgresql-")
            shutil.chown(elsewhere, ACCOUNT)
            entry = self.folder.keep(self.name, elsewhere=elsewhere)
            data = Path(elsewhere) / "data"
        remove(data)
        password, bin = data.with_name("password"), _programs()
        password.touch(mode=0o600)
        password.write_text(entry.secret, encoding="ascii")
        if os.geteuid() == 0:
            shutil.chown(password, ACCOUNT)
        made = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        self._run(bin / "initdb", "-D", data, "-U", NAME, "--pwfile", password, *made)
        password.unlink()
        self._run(bin / "postgres", "--single", "-D", data, "postgres", words=f"CREATE DATABASE {NAME}\n")
        return entry

    def command(self, entry: Entry) -> list[str]:
        data = self._where(entry)
        if data is None or not data.exists():
            raise Unavailable(f"its data is gone from {data or self.home}; `wipe` begins anew")
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        port = str(entry.ports["postgresql"])
        return [*as_account(), str(_programs() / "postgres"), "-D", str(data), "-p", port, *settings]

    def address_for(self, port: int, secret: str) -> str:
        return f"postgresql://{NAME}:{secret}@127.0.0.1:{port}/{NAME}"

    def greet(self, address: str) -> None:
        """Begin a session as far as the server's demand for a password, which it makes when it is ready."""
        url = urlsplit(address)
        words = ("user", unquote(url.username or NAME), "database", url.path.strip("/") or NAME)
        body = struct.pack(">i", 3 << 16) + b"".join(word.encode() + b"\0" for word in words) + b"\0"
        with socket.create_connection((url.hostname or "", url.port or 5432), PATIENCE) as line:
            line.sendall(struct.pack(">i", len(body) + 4) + body)
            answer = line.recv(4096)
        if answer[:1] == b"E":
            fields = {part[:1]: part[1:] for part in answer[5:].split(b"\0")}
            raise ValueError(fields.get(b"M", b"refused").decode(errors="replace"))
        if answer[:1] != b"R":
            raise ValueError("that is not PostgreSQL")

    def _where(self, entry: Entry) -> Path | None:
        """The data's place; none when the account that needs it can't go there."""
        if entry.elsewhere:
            return Path(entry.elsewhere) / "data"
        if os.geteuid() == 0:
            self.home.mkdir(parents=True, exist_ok=True)
            shutil.chown(self.home, ACCOUNT)
            try:
                run([*as_account(), "test", "-w", self.home], "", log=self.home / "log")
            except Unavailable:
                return None
        return self.home / "data"

    def _run(self, *command: str | Path, words: str = "") -> None:
        run([*as_account(), *command], "its data could not be laid out", words=words, log=self.home / "log")


def as_account() -> list[str]:
    """How to run something as the account that may run PostgreSQL; the pid stays the same."""
    if os.geteuid() != 0:
        return []
    group = str(pwd.getpwnam(ACCOUNT).pw_gid)
    return ["setpriv", f"--reuid={ACCOUNT}", f"--regid={group}", "--init-groups", "--"]


def programs() -> Path | None:
    """The folder of PostgreSQL's programs: the oldest version that will do, or the one in PATH."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    for path in sorted(versions, key=lambda path: int(path.parent.name)):
        if int(path.parent.name) >= OLDEST and (path / "postgres").exists():
            return path
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


def _programs() -> Path:
    path = programs()
    if path is None:
        raise Unavailable("PostgreSQL is not installed")
    return path
