"""Who is calling: a browser's opaque cookie or an app's access token, checked against identity.

Sessions found good are believed for seconds. Revocations arrive by pub/sub and by a short poll;
an edge that has been out of touch with identity for 30 s refuses signed-in requests.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final

import jwt
import msgspec
import structlog

from samovar.contracts.identity import Session
from samovar.edge.edge import Edge
from samovar.kernel import telemetry
from samovar.kernel.clock import SECOND
from samovar.kernel.context import Call, calling
from samovar.kernel.errors import AppError, Unauthenticated, Unavailable

log = structlog.get_logger(__name__)
OUT_OF_TOUCH: Final = 30 * SECOND
POLL: Final = 5.0
#: Tokens and cookies remembered at most, of each.
KEPT: Final = 10_000
ISSUED_FOR: Final = "samovar"
REVOKED: Final = "identity.revoked"


class Who(msgspec.Struct, frozen=True):
    """A signed-in caller."""

    user_id: int
    session_id: int
    roles: tuple[str, ...]
    username: str
    browser: bool
    expires_at: int


class Sessions:
    """Finds out who is calling."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._by_cookie: dict[str, tuple[int, Who]] = {}
        self._by_token: dict[str, tuple[int, Who]] = {}
        self._revoked: dict[int, int] = {}
        self._claims: dict[str, tuple[int, int, int]] = {}
        self._keys: dict[str, Any] = {}
        self._keys_at = 0
        self._since = edge.clock.now()
        self._in_touch = edge.clock.now()
        self._task: asyncio.Task[None] | None = None
        #: Told of each session that ends.
        self.watchers: list[Callable[[int], None]] = []
        self._unsubscribe = edge.pubsub.subscribe(REVOKED, self._on_revoked)

    def start(self) -> None:
        self._task = asyncio.create_task(self._poll(), name="edge-revocations")

    async def stop(self) -> None:
        """Hear of revocations no more."""
        self._unsubscribe()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @property
    def cookie_name(self) -> str:
        """`__Host-` needs Secure, which needs https."""
        return "__Host-samovar" if self._edge.secure else "samovar"

    async def by_cookie(self, token: str, call: Call) -> Who | None:
        """The browser behind a cookie, or None when its session is over."""
        now = self._edge.clock.now()
        found = self._by_cookie.get(token)
        if found is not None and found[0] > now:
            return None if found[1].session_id in self._revoked else found[1]
        try:
            with calling(call):
                session = await self._edge.identity.resolve_cookie(token=token)
        except Unauthenticated:
            telemetry.auth_failures.labels("cookie").inc()
            return None
        who = _who(session)
        self._remember(self._by_cookie, token, now, who)
        return who

    async def by_token(self, token: str, call: Call) -> Who:
        """The app behind an access token. Raises Unauthenticated."""
        now = self._edge.clock.now()
        found = self._by_token.get(token)
        if found is None or found[0] <= now:
            who = await self._verify(token, now, call)
            self._remember(self._by_token, token, now, who)
        else:
            who = found[1]
        if who.expires_at <= now or who.session_id in self._revoked:
            telemetry.auth_failures.labels("expired").inc()
            raise Unauthenticated
        if now - self._in_touch > OUT_OF_TOUCH:
            await self._catch_up()
        return who

    async def _verify(self, token: str, now: int, call: Call) -> Who:
        """Check signature and session. A signature once found good stays so; the session is asked anew."""
        claims = self._claims.get(token)
        if claims is None:
            claims = await self._signed(token, now, call)
            if len(self._claims) > KEPT:
                self._claims.clear()
            self._claims[token] = claims
        user_id, session_id, expires_at = claims
        try:
            if expires_at <= now:
                raise Unauthenticated
            with calling(call):
                session = await self._edge.identity.resolve_session(session_id=session_id)
            if session.user_id != user_id:
                raise Unauthenticated
        except Unauthenticated:
            self._claims.pop(token, None)
            telemetry.auth_failures.labels("token").inc()
            raise Unauthenticated from None
        return msgspec.structs.replace(_who(session), expires_at=min(expires_at, session.expires_at))

    async def _signed(self, token: str, now: int, call: Call) -> tuple[int, int, int]:
        """Person, session, expiry of a token. The key comes from our own ring, never from the token."""
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(str(header.get("kid", "")), now, call)
            claims = jwt.decode(
                token, key, algorithms=["EdDSA"], audience=ISSUED_FOR, issuer=self._edge.site.public_url,
                options={"verify_exp": False, "verify_iat": False, "verify_nbf": False,
                         "require": ["exp", "iat", "sub", "sid", "aud", "iss"]},
            )  # fmt: skip
            expires_at, session_id = int(claims["exp"]) * SECOND, int(claims["sid"])
            if (
                header.get("typ") != "at+jwt"
                or expires_at <= now
                or int(claims["iat"]) * SECOND > now + 60 * SECOND
            ):
                raise Unauthenticated
            return int(claims["sub"]), session_id, expires_at
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, Unauthenticated) as error:
            telemetry.auth_failures.labels("token").inc()
            raise Unauthenticated from error

    async def _key(self, kid: str, now: int, call: Call) -> Any:
        if kid not in self._keys and now - self._keys_at > SECOND:
            # Noted once they are here: while identity is away nobody is told that their token is bad.
            with calling(call):
                listed = await self._edge.identity.keys()
            self._keys_at = now
            self._keys = {str(key.key_id): key for key in map(jwt.PyJWK.from_json, listed.jwks)}
        if kid not in self._keys:
            raise Unauthenticated
        return self._keys[kid]

    def forget(self, session_id: int) -> None:
        """Believe a session no more, at once."""
        self._revoked[session_id] = self._edge.clock.now()
        for watch in self.watchers:
            watch(session_id)

    def _remember(self, kept: dict[str, tuple[int, Who]], token: str, now: int, who: Who) -> None:
        if len(kept) > KEPT:
            kept.clear()
        kept[token] = (now + int(self._edge.settings.session_cache_seconds * SECOND), who)

    def _on_revoked(self, message: bytes) -> None:
        if message.isdigit():
            self.forget(int(message))

    async def _poll(self) -> None:
        while True:
            await self._edge.clock.sleep(POLL)
            try:
                await self._catch_up()
            except AppError as error:
                log.warning("revocations not reached", error=repr(error))

    async def _catch_up(self) -> None:
        try:
            with calling(Call(caller="edge", system=True)):
                answer = await self._edge.identity.revoked_since(since=self._since)
        except AppError:
            if self._edge.clock.now() - self._in_touch > OUT_OF_TOUCH:
                raise Unavailable from None
            return
        now = self._edge.clock.now()
        for session_id in answer.session_ids:
            self.forget(session_id)
        self._since = answer.until
        self._in_touch = now
        # Access tokens live 15 minutes: older revocations can't matter any more.
        self._revoked = {sid: at for sid, at in self._revoked.items() if now - at < 3600 * SECOND}


def _who(session: Session) -> Who:
    return Who(
        session.user_id, session.id, session.roles, session.username, session.browser, session.expires_at
    )
