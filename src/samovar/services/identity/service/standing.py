"""How accounts stand with the community: what moderators decided, and who may do what."""

from collections.abc import Sequence
from typing import Final

from samovar.contracts.identity import LastAdmin
from samovar.kernel.authz import ALL_PERMISSIONS, PERMISSIONS, ROLES, granted, guard, permissions_of, rank
from samovar.kernel.clock import MINUTE
from samovar.kernel.context import Call
from samovar.kernel.errors import Forbidden, Invalid, NotFound
from samovar.kernel.ids import MAX_ID
from samovar.kernel.paging import below, page_size
from samovar.kernel.store import Tx
from samovar.services.identity.domain import Account, Dossier, Role, is_role_name
from samovar.services.identity.repository import accounts, standing
from samovar.services.identity.service.desk import Desk

#: Signal that roles are others now.
CHANGED: Final = "identity.roles"
FILTERS: Final = ("", "staff", "suspended", "silenced")
STATES: Final = ("", "suspended", "banned")
#: How long a process trusts its copy of the roles, when a signal is lost.
COPY_LIVES: Final = MINUTE
OWN_ROLES: Final = 50


class RoleBook:
    """The community's own roles, kept in memory."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._roles: dict[str, tuple[str, ...]] = {}
        self._until = 0
        desk.kit.pubsub.subscribe(CHANGED, self._on_changed)

    def _on_changed(self, _: bytes) -> None:
        self._until = 0

    async def permissions(self, roles: Sequence[str]) -> tuple[str, ...]:
        """What the community's own among these roles hold. Asks nothing for those who have none."""
        own = [role for role in roles if role not in ROLES]
        if not own:
            return ()
        now = self._desk.now()
        if self._until <= now:
            found = await standing.roles(self._desk.db)
            self._roles = {role.name: tuple(role.permissions) for role in found}
            self._until = now + COPY_LIVES
        return tuple(sorted({held for role in own for held in self._roles.get(role, ())}))

    async def carried(self, roles: Sequence[str]) -> tuple[str, ...]:
        """Roles as a session carries them: with what the own ones hold, so that nobody else needs to know."""
        return (*roles, *map(granted, await self.permissions(roles)))


