"""`/api/auth`: accounts, tokens, sessions, second factor."""

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.params import JSONBody

from samovar.contracts.identity import Account, Grant, Session
from samovar.edge.edge import Edge
from samovar.edge.gateway.routing import Router
from samovar.edge.gateway.sessions import Sessions
from samovar.edge.present.times import rfc3339
from samovar.edge.rest.common import Done, ItemId, delete, get, item_id, post, put
from samovar.kernel.authz import signed_in
from samovar.kernel.context import current_call
from samovar.kernel.errors import NotFound, Unauthenticated


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A request's body: unknown fields are refused."""


class Register(Body):
    """A new account."""

    username: str
    email: str
    password: str


class Login(Body):
    """Who signs in, and the code when a second factor is on."""

    #: Username or e-mail address.
    username: str
    password: str
    otp: str | None = None


class Refresh(Body):
    """A refresh token to trade."""

    refresh_token: str


class PasswordOnly(Body):
    """One's own password, as proof."""

    password: str


class OtpCode(Body):
    """A code of an authenticator."""

    code: str


class OtpOff(Body):
    """Password and code, to turn the second factor off."""

    password: str
    code: str


class Token(Body):
    """A letter's token."""

    token: str


class Forgot(Body):
    """Whose password is forgotten: a username or an e-mail address."""

    username: str


class Reset(Body):
    """A letter's token and the password to set."""

    token: str
    password: str


class NewPassword(Body):
    """The old password and the new one."""

    password: str
    new_password: str


class NewEmail(Body):
    """A new e-mail address, with the password as proof."""

    password: str
    email: str


class AccountView(msgspec.Struct, kw_only=True, frozen=True):
    """One's own account."""

    id: str
    username: str
    email: str
    email_verified: bool
    pending_email: str
    roles: tuple[str, ...]
    otp_enabled: bool
    recovery_codes_left: int
    created_at: str


class Tokens(msgspec.Struct, kw_only=True, frozen=True):
    """A fresh pair of tokens."""

    user: AccountView
    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


class Validity(msgspec.Struct, kw_only=True, frozen=True):
    """What a token is worth."""

    active: bool
    user_id: str
    roles: tuple[str, ...]
    expires_at: str


class SessionView(msgspec.Struct, kw_only=True, frozen=True):
    """One place where one is signed in."""

    id: str
    device: str
    address: str
    browser: bool
    current: bool
    created_at: str
    last_seen_at: str


class SessionListView(msgspec.Struct, kw_only=True, frozen=True):
    """Where one is signed in."""

    items: tuple[SessionView, ...]
    next: str | None = None


class Secret(msgspec.Struct, kw_only=True, frozen=True):
    """A new second factor's secret, not yet in force."""

    secret: str
    uri: str


class Codes(msgspec.Struct, kw_only=True, frozen=True):
    """Recovery codes, shown once."""

    codes: tuple[str, ...]


def account_view(account: Account) -> AccountView:
    return AccountView(
        id=str(account.id), username=account.username, email=account.email,
        email_verified=account.email_verified, pending_email=account.pending_email, roles=account.roles,
        otp_enabled=account.otp_enabled, recovery_codes_left=account.recovery_codes_left,
        created_at=rfc3339(account.created_at),
    )  # fmt: skip


def session_view(session: Session) -> SessionView:
    return SessionView(
        id=str(session.id), device=session.device, address=session.address, browser=session.browser,
        current=session.current, created_at=rfc3339(session.created_at),
        last_seen_at=rfc3339(session.last_seen_at),
    )  # fmt: skip


def _tokens(grant: Grant) -> Tokens:
    return Tokens(
        user=account_view(grant.account), access_token=grant.access_token, refresh_token=grant.refresh_token,
        token_type="Bearer", expires_in=grant.expires_in,
    )  # fmt: skip


def device_of(request: Request[Any, Any, Any]) -> str:
    """What the caller's program calls itself."""
    return request.headers.get("user-agent", "")[:200]


