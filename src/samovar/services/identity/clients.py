"""What identity needs of others: that letters are sent, and that each erases what it keeps of a person."""

from collections.abc import Mapping

import msgspec

from samovar.contracts.delivery import DELIVERY, Outgoing
from samovar.contracts.personal import PERSONAL
from samovar.kernel.peers import Peers, lazy


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


class Post:
    """Letters about accounts: sent before all others, and nobody can unsubscribe from them."""

    def __init__(self, peers: Peers) -> None:
        self._api = lazy(peers, DELIVERY)

    async def send(
        self, id: str, user_id: int, to: str, template: str, locale: str, values: Mapping[str, str]
    ) -> None:
        """Returns once delivery is responsible for the letter."""
        letter = Outgoing(
            id=id, user_id=user_id, channel="email", address=to, template=template, locale=locale,
            data=msgspec.json.encode(values).decode(), category="account", priority="high",
        )  # fmt: skip
        await self._api.send(messages=(letter,))
