"""Redis, which holds only what can be rebuilt: nothing of it is written to disk."""

import shutil
import socket
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from tools.backends.debian import need
from tools.backends.folder import Entry
from tools.backends.server import PATIENCE, Server

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {secret}
dir "{home}"
save ""
appendonly no
set-proc-title no
"""


class Redis(Server):
    """The cache, presence, pub/sub and limits of the split life."""

    name = "redis"
    listens = ("redis",)
    slowest_start: ClassVar[float] = 20

    def install(self) -> None:
        need(lambda: shutil.which("redis-server") is not None, "redis-server", "Redis")

    def create(self, entry: Entry) -> Entry:
        return entry

    def command(self, entry: Entry) -> list[str]:
        file = self.home / "redis.conf"
        file.touch(mode=0o600)
        file.write_text(
            CONFIGURATION.format(port=entry.ports["redis"], secret=entry.secret, home=self.home),
            encoding="utf-8",
        )
        return ["redis-server", str(file)]

    def address_for(self, port: int, secret: str) -> str:
        return f"redis://:{secret}@127.0.0.1:{port}/0"

    def greet(self, address: str) -> None:
        url = urlsplit(address)
        with socket.create_connection((url.hostname or "", url.port or 6379), PATIENCE) as line:
            if url.password:
                user = [unquote(url.username)] if url.username else []
                _ask(line, "AUTH", *user, unquote(url.password))
            _ask(line, "PING")


def _ask(line: socket.socket, *words: str) -> None:
    """Say a command that is answered by one line; an error is raised as ValueError."""
    parts = [word.encode() for word in words]
    line.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
    answer = b""
    while not answer.endswith(b"\r\n"):
        more = line.recv(1024)
        if not more:
            raise ValueError("the connection was closed")
        answer += more
    if answer not in (b"+OK\r\n", b"+PONG\r\n"):
        raise ValueError(answer.decode(errors="replace").strip(" -\r\n")[:200])