def routes(edge: Edge, sessions: Sessions) -> Router:
    """The routes below /api/auth."""
    identity = edge.identity

    @post("/register", summary="Make an account")
    async def register(request: Request[Any, Any, Any], data: JSONBody[Register]) -> Tokens:
        grant = await identity.register(
            username=data.username, email=data.email, password=data.password,
            locale=current_call().locale, device=device_of(request), browser=False,
        )  # fmt: skip
        return _tokens(grant)

    @post("/login", status_code=200, summary="Sign in")
    async def login(request: Request[Any, Any, Any], data: JSONBody[Login]) -> Tokens:
        grant = await identity.login(
            name=data.username, password=data.password, otp=data.otp, device=device_of(request), browser=False
        )
        return _tokens(grant)

    @post("/refresh", status_code=200, summary="Trade a refresh token for new tokens")
    async def refresh(data: JSONBody[Refresh]) -> Tokens:
        return _tokens(await identity.refresh(refresh_token=data.refresh_token))

    async def end_session() -> Done:
        call = current_call()
        signed_in(call)
        await identity.logout()
        if call.session is not None:
            sessions.forget(call.session)
        return Done()

    @post("/logout", status_code=200, summary="End this session")
    async def logout() -> Done:
        return await end_session()

    @get("/logout", summary="End this session (tokens only; a browser is asked to confirm)")
    async def logout_by_get(request: Request[Any, Any, Any]) -> Response[Any]:
        who = request.scope.get("samovar.who")
        if who is not None and getattr(who, "browser", False):
            return Response(None, status_code=303, headers={"location": "/logout"})
        return Response(await end_session())

    @get("/validate", summary="What the presented token is worth")
    async def validate(request: Request[Any, Any, Any]) -> Validity:
        who: Any = request.scope.get("samovar.who")
        if who is None:
            raise Unauthenticated
        return Validity(
            active=True,
            user_id=str(who.user_id),
            roles=tuple(role for role in who.roles if role[:1] != "+"),
            expires_at=rfc3339(who.expires_at),
        )

    @get("/jwks", summary="Public keys of access tokens (RFC 7517)")
    async def jwks() -> dict[str, Any]:
        return {"keys": [msgspec.json.decode(key) for key in (await identity.keys()).jwks]}

    @get("/me", summary="One's own account")
    async def me() -> AccountView:
        signed_in(current_call())
        return account_view(await identity.me())

    @get("/sessions", summary="Where one is signed in")
    async def list_sessions() -> SessionListView:
        signed_in(current_call())
        return SessionListView(items=tuple(session_view(s) for s in (await identity.sessions()).items))

    @delete("/sessions/{session_id:str}", status_code=200, summary="End one session")
    async def revoke_session(session_id: ItemId) -> Done:
        signed_in(current_call())
        number = item_id(session_id)
        if number not in {session.id for session in (await identity.sessions()).items}:
            raise NotFound
        await identity.revoke_session(session_id=number)
        sessions.forget(number)
        return Done()

    @delete("/sessions", status_code=200, summary="End all sessions but this one")
    async def revoke_others() -> Done:
        signed_in(current_call())
        await identity.revoke_other_sessions()
        return Done()

    @post("/otp", status_code=200, summary="Begin to turn on the second factor")
    async def begin_otp(data: JSONBody[PasswordOnly]) -> Secret:
        signed_in(current_call())
        secret = await identity.begin_otp(password=data.password)
        return Secret(secret=secret.secret, uri=secret.uri)

    @post("/otp/confirm", status_code=200, summary="Turn it on by a code")
    async def confirm_otp(data: JSONBody[OtpCode]) -> Codes:
        signed_in(current_call())
        return Codes(codes=(await identity.confirm_otp(code=data.code)).codes)

    @post("/otp/disable", status_code=200, summary="Turn it off")
    async def disable_otp(data: JSONBody[OtpOff]) -> Done:
        signed_in(current_call())
        await identity.disable_otp(password=data.password, code=data.code)
        return Done()

    @post("/otp/recovery-codes", status_code=200, summary="New recovery codes instead of the old")
    async def renew_codes(data: JSONBody[PasswordOnly]) -> Codes:
        signed_in(current_call())
        return Codes(codes=(await identity.renew_recovery_codes(password=data.password)).codes)

    @post("/verify/send", status_code=200, summary="Send the verification letter again")
    async def send_verification() -> Done:
        signed_in(current_call())
        await identity.send_verification()
        return Done()

    @post("/verify", status_code=200, summary="Prove an e-mail address")
    async def verify(data: JSONBody[Token]) -> Done:
        await identity.verify_email(token=data.token)
        return Done()

    @post("/forgot", status_code=200, summary="Send a letter for a new password")
    async def forgot(data: JSONBody[Forgot]) -> Done:
        await identity.forgot_password(name=data.username)
        return Done()

    @post("/reset", status_code=200, summary="Set a new password by a letter's token")
    async def reset(data: JSONBody[Reset]) -> Done:
        await identity.reset_password(token=data.token, password=data.password)
        return Done()

    @put("/password", summary="Change the password")
    async def change_password(data: JSONBody[NewPassword]) -> Done:
        signed_in(current_call())
        await identity.change_password(password=data.password, new_password=data.new_password)
        return Done()

    @put("/email", summary="Change the e-mail address")
    async def change_email(data: JSONBody[NewEmail]) -> Done:
        signed_in(current_call())
        await identity.change_email(password=data.password, email=data.email)
        return Done()

    @post("/delete-account", status_code=200, summary="Delete the account and all that is of it")
    async def delete_account(data: JSONBody[PasswordOnly]) -> Done:
        signed_in(current_call())
        await identity.delete_account(password=data.password)
        return Done()

    return Router(
        "/auth",
        tags=["auth"],
        route_handlers=[
            register, login, refresh, logout, logout_by_get, validate, jwks, me, list_sessions,
            revoke_session, revoke_others, begin_otp, confirm_otp, disable_otp, renew_codes,
            send_verification, verify, forgot, reset, change_password, change_email, delete_account,
        ],
    )  # fmt: skip
