"""What profiles need of others: the accounts behind them."""

from collections.abc import Sequence

from samovar.contracts.identity import IDENTITY, Account
from samovar.kernel.peers import Peers, lazy
from samovar.services.profiles.domain import Person


class Accounts:
    """Accounts, as far as profiles care. Deleted and unknown ones are left out."""

    def __init__(self, peers: Peers) -> None:
        self._identity = lazy(peers, IDENTITY)

    async def by_ids(self, ids: Sequence[int]) -> list[Person]:
        return [_person(account) for account in (await self._identity.get_many(ids=ids)).items]

    async def by_usernames(self, usernames: Sequence[str]) -> list[Person]:
        return [_person(account) for account in (await self._identity.by_username(usernames=usernames)).items]


def _person(account: Account) -> Person:
    return Person(account.id, account.username, account.created_at)
