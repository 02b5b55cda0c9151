"""How it stands with a server, for people to read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Status:
    """How it stands with a server: `state` is given, running, silent, paused or stopped."""

    state: str
    place: str = ""
    pid: int = 0
    memory: int = 0


def place(address: str) -> str:
    """An address without what is secret in it."""
    return address.rpartition("@")[2].partition("://")[2] or address.rpartition("@")[2]
