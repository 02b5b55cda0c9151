"""Deletion: hidden at once, erased everywhere soon after, a tombstone kept for restored backups."""

import structlog

from samovar.contracts.identity import LastAdmin, UserDeleted
from samovar.kernel.clock import DAY, HOUR, SECOND
from samovar.kernel.context import Call
from samovar.kernel.errors import Conflict, NotFound
from samovar.kernel.store import Tx
from samovar.services.identity.clients import Keepers
from samovar.services.identity.domain import ACTIVE, DELETED, name_key
from samovar.services.identity.repository import accounts, proofs, sessions, standing
from samovar.services.identity.service.desk import Desk

log = structlog.get_logger(__name__)

#: Erasures that one round of tending takes up again.
BATCH = 100


class Leaving:
    """Deleting an account, and tidying up."""

    def __init__(self, desk: Desk, keepers: Keepers) -> None:
        self._desk = desk
        self._keepers = keepers

    async def delete(self, call: Call, password: str) -> None:
        """Hide the caller's account at once and have it erased everywhere. Raises LastAdmin."""
        desk = self._desk
        account = await desk.proven(call, password)

        async def work(tx: Tx) -> list[int]:
            await desk.unchanged(tx, account)
            if "admin" in account.roles and await standing.with_role(tx, "admin") <= 1:
                raise LastAdmin
            return await self._begin(tx, account.id)

        await desk.tell_revoked(await desk.db.write(work))

    async def delete_by_operator(self, call: Call, user_id: int) -> None:
        """The same without a password; for an account that is gone, have it erased once more."""
        if not call.system:
            raise NotFound
        await self._desk.tell_revoked(await self._desk.db.write(lambda tx: self._begin(tx, user_id)))

    async def _begin(self, tx: Tx, user_id: int) -> list[int]:
        await proofs.add_erasure(tx, user_id, self._desk.now())
        await tx.schedule("erase", str(user_id), self._desk.now())
        return await self._hide(tx, user_id)

    async def _hide(self, tx: Tx, user_id: int) -> list[int]:
        """Take an account out of sight, if it is in it; answers the sessions that ended."""
        desk = self._desk
        account = await accounts.by_id(tx, user_id)
        if account is None:
            return []
        await accounts.hide(tx, user_id, DELETED)
        until = desk.now() + desk.settings.name_reserved_days * DAY
        await accounts.reserve_name(tx, desk.vault.mark("username", name_key(account.username)), until)
        await proofs.erase(tx, user_id)
        ended = await desk.end_sessions(tx, user_id)
        await tx.publish(UserDeleted(user_id=user_id))
        return ended

    async def erase_everywhere(self, user_id: int, tries: int) -> None:
        """The job that follows a deletion: it comes back until every service has confirmed."""
        desk = self._desk
        erasure = await proofs.erasure(desk.db, user_id)
        if erasure is None:
            return
        # After the restore of a backup from before the deletion, the account is there again.
        await desk.tell_revoked(await desk.db.write(lambda tx: self._hide(tx, user_id)))
        confirmed, missing = set(erasure.confirmed), False
        for name in self._keepers.names():
            if name in confirmed:
                continue
            try:
                await self._keepers.erase(name, user_id)
            except Exception as error:
                log.warning("erasure not confirmed, trying again later", keeper=name, error=repr(error))
                missing = True
            else:
                confirmed.add(name)

        async def again(tx: Tx) -> None:
            await proofs.confirm(tx, user_id, sorted(confirmed), None)
            wait = min(2 ** min(tries, 12) * 5 * SECOND, HOUR)
            await tx.schedule("erase", str(user_id), desk.now() + wait, {"tries": tries + 1})

        if missing:
            await desk.db.write(again)
            return
        await self.erase_own(user_id)
        done = sorted(confirmed | {desk.kit.service})
        await desk.db.write(lambda tx: proofs.confirm(tx, user_id, done, desk.now()))

    async def erase(self, call: Call, user_id: int) -> None:
        """What others serve too, here only for accounts already deleted. Raises NotFound, Conflict."""
        if not call.system:
            raise NotFound
        if await accounts.state_of(self._desk.db, user_id) == ACTIVE:
            raise Conflict("This account is not deleted.")
        await self.erase_own(user_id)

    async def erase_own(self, user_id: int) -> None:
        """Erase identity's own rows of a person; the tombstone stays."""

        async def work(tx: Tx) -> list[int]:
            ended = await self._desk.end_sessions(tx, user_id)
            await proofs.erase(tx, user_id)
            await accounts.forget_addresses(tx, user_id)
            await accounts.replace_codes(tx, user_id, ())
            await accounts.erase(tx, user_id)
            return ended

        await self._desk.tell_revoked(await self._desk.db.write(work))

    async def tend(self) -> None:
        """Every hour: forget what is over, take up erasures that are open, keep the key ring fresh."""
        desk, now = self._desk, self._desk.now()
        known_before = now - desk.settings.known_address_days * DAY

        async def prune(tx: Tx) -> None:
            await accounts.prune(tx, now, known_before)
            await sessions.prune(tx, now, now - DAY)
            await proofs.prune(tx, now, now - 7 * DAY)

        await desk.db.write(prune)
        for user_id in await proofs.open_erasures(desk.db, BATCH):
            await self.erase_everywhere(user_id, 0)
        await desk.keys.rotate()
