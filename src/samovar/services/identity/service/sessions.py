"""Living sessions: resolved, refreshed, listed, ended."""

import asyncio
import hmac
from typing import Any, NamedTuple

import structlog

from samovar.contracts.identity import TokenInvalid
from samovar.kernel.authz import signed_in
from samovar.kernel.clock import SECOND
from samovar.kernel.context import Call
from samovar.kernel.errors import NotFound
from samovar.kernel.store import Tx
from samovar.services.identity.domain import ACTIVE, Account, Granted, Opened, Session, idle_end
from samovar.services.identity.repository import accounts, sessions
from samovar.services.identity.service.desk import Desk
from samovar.services.identity.vault import refresh_parts, token_hash

log = structlog.get_logger(__name__)

#: Ends that one poll answers at most.
REVOKED_PAGE = 10_000
#: A poll reads again what was written in the seconds before the last one: commits come out of order.
REVOKED_OVERLAP = 10 * SECOND


class _Traded(NamedTuple):
    """What came of a refresh token: a new pair's account and number, or the sessions that ended."""

    account: Account | None
    number: int
    ended: list[int]


class Sessions:
    """What a session lives through after sign-in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seen = Seen(desk)

    async def by_cookie(self, call: Call, token: str) -> Session:
        """The session of a browser's cookie. Raises TokenInvalid."""
        if len(token) > 128:
            raise TokenInvalid
        return self._live(call, await sessions.by_cookie(self._desk.db, token_hash(token)))

    async def by_id(self, call: Call, session_id: int) -> Session:
        """A session by its id. Raises TokenInvalid."""
        return self._live(call, await sessions.by_id(self._desk.db, session_id))

    def _live(self, call: Call, session: Session | None) -> Session:
        if session is None or session.state != ACTIVE or session.expires_at <= self._desk.now():
            raise TokenInvalid
        self._seen.note(session, call.address)
        return session

    async def refresh(self, call: Call, token: str) -> Granted:
        """Trade a refresh token for the next pair. One used before ends its session, unless it is the
        last one, used a moment ago: then its successor is given again."""
        desk = self._desk
        parts = refresh_parts(token)
        if parts is None:
            raise TokenInvalid
        session_id, number = parts
        found = await sessions.by_id(desk.db, session_id)
        if found is None or not found.family:
            raise TokenInvalid
        expected = desk.vault.refresh_token(session_id, found.family, number)
        if not hmac.compare_digest(expected.encode(), token.encode()):
            raise TokenInvalid
        traded = await desk.db.write(lambda tx: self._trade(tx, call, session_id, number))
        if traded.account is None:
            await desk.tell_revoked(traded.ended)
            raise TokenInvalid
        refresh_token = desk.vault.refresh_token(session_id, found.family, traded.number)
        return await desk.grant(traded.account, Opened(found, "", refresh_token, []))

    async def _trade(self, tx: Tx, call: Call, session_id: int, number: int) -> _Traded:
        desk, now = self._desk, self._desk.now()
        nothing = _Traded(None, 0, [])
        session = await sessions.by_id(tx, session_id)
        if session is None or session.expires_at <= now or number > session.refresh_number:
            return nothing
        account = await accounts.by_id(tx, session.user_id)
        if account is None:
            return nothing
        if number == session.refresh_number:
            until = idle_end(now, desk.settings.idle_days, session.ends_at)
            await sessions.rotate(tx, session, now, until, call.address[:64] or session.address)
            return _Traded(account, number + 1, [])
        lately = now - session.refreshed_at <= desk.settings.refresh_retry_seconds * SECOND
        if number == session.refresh_number - 1 and lately:
            return _Traded(account, session.refresh_number, [])
        log.warning("a used refresh token came back", user=session.user_id, session=session.id)
        return _Traded(None, 0, await sessions.end(tx, session.user_id, [session.id], now))

    async def of_caller(self, call: Call) -> list[Session]:
        """The caller's live sessions, newest first."""
        limit = self._desk.settings.max_sessions
        return await sessions.of_user(self._desk.db, signed_in(call), self._desk.now(), limit)

    async def logout(self, call: Call) -> None:
        """End the session that the caller acts through, if any."""
        user_id = signed_in(call)
        if call.session is not None:
            await self._end(user_id, call.session)

    async def revoke(self, call: Call, session_id: int) -> None:
        """End one of the caller's sessions. Raises NotFound for what is not theirs."""
        user_id = signed_in(call)
        if await self._end(user_id, session_id):
            return
        # Asked for again, it is as good as done.
        if not await sessions.was_revoked(self._desk.db, user_id, session_id):
            raise NotFound

    async def revoke_others(self, call: Call) -> None:
        """End all the caller's sessions but the present one."""
        desk, user_id = self._desk, signed_in(call)
        ended = await desk.db.write(lambda tx: desk.end_sessions(tx, user_id, but=call.session))
        await desk.tell_revoked(ended)

    async def _end(self, user_id: int, session_id: int) -> bool:
        desk = self._desk
        ended = await desk.db.write(lambda tx: sessions.end(tx, user_id, [session_id], desk.now()))
        await desk.tell_revoked(ended)
        return bool(ended)

    async def revoked_since(self, since: int) -> tuple[list[int], int]:
        """Sessions that ended since, and from when to ask next time; some may be told twice."""
        now = self._desk.now()
        found = await sessions.revoked_since(self._desk.db, since, REVOKED_PAGE)
        until = found[-1][1] if len(found) == REVOKED_PAGE else max(since, now - REVOKED_OVERLAP)
        return [session_id for session_id, _ in found], until


class Seen:
    """Notes when sessions are used: about once a minute each, in the background, many in one write.
    A note that is lost costs nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._notes: dict[int, dict[str, Any]] = {}
        self._task: asyncio.Task[None] | None = None

    def note(self, session: Session, address: str) -> None:
        """A session is used now, from an address."""
        use, now = self._desk.settings, self._desk.now()
        if now - session.last_seen_at < use.seen_seconds * SECOND:
            return
        until = idle_end(now, use.idle_days, session.ends_at)
        where = address[:64] or session.address
        self._notes[session.id] = {"session": session.id, "seen": now, "until": until, "where": where}
        if self._task is None:
            self._task = asyncio.create_task(self._write(), name="identity-seen")

    async def _write(self) -> None:
        try:
            while self._notes:
                notes, self._notes = list(self._notes.values()), {}
                await self._desk.db.write(lambda tx, notes=notes: sessions.seen(tx, notes))  # type: ignore[misc]
        except Exception as error:
            log.warning("last use of sessions not noted", error=repr(error))
        finally:
            self._task = None
