"""What delivery asks of other contexts, in its own words."""

from collections.abc import Collection

from samovar.contracts.identity import IDENTITY
from samovar.kernel.peers import Peers, lazy
from samovar.services.delivery.domain import Contact


class People:
    """Who the people are that messages go to."""

    def __init__(self, peers: Peers) -> None:
        self._api = lazy(peers, IDENTITY)

    async def contacts(self, user_ids: Collection[int]) -> dict[int, Contact]:
        """Addresses and languages, by person; without those that are gone."""
        if not user_ids:
            return {}
        found = await self._api.contacts(ids=tuple(user_ids))
        return {item.id: Contact(item.email, item.email_verified, item.locale) for item in found.items}
