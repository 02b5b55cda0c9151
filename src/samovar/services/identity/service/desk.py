"""What all use cases share: who calls, whether the password fits, sessions begun and ended, letters."""

from collections.abc import Iterable

import msgspec
import structlog

from samovar.contracts.identity import TokenInvalid, WrongPassword
from samovar.kernel.authz import signed_in
from samovar.kernel.clock import DAY
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.identity import letters
from samovar.services.identity.domain import (
    Account,
    Granted,
    Opened,
    Session,
    idle_end,
    one_line,
    password_problem,
)
from samovar.services.identity.passwords import Passwords
from samovar.services.identity.repository import accounts, proofs, sessions
from samovar.services.identity.service.keys import KeyRing
from samovar.services.identity.service.throttle import Throttle
from samovar.services.identity.settings import IdentitySettings
from samovar.services.identity.vault import Vault, fresh_token, token_hash

log = structlog.get_logger(__name__)

#: Where ends of sessions are told to edges, as decimal ids.
REVOKED = "identity.revoked"


class Desk:
    """Shared by the use cases of identity."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.db = kit.db
        self.settings: IdentitySettings = kit.settings
        self.vault = Vault(kit.secret)
        self.passwords = Passwords(self.settings, self.vault.key("pepper"))
        self.throttle = Throttle(kit, self.vault)
        self.keys = KeyRing(kit, self.vault)

    def now(self) -> int:
        return self.kit.clock.now()

    async def caller(self, call: Call) -> Account:
        """The account that calls. Raises Unauthenticated, or TokenInvalid when it is gone."""
        account = await accounts.by_id(self.db, signed_in(call))
        if account is None:
            raise TokenInvalid
        return account

    async def proven(self, call: Call, password: str) -> Account:
        """The account that calls, its password given once more. Raises WrongPassword, RateLimited."""
        account = await self.caller(call)
        await self.throttle.own_password(call, account.id)
        if not await self.passwords.check(password, account.password_hash):
            raise WrongPassword(fields={"password": WrongPassword.default_message})
        await self.throttle.own_password_right(call, account.id)
        return account

    async def unchanged(self, tx: Tx, account: Account) -> Account:
        """The account as it is now. Raises TokenInvalid when its password was changed or it was deleted
        since the password was checked."""
        again = await accounts.by_id(tx, account.id)
        if again is None or again.password_hash != account.password_hash:
            raise TokenInvalid
        return again

    async def new_hash(self, field: str, password: str, username: str, email: str) -> str:
        """The hash of a password that is chosen. Raises Invalid for the field, Unavailable."""
        problem = password_problem(password, username, email, self.kit.site.name)
        if problem:
            raise Invalid(fields={field: problem})
        return await self.passwords.hash(password)

    # Sessions

    async def open_session(self, tx: Tx, call: Call, account: Account, device: str, browser: bool) -> Opened:
        """Begin a session."""
        now, use = self.now(), self.settings
        ends_at = now + (use.browser_days if browser else use.app_days) * DAY
        session = Session(
            id=self.kit.ids(), user_id=account.id, browser=browser, device=one_line(device, 200),
            address=call.address[:64], created_at=now, last_seen_at=now,
            expires_at=idle_end(now, use.idle_days, ends_at), ends_at=ends_at,
            family="" if browser else fresh_token(), refresh_number=1, refreshed_at=now,
            username=account.username, roles=account.roles, state=account.state,
        )  # fmt: skip
        cookie = fresh_token() if browser else ""
        surplus = (await sessions.ids_of_user(tx, account.id))[max(0, use.max_sessions - 1) :]
        ended = await sessions.end(tx, account.id, surplus, now)
        await sessions.add(tx, session, token_hash(cookie) if browser else None)
        await self.throttle.know(tx, call, account.id)
        refresh = "" if browser else self.vault.refresh_token(session.id, session.family, 1)
        return Opened(session, cookie, refresh, ended)

    async def grant(self, account: Account, opened: Opened) -> Granted:
        """The proofs of a session just begun."""
        session = opened.session
        access, expires_in = "", (session.expires_at - self.now()) // 1_000_000
        if not session.browser:
            access, expires_in = await self.keys.access_token(account, session.id, session.ends_at)
        left = await accounts.codes_left(self.db, account.id)
        return Granted(
            account, left, session.id, access, opened.refresh_token, opened.cookie_token, expires_in
        )

    async def end_sessions(self, tx: Tx, user_id: int, *, but: int | None = None) -> list[int]:
        """End all sessions of an account but one; answers which."""
        ids = [session_id for session_id in await sessions.ids_of_user(tx, user_id) if session_id != but]
        return await sessions.end(tx, user_id, ids, self.now())

    async def tell_revoked(self, ids: Iterable[int]) -> None:
        """Tell edges of ended sessions, after the commit. A lost signal is made up for by their polls."""
        try:
            for session_id in ids:
                await self.kit.pubsub.publish(REVOKED, str(session_id).encode())
        except Exception as error:
            log.warning("revocation not told", error=repr(error))

    # Letters

    async def send(
        self, tx: Tx, account: Account, kind: str, *, to: str = "", token: str = "", email: str = ""
    ) -> None:
        """Have a letter sent after the commit: to the account's address unless `to` says otherwise."""
        draft = letters.Draft(
            kind=kind, to=to or account.email, locale=account.locale, username=account.username, token=token,
            email=email,
        )  # fmt: skip
        letter_id, now = self.kit.ids(), self.now()
        sealed = self.vault.seal("letter", letter_id, msgspec.json.encode(draft))
        await proofs.add_letter(tx, letter_id, account.id, sealed, now)
        await tx.schedule("letter", str(letter_id), now)
