"""Where a peer is: names become addresses, and are asked again, since processes come and go."""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from typing import Final

import structlog

from samovar.kernel.settings import SettingsError

log = structlog.get_logger(__name__)

#: Seconds after which a name is asked for its addresses again.
AGAIN: Final = 5.0
SHAPE: Final = "name:port, several of them with commas between, or unix:/path"


class Addresses:
    """The addresses behind `dns:///posts:9000`, `posts:9000`, `10.0.0.5:9000,10.0.0.6:9000`, `unix:/path`."""

    def __init__(self, target: str) -> None:
        """Raises SettingsError when nobody could be reached that way."""
        self._fixed: list[str] = []
        self._names: list[tuple[str, int]] = []
        for part in target.split(","):
            self._add(part.strip(), target)
        self._asked_at = float("-inf")
        self._asking: asyncio.Task[None] | None = None
        self.found: Sequence[str] = tuple(self._fixed)

    def _add(self, part: str, target: str) -> None:
        if part.startswith("unix:"):
            self._fixed.append(part)
            return
        for scheme in ("dns:///", "dns:", "ipv4:", "ipv6:"):
            part = part.removeprefix(scheme)
        host, _, port = part.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise SettingsError(f"{target!r} is no address of a peer: give {SHAPE}.")
        try:
            ipaddress.ip_address(host)
        except ValueError:
            self._names.append((host, int(port)))
        else:
            self._fixed.append(_target(host, int(port)))

    async def refresh(self, now: float) -> None:
        """Ask for the names again when it is time; waits only while nothing is known at all."""
        if not self._names or now - self._asked_at < AGAIN:
            return
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(now), name="grpc-addresses")
        if not self.found:
            await asyncio.shield(self._asking)

    async def _ask(self, now: float) -> None:
        try:
            asked = await asyncio.gather(*(_resolve(host, port) for host, port in self._names))
            found = [*self._fixed, *(address for addresses in asked for address in addresses)]
            # A name that answers nothing for once does not undo what is known.
            if len(found) > len(self._fixed) or not self.found:
                self.found = tuple(dict.fromkeys(found))
            self._asked_at = now if self.found else now - AGAIN + 0.5
        finally:
            self._asking = None

    def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()


async def _resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        log.warning("name of a peer not found", host=host, error=str(error))
        return []
    return [_target(str(address[0]), port) for *_, address in found]


def _target(host: str, port: int) -> str:
    return f"ipv6:[{host}]:{port}" if ":" in host else f"ipv4:{host}:{port}"
