"""The second factor: codes of an authenticator (RFC 6238) and recovery codes."""

import secrets
from typing import NamedTuple

import pyotp

from samovar.contracts.identity import WrongOtp
from samovar.kernel.context import Call
from samovar.kernel.errors import Conflict
from samovar.kernel.store import Tx
from samovar.services.identity import letters
from samovar.services.identity.domain import (
    RECOVERY_ALPHABET,
    RECOVERY_CODES,
    RECOVERY_LENGTH,
    Account,
    otp_code,
    recovery_code,
    totp_step,
)
from samovar.services.identity.repository import accounts
from samovar.services.identity.service.desk import Desk


class Second(NamedTuple):
    """A code that was given: the authenticator's step, or else the hash of a recovery code."""

    step: int | None
    code_hash: str


class SecondFactor:
    """Turning the second factor on and off, and checking it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def begin(self, call: Call, password: str) -> tuple[str, str]:
        """A new secret that waits to be proved, and its otpauth:// address."""
        desk = self._desk
        account = await desk.proven(call, password)
        if account.otp_enabled:
            raise Conflict("Two-step sign-in is already on.")
        secret = pyotp.random_base32()
        sealed = desk.vault.seal("otp", account.id, secret.encode())

        async def work(tx: Tx) -> None:
            now = await desk.unchanged(tx, account)
            if now.otp_enabled:
                raise Conflict("Two-step sign-in is already on.")
            await accounts.set_otp(tx, now.id, None, sealed, now.otp_last_step)

        await desk.db.write(work)
        uri = pyotp.TOTP(secret).provisioning_uri(name=account.username, issuer_name=desk.kit.site.name)
        return secret, uri

    async def confirm(self, call: Call, code: str) -> list[str]:
        """Turn it on by a code of the new secret; answers recovery codes."""
        desk = self._desk
        account = await desk.caller(call)
        if account.otp_enabled:
            raise Conflict("Two-step sign-in is already on.")
        if account.otp_pending is None:
            raise Conflict("Begin with a new secret.")
        await desk.throttle.otp(call, account.id)
        step = self._step(account, account.otp_pending, otp_code(code) or "", 0)
        if step is None:
            raise WrongOtp
        codes = self._fresh_codes()

        async def work(tx: Tx) -> None:
            now = await desk.unchanged(tx, account)
            if now.otp_pending != account.otp_pending:
                raise WrongOtp
            await accounts.set_otp(tx, now.id, now.otp_pending, None, step)
            await accounts.replace_codes(tx, now.id, self._hashes(now.id, codes))
            await desk.send(tx, now, letters.OTP_ON)

        await desk.db.write(work)
        await desk.throttle.otp_right(call, account.id)
        return codes

    async def disable(self, call: Call, password: str, code: str) -> None:
        """Turn it off, by the password and a code of either sort."""
        desk = self._desk
        account = await desk.proven(call, password)
        if not account.otp_enabled:
            return
        second = await self.look(call, account, code)

        async def work(tx: Tx) -> None:
            now = await desk.unchanged(tx, account)
            await self.use(tx, now, second)
            await accounts.set_otp(tx, now.id, None, None, second.step or now.otp_last_step)
            await accounts.replace_codes(tx, now.id, ())
            await desk.send(tx, now, letters.OTP_OFF)

        await desk.db.write(work)
        await desk.throttle.otp_right(call, account.id)

    async def renew_codes(self, call: Call, password: str) -> list[str]:
        """New recovery codes; the old ones end."""
        desk = self._desk
        account = await desk.proven(call, password)
        codes = self._fresh_codes()

        async def work(tx: Tx) -> None:
            now = await desk.unchanged(tx, account)
            if not now.otp_enabled:
                raise Conflict("Two-step sign-in is off.")
            await accounts.replace_codes(tx, now.id, self._hashes(now.id, codes))
            await desk.send(tx, now, letters.CODES_RENEWED)

        await desk.db.write(work)
        return codes

    async def look(self, call: Call, account: Account, text: str) -> Second:
        """What a code is, to be used up by `use`. Raises WrongOtp, RateLimited."""
        await self._desk.throttle.otp(call, account.id)
        code = otp_code(text)
        if code is None:
            return Second(None, self._hashes(account.id, [text])[0])
        step = self._step(account, account.otp_secret or b"", code, account.otp_last_step)
        if step is None:
            raise WrongOtp
        return Second(step, "")

    async def use(self, tx: Tx, account: Account, second: Second) -> None:
        """Use a code up. Raises WrongOtp when it doesn't exist or was used."""
        if second.step is not None:
            done = await accounts.use_step(tx, account.id, second.step)
        else:
            done = await accounts.use_code(tx, account.id, second.code_hash)
        if not done:
            raise WrongOtp

    def _step(self, account: Account, sealed: bytes, code: str, after: int) -> int | None:
        secret = self._desk.vault.open("otp", account.id, sealed).decode()
        return totp_step(pyotp.TOTP(secret).generate_otp, code, self._desk.now(), after)

    def _fresh_codes(self) -> list[str]:
        def one() -> str:
            code = "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH))
            return "-".join(code[start : start + 4] for start in range(0, RECOVERY_LENGTH, 4))

        return [one() for _ in range(RECOVERY_CODES)]

    def _hashes(self, user_id: int, codes: list[str]) -> list[str]:
        # 58 random bits under a keyed hash need no slow one.
        return [self._desk.vault.mark("recovery", f"{user_id}:{recovery_code(code)}") for code in codes]
