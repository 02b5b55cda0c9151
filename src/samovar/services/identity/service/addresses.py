"""E-mail addresses and forgotten passwords: all that rests on a letter's token."""

import msgspec

from samovar.contracts.identity import EmailTaken, LinkExpired
from samovar.kernel.clock import HOUR, MINUTE
from samovar.kernel.context import Call
from samovar.kernel.db import Reads
from samovar.kernel.errors import Invalid
from samovar.kernel.store import Tx
from samovar.services.identity import letters
from samovar.services.identity.clients import Post
from samovar.services.identity.domain import RESET, VERIFY, Account, Proof
from samovar.services.identity.repository import accounts, proofs
from samovar.services.identity.service.desk import Desk
from samovar.services.identity.vault import fresh_token, token_hash


def parse_email(text: str) -> str | None:
    """An address in its usual form, or None when it isn't one. Asks no name server."""
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - heavy

    try:
        return validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        return None


class Addresses:
    """Proving and changing addresses, resetting and changing passwords."""

    def __init__(self, desk: Desk, post: Post) -> None:
        self._desk = desk
        self._post = post

    # Proving an address

    async def send_proof(self, tx: Tx, account: Account, email: str) -> None:
        """Have a verification letter sent to an address; links of older ones end."""
        await proofs.drop_of(tx, account.id, VERIFY)
        until = self._desk.now() + self._desk.settings.verify_hours * HOUR
        token = await self._token(tx, Proof(account.id, VERIFY, email, until))
        await self._desk.send(tx, account, letters.VERIFY, to=email, token=token)

    async def send_verification(self, call: Call) -> None:
        """Send the caller a fresh verification letter, if there is something to verify."""
        account = await self._desk.caller(call)
        email = account.pending_email or ("" if account.email_verified else account.email)
        if not email:
            return
        await self._desk.throttle.letter(call, account.id)
        await self._desk.db.write(lambda tx: self.send_proof(tx, account, email))

    async def verify_email(self, call: Call, token: str) -> None:
        """Prove an address; a pending one comes into force, and the old one is told."""
        desk = self._desk
        await desk.throttle.token(call)

        async def work(tx: Tx) -> None:
            proof = await self._proof(tx, token, VERIFY)
            account = await accounts.by_id(tx, proof.user_id)
            if account is None or not await proofs.drop(tx, token_hash(token)):
                raise LinkExpired
            if proof.email == account.email:
                await accounts.verified(tx, account.id)
            elif proof.email == account.pending_email:
                await self._check_free(tx, account, proof.email)
                await accounts.set_email(tx, account.id, proof.email, proof.email.lower())
                # Letters to the old address must not open the account any more.
                await proofs.drop_of(tx, account.id, RESET)
                await desk.send(tx, account, letters.EMAIL_CHANGED, email=proof.email)
            else:
                raise LinkExpired

        await desk.db.write(work)

    async def change_email(self, call: Call, password: str, email: str) -> None:
        """Ask to change the address; giving the present one takes an open request back."""
        desk = self._desk
        account = await desk.proven(call, password)
        fresh = parse_email(email)
        if fresh is None:
            raise Invalid(fields={"email": "This is not a full e-mail address."})
        await desk.throttle.letter(call, account.id)

        async def work(tx: Tx) -> None:
            now = await desk.unchanged(tx, account)
            if fresh == now.email:
                await accounts.set_pending_email(tx, now.id, "")
                return
            await self._check_free(tx, now, fresh)
            await accounts.set_pending_email(tx, now.id, fresh)
            await self.send_proof(tx, now, fresh)

        await desk.db.write(work)

    # Passwords

    async def forgot_password(self, call: Call, name_key: str) -> None:
        """Have whoever has that name or address sent a reset letter. Here nothing is looked up: the
        work, and so the time, is the same whether anybody has it."""
        desk = self._desk
        await desk.throttle.stranger_letter(call)
        key = str(desk.kit.ids())
        sealed = desk.vault.seal("forgot", key, name_key.encode()).hex()
        await desk.db.write(lambda tx: tx.schedule("forgot", key, desk.now(), sealed))

    async def answer_forgotten(self, key: str, sealed: str) -> None:
        """The job behind `forgot_password`."""
        desk = self._desk
        name = desk.vault.open("forgot", key, bytes.fromhex(sealed)).decode()
        account = await accounts.by_login(desk.db, name)
        if account is None or not await desk.throttle.reset_letter(account.id):
            return
        found = account

        async def work(tx: Tx) -> None:
            # Older links stay good: else a stranger could keep breaking the owner's.
            until = desk.now() + desk.settings.reset_minutes * MINUTE
            token = await self._token(tx, Proof(found.id, RESET, found.email, until))
            await desk.send(tx, found, letters.RESET, token=token)

        await desk.db.write(work)

    async def reset_password(self, call: Call, token: str, password: str) -> None:
        """Set a new password by a letter's token; ends all sessions; the second factor stays on."""
        desk = self._desk
        await desk.throttle.token(call)
        proof = await self._proof(desk.db, token, RESET)
        account = await accounts.by_id(desk.db, proof.user_id)
        if account is None:
            raise LinkExpired
        password_hash = await desk.new_hash("password", password, account.username, account.email)

        async def work(tx: Tx) -> list[int]:
            now = await accounts.by_id(tx, proof.user_id)
            if now is None or not await proofs.drop(tx, token_hash(token)):
                raise LinkExpired
            if now.email == proof.email and not now.email_verified:
                # Whoever reads the letter holds the address.
                await accounts.verified(tx, now.id)
            await desk.throttle.know(tx, call, now.id)
            return await self._set_password(tx, now, password_hash, but=None)

        await desk.tell_revoked(await desk.db.write(work))

    async def change_password(self, call: Call, password: str, new_password: str) -> None:
        """Change the password; ends all other sessions."""
        desk = self._desk
        account = await desk.proven(call, password)
        password_hash = await desk.new_hash("new_password", new_password, account.username, account.email)

        async def work(tx: Tx) -> list[int]:
            now = await desk.unchanged(tx, account)
            return await self._set_password(tx, now, password_hash, but=call.session)

        await desk.tell_revoked(await desk.db.write(work))

    async def override_password(self, tx: Tx, account: Account, password_hash: str) -> list[int]:
        """An operator sets a password; answers the sessions that ended."""
        return await self._set_password(tx, account, password_hash, but=None)

    async def _set_password(self, tx: Tx, account: Account, password_hash: str, but: int | None) -> list[int]:
        await accounts.set_password(tx, account.id, password_hash)
        await proofs.drop_of(tx, account.id, RESET)
        await self._desk.send(tx, account, letters.PASSWORD_CHANGED)
        return await self._desk.end_sessions(tx, account.id, but=but)

    # Letters

    async def deliver(self, letter_id: int) -> None:
        """The job that hands a letter to delivery. Handed over again after a crash, it has the same id."""
        desk = self._desk
        row = await proofs.letter(desk.db, letter_id)
        if row is None:
            return
        user_id, sealed = row
        draft = msgspec.json.decode(desk.vault.open("letter", letter_id, sealed), type=letters.Draft)
        values = letters.values(
            draft, url=desk.kit.site.public_url, hours=desk.settings.verify_hours,
            minutes=desk.settings.reset_minutes,
        )  # fmt: skip
        template = letters.TEMPLATES.get(draft.kind, draft.kind)
        await self._post.send(f"identity:{letter_id}", user_id, draft.to, template, draft.locale, values)
        await desk.db.write(lambda tx: proofs.drop_letter(tx, letter_id))

    async def _token(self, tx: Tx, proof: Proof) -> str:
        token = fresh_token()
        await proofs.add(tx, token_hash(token), proof)
        return token

    async def _proof(self, db: Reads, token: str, purpose: str) -> Proof:
        """What a live token stands for. Raises LinkExpired."""
        proof = await proofs.find(db, token_hash(token[:200]))
        if proof is None or proof.purpose != purpose or proof.expires_at <= self._desk.now():
            raise LinkExpired
        return proof

    async def _check_free(self, tx: Tx, account: Account, email: str) -> None:
        owner = await accounts.email_owner(tx, email.lower())
        if owner not in (None, account.id):
            raise EmailTaken(fields={"email": EmailTaken.default_message})
