"""What identity needs of others: that each erases what it keeps of a person."""

from samovar.contracts.personal import PERSONAL
from samovar.kernel.peers import Peers


class Keepers:
    """The services that keep personal data."""

    def __init__(self, peers: Peers, own: str) -> None:
        self._peers = peers
        self._own = own

    def names(self) -> tuple[str, ...]:
        """All but identity itself."""
        return tuple(name for name in self._peers.instances(PERSONAL) if name != self._own)

    async def erase(self, name: str, user_id: int) -> None:
        """Returns once that service holds nothing of the person any more."""
        await self._peers.get(PERSONAL, name).erase(user_id=user_id)
