"""Throttling of guesses. Nobody can lock out somebody else: an address that an account was signed in
to from has a bucket of its own, and only strangers' addresses share one."""

from samovar.kernel.clock import DAY
from samovar.kernel.context import Call
from samovar.kernel.kit import Kit
from samovar.kernel.limiter import network_of
from samovar.kernel.store import Tx
from samovar.services.identity.repository import accounts
from samovar.services.identity.vault import Vault


class Throttle:
    """Takes tokens, raising RateLimited with `retry_after`. The system itself is never throttled."""

    def __init__(self, kit: Kit, vault: Vault) -> None:
        self._kit = kit
        self._limiter = kit.limiter
        self._vault = vault

    async def login(self, call: Call, user_id: int | None, name: str) -> None:
        """Before a password is checked. The same for names that nobody has."""
        network = network_of(call.address)
        await self._limiter.demand("guess-address", call, key=network)
        whom = self._whom(user_id, name)
        await self._limiter.demand("guess", call, key=f"{whom}:{network}")
        if not await self._known(user_id or 0, network):
            await self._limiter.demand("guess-account", call, key=whom)

    async def logged_in(self, call: Call, user_id: int, name: str) -> None:
        """After a success: the address starts anew for this account."""
        await self._limiter.clear("guess", f"{self._whom(user_id, name)}:{network_of(call.address)}")

    async def otp(self, call: Call, user_id: int) -> None:
        """Before a code is checked."""
        network = network_of(call.address)
        await self._limiter.demand("code", call, key=f"{user_id}:{network}")
        if not await self._known(user_id, network):
            await self._limiter.demand("code-account", call, key=str(user_id))

    async def otp_right(self, call: Call, user_id: int) -> None:
        """After a right code: the guesses start anew, as they do for a password."""
        await self._limiter.clear("code", f"{user_id}:{network_of(call.address)}")

    async def own_password(self, call: Call, user_id: int) -> None:
        """Before the password of somebody signed in is checked: per session, so that a stolen one
        does not keep the owner out."""
        await self._limiter.demand("guess", call, key=f"own:{user_id}:{call.session or 0}")

    async def own_password_right(self, call: Call, user_id: int) -> None:
        await self._limiter.clear("guess", f"own:{user_id}:{call.session or 0}")

    async def register(self, call: Call) -> None:
        await self._limiter.demand("register", call, key=network_of(call.address))

    async def token(self, call: Call) -> None:
        """Before the token of a letter is looked up."""
        await self._limiter.demand("guess-address", call, key=network_of(call.address))

    async def letter(self, call: Call, user_id: int) -> None:
        """Before somebody signed in has a letter sent."""
        await self._limiter.demand("letter", call, key=f"to:{user_id}")

    async def stranger_letter(self, call: Call) -> None:
        """Before a stranger has a letter sent."""
        await self._limiter.demand("letter-address", call, key=network_of(call.address))

    async def reset_letter(self, user_id: int) -> bool:
        """Whether one more reset letter may go to an account; says nothing to who asked."""
        decision = await self._limiter.take("letter", Call(), key=f"reset:{user_id}")
        return decision.allowed

    async def know(self, tx: Tx, call: Call, user_id: int) -> None:
        """Remember the caller's address as one of the account's own."""
        if call.address:
            mark = self._mark(network_of(call.address))
            await accounts.know(tx, user_id, mark, self._kit.clock.now())

    async def _known(self, user_id: int, network: str) -> bool:
        after = self._kit.clock.now() - self._kit.settings.known_address_days * DAY
        return await accounts.knows(self._kit.db, user_id, self._mark(network), after)

    def _mark(self, network: str) -> str:
        return self._vault.mark("address", network)

    def _whom(self, user_id: int | None, name: str) -> str:
        return str(user_id) if user_id is not None else self._vault.mark("name", name)
