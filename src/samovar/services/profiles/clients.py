"""What profiles need of others: the accounts behind them, and pictures."""

from collections.abc import Sequence
from contextlib import suppress

from samovar.contracts.common import ItemRef
from samovar.contracts.identity import IDENTITY, Account
from samovar.contracts.media import MEDIA
from samovar.kernel.errors import AppError
from samovar.kernel.peers import Peers, lazy
from samovar.services.profiles.domain import Person


class Files:
    """Pictures, by their ids."""

    def __init__(self, peers: Peers) -> None:
        self._media = lazy(peers, MEDIA)

    async def claim(self, kind: str, user_id: int, media_id: int) -> None:
        """Take a picture of the caller's own for their profile. Raises NotFound."""
        await self._media.claim(
            ids=(media_id,), claim=f"{kind}:{user_id}", item=ItemRef(kind=kind, id=user_id)
        )

    async def attach(self, kind: str, user_id: int, media_id: int) -> None:
        """Have it shown at once. When this fails, the profile's event does it a moment later."""
        with suppress(AppError):
            await self._media.attach(item=ItemRef(kind=kind, id=user_id), owner_id=user_id, ids=(media_id,))


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
