"""What all use cases of delivery share."""

from samovar.kernel.context import Call
from samovar.kernel.errors import NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.vault import Vault
from samovar.services.delivery.domain import plain
from samovar.services.delivery.settings import DeliverySettings


class Desk:
    """Shared by the use cases of delivery."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.db = kit.db
        self.settings: DeliverySettings = kit.settings
        self.vault = Vault(kit.secret, "delivery")

    def now(self) -> int:
        return self.kit.clock.now()

    def mark(self, channel: str, address: str) -> str:
        """How an address is remembered without being kept."""
        return self.vault.mark("address", f"{channel} {plain(channel, address)}")

    def seal(self, purpose: str, name: str, text: str) -> bytes:
        return self.vault.seal(purpose, name, text.encode())

    def open(self, purpose: str, name: str, sealed: bytes) -> str:
        """Raises Unreadable."""
        return self.vault.open(purpose, name, sealed).decode()


def only_services(call: Call) -> None:
    """Raises NotFound for anybody who is not a part of Samovar acting by itself."""
    if not call.system:
        raise NotFound
