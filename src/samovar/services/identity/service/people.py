"""Accounts as others and operators see them."""

from collections.abc import Sequence
from typing import Final

from samovar.kernel.authz import rank, require
from samovar.kernel.context import Call
from samovar.kernel.errors import Forbidden, Invalid, NotFound
from samovar.kernel.store import Tx
from samovar.services.identity.domain import Account, name_key
from samovar.services.identity.repository import accounts
from samovar.services.identity.service.addresses import Addresses
from samovar.services.identity.service.desk import Desk
from samovar.services.identity.service.standing import Standing

MOST: Final = 100


class People:
    """Reading accounts, and what operators do to them."""

    def __init__(self, desk: Desk, addresses: Addresses, standing: Standing) -> None:
        self._desk = desk
        self._standing = standing
        self._addresses = addresses

    async def me(self, call: Call) -> tuple[Account, int]:
        """The caller's account, with the number of recovery codes left."""
        account = await self._desk.caller(call)
        left = await accounts.codes_left(self._desk.db, account.id) if account.otp_enabled else 0
        return account, left

    async def by_ids(self, ids: Sequence[int]) -> list[Account]:
        """Accounts in the order asked for; deleted ones are left out."""
        if len(ids) > MOST:
            raise Invalid(fields={"ids": "Ask for at most 100 at once."})
        found = {account.id: account for account in await accounts.by_ids(self._desk.db, ids)} if ids else {}
        return [found[user_id] for user_id in dict.fromkeys(ids) if user_id in found]

    async def contacts(self, call: Call, ids: Sequence[int]) -> list[Account]:
        """Where letters go: for services alone."""
        if not call.system:
            raise NotFound
        return await self.by_ids(ids)

    async def by_names(self, usernames: Sequence[str]) -> list[Account]:
        """Accounts in the order asked for; unknown names are left out."""
        if len(usernames) > MOST:
            raise Invalid(fields={"usernames": "Ask for at most 100 at once."})
        keys = list(dict.fromkeys(name_key(name) for name in usernames if name.isascii()))
        if not keys:
            return []
        found = await accounts.by_names(self._desk.db, keys)
        by_key = {name_key(account.username): account for account in found}
        return [by_key[key] for key in keys if key in by_key]

    async def set_roles(self, call: Call, user_id: int, roles: Sequence[str]) -> Account:
        """Give an account its roles; nobody grants above their own, or takes from those above."""
        require(call, "accounts.roles")

        async def work(tx: Tx) -> Account:
            account = await self._within_reach(tx, call, user_id)
            wanted = await self._standing.grantable(call, tx, account, roles)
            await accounts.set_roles(tx, user_id, wanted)
            return account._replace(roles=wanted)

        return await self._desk.db.write(work)

    async def set_password(self, call: Call, user_id: int, password: str) -> None:
        """Set a password without the old one; ends all sessions."""
        require(call, "accounts.roles")
        account = await accounts.by_id(self._desk.db, user_id)
        if account is None:
            raise NotFound
        password_hash = await self._desk.new_hash("password", password, account.username, account.email)

        async def work(tx: Tx) -> list[int]:
            now = await self._within_reach(tx, call, user_id)
            return await self._addresses.override_password(tx, now, password_hash)

        await self._desk.tell_revoked(await self._desk.db.write(work))

    async def _within_reach(self, tx: Tx, call: Call, user_id: int) -> Account:
        account = await accounts.by_id(tx, user_id)
        if account is None:
            raise NotFound
        held = await self._standing.book.carried(account.roles)
        if not call.system and rank(held) > rank(call.roles):
            raise Forbidden
        return account