class Standing:
    """Sanctions and roles."""

    def __init__(self, desk: Desk, book: RoleBook) -> None:
        self._desk = desk
        self.book = book

    async def put(
        self, call: Call, user_id: int, state: str, until: int, silenced: bool, notice: str
    ) -> None:
        """How an account stands from now on, as moderation decided."""
        if not call.system:
            raise NotFound
        if state not in STATES or not 0 <= until <= MAX_ID or len(notice) > 500:
            raise Invalid
        desk = self._desk

        async def work(tx: Tx) -> list[int]:
            account = await accounts.by_id(tx, user_id)
            if account is None:
                return []
            await standing.put(tx, user_id, state, until if state else 0, notice if state else "", silenced)
            mark = desk.vault.mark("banned", account.email.lower())
            if state == "banned":
                await standing.ban_email(tx, mark, desk.now())
            elif account.standing == "banned":
                await standing.unban_email(tx, mark)
            return await desk.end_sessions(tx, user_id) if state else []

        await desk.tell_revoked(await desk.db.write(work))

    async def find(
        self, call: Call, text: str, which: str, cursor: str, limit: int
    ) -> tuple[list[Dossier], str]:
        """Accounts whose name or e-mail address holds a text, newest first."""
        guard(call, "accounts.see")
        before = below(cursor)
        if which not in FILTERS:
            raise Invalid(fields={"filter": "Choose staff, suspended or silenced."})
        size = page_size(limit)
        wanted = text.strip().removeprefix("@").lower()[:100]
        found = await standing.find(self._desk.db, wanted, which, before, size + 1)
        following = str(found[size - 1].id) if len(found) > size else ""
        return await self._dossiers(found[:size]), following

    async def dossiers(self, call: Call, ids: Sequence[int]) -> list[Dossier]:
        """Accounts with what staff may know of them."""
        guard(call, "accounts.see")
        if len(ids) > 100:
            raise Invalid(fields={"ids": "Ask for at most 100 at once."})
        return await self._dossiers(await accounts.by_ids(self._desk.db, ids) if ids else [])

    async def _dossiers(self, found: Sequence[Account]) -> list[Dossier]:
        ids = [account.id for account in found]
        seen = await standing.sessions_of(self._desk.db, ids, self._desk.now()) if ids else {}
        return [Dossier(account, *seen.get(account.id, (0, 0))) for account in found]

    # Roles

    async def roles(self, call: Call) -> list[Role]:
        """All roles, the fixed ones first."""
        guard(call, "accounts.roles")
        db = self._desk.db
        fixed = [
            Role(name, tuple(sorted(PERMISSIONS[name])), True, await standing.with_role(db, name))
            for name in ROLES
        ]
        own = [
            role._replace(people=await standing.with_role(db, role.name)) for role in await standing.roles(db)
        ]
        return [*fixed, *own]

    async def save_role(self, call: Call, name: str, permissions: Sequence[str]) -> Role:
        """Make a role, or change one. Nobody puts into it, or takes out of it, what they may not do."""
        guard(call, "accounts.roles")
        wanted = tuple(sorted(set(permissions)))
        if name in ROLES or not is_role_name(name):
            text = "Use 2 to 30 lower-case Latin letters, digits and hyphens, and no name of a fixed role."
            raise Invalid(fields={"name": text})
        if not wanted or not set(wanted) <= set(ALL_PERMISSIONS):
            raise Invalid(fields={"permissions": "Choose what the role may do."})
        self._within(call, wanted)
        desk = self._desk

        async def work(tx: Tx) -> Role:
            kept = {role.name: role for role in await standing.roles(tx)}
            if name in kept:
                self._within(call, kept[name].permissions)
            elif len(kept) >= OWN_ROLES:
                raise Invalid(fields={"name": "There are 50 roles already."})
            role = Role(name, wanted)
            await standing.put_role(tx, role, desk.now())
            return role

        role = await desk.db.write(work)
        await desk.kit.pubsub.publish(CHANGED, b"")
        return role

    async def remove_role(self, call: Call, name: str) -> None:
        """Remove one of the community's own; whoever had it has it no more."""
        guard(call, "accounts.roles")
        if name in ROLES:
            raise Invalid(fields={"name": "This role is fixed."})
        desk = self._desk

        async def work(tx: Tx) -> None:
            kept = {role.name: role for role in await standing.roles(tx)}
            if name not in kept:
                return
            self._within(call, kept[name].permissions)
            await standing.drop_role(tx, name)

        async def take(tx: Tx) -> int:
            some = await standing.of_role(tx, name, 200)
            for user_id, roles in some:
                await accounts.set_roles(tx, user_id, [role for role in roles if role != name])
            return len(some)

        await desk.db.write(work)
        while await desk.db.write(take):
            pass
        await desk.kit.pubsub.publish(CHANGED, b"")

    def _within(self, call: Call, permissions: Sequence[str]) -> None:
        if not call.system and not set(permissions) <= permissions_of(call.roles):
            raise Forbidden

    async def grantable(self, call: Call, tx: Tx, account: Account, roles: Sequence[str]) -> list[str]:
        """The roles to give, in their order. Raises Invalid, Forbidden, LastAdmin."""
        own = {role.name: role for role in await standing.roles(tx)}
        unknown = set(roles) - set(ROLES) - set(own)
        if unknown:
            raise Invalid(fields={"roles": f"Choose among {', '.join([*ROLES, *own])}."})
        wanted = [role for role in (*ROLES, *own) if role == "user" or role in roles]
        if not call.system:
            # Both what is given and what is taken away lies within the giver's reach.
            for role in {*wanted} ^ {*account.roles}:
                held = own[role].permissions if role in own else PERMISSIONS.get(role, frozenset())
                self._within(call, tuple(held))
            if rank(role for role in wanted if role in ROLES) > rank(call.roles):
                raise Forbidden
            # Operators at the machine itself can always make another one.
            loses = "admin" in account.roles and "admin" not in wanted
            if loses and await standing.with_role(tx, "admin") <= 1:
                raise LastAdmin
        return wanted
