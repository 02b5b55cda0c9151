"""Coming in: registration and sign-in."""

import unicodedata
from typing import NamedTuple

from samovar.contracts.identity import (
    EmailBanned,
    EmailTaken,
    OtpRequired,
    RegistrationClosed,
    Suspended,
    UsernameTaken,
    UserRegistered,
    WrongCredentials,
)
from samovar.kernel.context import Call
from samovar.kernel.contract import Message
from samovar.kernel.db import Reads
from samovar.kernel.errors import Invalid
from samovar.kernel.store import Tx
from samovar.services.identity.domain import (
    ACTIVE,
    Account,
    Granted,
    Opened,
    locale_of,
    name_key,
    password_problem,
    username_problem,
)
from samovar.services.identity.repository import accounts, standing
from samovar.services.identity.service.addresses import Addresses, parse_email
from samovar.services.identity.service.desk import Desk
from samovar.services.identity.service.second_factor import SecondFactor


class _Registered(Message, frozen=True, kw_only=True):
    """What is remembered of a registration for its idempotency key: nothing to sign in with."""

    account_id: int = 0


class _Wish(NamedTuple):
    """A registration as it is told from another under the same idempotency key."""

    username: str
    email: str
    password_mark: str


class Entry:
    """Registration and sign-in."""

    def __init__(self, desk: Desk, second: SecondFactor, addresses: Addresses) -> None:
        self._desk = desk
        self._second = second
        self._addresses = addresses

    async def register(
        self, call: Call, *, username: str, email: str, password: str, locale: str, device: str, browser: bool
    ) -> Granted:
        """Make an account and its first session. Operators (system calls) register with any free name, and
        the address counts as proved."""
        desk = self._desk
        if not (desk.kit.site.registrations_open or call.system):
            raise RegistrationClosed
        email = self._check(call, username, email, password)
        await desk.throttle.register(call)
        if not call.idempotency_key:
            # Spares a hash; the check that counts is made in the transaction.
            await self._check_free(desk.db, username, email)
        password_hash = await desk.passwords.hash(password)
        wish = _Wish(username, email, desk.vault.mark("wish", password))

        async def work(tx: Tx) -> tuple[Account | None, Opened | None]:
            fresh = Account(
                id=desk.kit.ids(), username=username, email=email, email_verified=call.system,
                pending_email="", locale=locale_of(locale, call.locale, desk.kit.site.locale), roles=["user"],
                password_hash=password_hash, otp_secret=None, otp_pending=None, otp_last_step=0, state=ACTIVE,
                created_at=desk.now(),
            )  # fmt: skip

            async def effect() -> _Registered:
                await self._add(tx, fresh)
                return _Registered(account_id=fresh.id)

            made = await desk.kit.once(tx, call, "identity.register", wish, _Registered, effect)
            if made.account_id != fresh.id:
                return await accounts.by_id(tx, made.account_id), None
            return fresh, await desk.open_session(tx, call, fresh, device, browser)

        account, opened = await desk.db.write(work)
        if opened is not None and account is not None:
            return await desk.grant(account, opened)
        if account is None:
            raise WrongCredentials
        # The same request again: its account is there, so this is a sign-in, with all its checks.
        return await self.login(
            call, name=account.username, password=password, otp=None, device=device, browser=browser
        )

    async def login(
        self, call: Call, *, name: str, password: str, otp: str | None, device: str, browser: bool
    ) -> Granted:
        """Begin a session. A wrong name costs the same work as a wrong password, and is answered alike."""
        desk = self._desk
        key = login_key(name)
        found = await accounts.by_login(desk.db, key)
        await desk.throttle.login(call, found.id if found else None, key)
        fits = await desk.passwords.check(password, found.password_hash if found else None)
        if not fits or found is None:
            raise WrongCredentials
        account = found
        proof = None
        if account.otp_secret is not None:
            if not (otp or "").strip():
                raise OtpRequired
            proof = await self._second.look(call, account, otp or "")
        fresh = None
        if desk.passwords.outdated(account.password_hash):
            fresh = await desk.passwords.hash(password)

        async def work(tx: Tx) -> tuple[Account, Opened]:
            now = await accounts.by_id(tx, account.id)
            if (
                now is None
                or now.password_hash != account.password_hash
                or now.otp_secret != account.otp_secret
            ):
                raise WrongCredentials
            if now.kept_out(desk.now()):
                # The password is right: they may know why, and read how to ask for another look.
                raise Suspended(until=now.standing_until, notice=now.standing_notice)
            if proof is not None:
                await self._second.use(tx, now, proof)
            if fresh is not None:
                await accounts.rehash(tx, now.id, now.password_hash, fresh)
            return now, await desk.open_session(tx, call, now, device, browser)

        account, opened = await desk.db.write(work)
        await desk.throttle.logged_in(call, account.id, key)
        if proof is not None:
            await desk.throttle.otp_right(call, account.id)
        await desk.tell_revoked(opened.ended)
        return await desk.grant(account, opened)

    def _check(self, call: Call, username: str, email: str, password: str) -> str:
        """The e-mail address in its usual form. Raises Invalid for all wrong fields at once."""
        problems = {}
        if problem := username_problem(username, reserved_too=call.system):
            problems["username"] = problem
        parsed = parse_email(email)
        if parsed is None:
            problems["email"] = "This is not a full e-mail address."
        if problem := password_problem(password, username, email, self._desk.kit.site.name):
            problems["password"] = problem
        if problems or parsed is None:
            raise Invalid(fields=problems)
        return parsed

    async def _check_free(self, db: Reads, username: str, email: str) -> None:
        if await standing.email_banned(db, self._desk.vault.mark("banned", email.lower())):
            raise EmailBanned(fields={"email": EmailBanned.default_message})
        key = name_key(username)
        reserved = self._desk.vault.mark("username", key)
        if await accounts.name_taken(db, key, reserved, self._desk.now()):
            raise UsernameTaken(fields={"username": UsernameTaken.default_message})
        if await accounts.email_owner(db, email.lower()) is not None:
            raise EmailTaken(fields={"email": EmailTaken.default_message})

    async def _add(self, tx: Tx, account: Account) -> None:
        await self._check_free(tx, account.username, account.email)
        await accounts.add(tx, account, name_key(account.username), account.email.lower())
        await tx.publish(
            UserRegistered(
                user_id=account.id,
                username=account.username,
                locale=account.locale,
                created_at=account.created_at,
            )
        )
        if not account.email_verified:
            await self._addresses.send_proof(tx, account, account.email)


def login_key(name: str) -> str:
    """What a typed name or e-mail address is looked up by; empty for what can't be one."""
    key = unicodedata.normalize("NFC", name.strip()[:320]).lower()
    return key if key.isprintable() else ""
