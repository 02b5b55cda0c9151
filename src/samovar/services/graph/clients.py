"""What graph needs of others: whether somebody exists."""

from samovar.contracts.identity import IDENTITY
from samovar.kernel.peers import Peers, lazy


class Accounts:
    """Accounts, as far as graph cares."""

    def __init__(self, peers: Peers) -> None:
        self._identity = lazy(peers, IDENTITY)

    async def exists(self, user_id: int) -> bool:
        """Whether there is such an account, not deleted."""
        found = await self._identity.get_many(ids=(user_id,))
        return any(account.id == user_id for account in found.items)
