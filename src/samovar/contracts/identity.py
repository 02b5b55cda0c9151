"""Accounts, passwords, sessions, tokens, second factor, roles.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from samovar.contracts.common import Done
from samovar.kernel.contract import Contract, Event, Message, Method, register_event
from samovar.kernel.errors import Conflict, Forbidden, Invalid, Unauthenticated


class RegisterRequest(Message, frozen=True, kw_only=True):
    """What Identity.register takes."""

    username: str = ""
    email: str = ""
    password: str = ""
    #: "en" or "ru": for letters.
    locale: str = ""
    #: What the browser or app calls itself.
    device: str = ""
    #: A browser gets a cookie token, an app a pair of tokens.
    browser: bool = False


class LoginRequest(Message, frozen=True, kw_only=True):
    """What Identity.login takes."""

    #: Username or e-mail address.
    name: str = ""
    password: str = ""
    otp: str | None = None
    device: str = ""
    browser: bool = False


class RefreshRequest(Message, frozen=True, kw_only=True):
    """What Identity.refresh takes."""

    refresh_token: str = ""


class LogoutRequest(Message, frozen=True, kw_only=True):
    """What Identity.logout takes."""


class ResolveCookieRequest(Message, frozen=True, kw_only=True):
    """What Identity.resolve_cookie takes."""

    token: str = ""


class ResolveSessionRequest(Message, frozen=True, kw_only=True):
    """What Identity.resolve_session takes."""

    session_id: int = 0


class KeysRequest(Message, frozen=True, kw_only=True):
    """What Identity.keys takes."""


class KeyList(Message, frozen=True, kw_only=True):
    """Key list."""

    jwks: tuple[str, ...] = ()


class RevokedSinceRequest(Message, frozen=True, kw_only=True):
    """What Identity.revoked_since takes."""

    #: Microseconds since 1970 UTC.
    since: int = 0


class RevokedList(Message, frozen=True, kw_only=True):
    """Revoked list."""

    session_ids: tuple[int, ...] = ()
    #: Ask from here next time.
    until: int = 0


class Account(Message, frozen=True, kw_only=True):
    """Account."""

    id: int = 0
    username: str = ""
    #: Only for the person themself; empty for others.
    email: str = ""
    email_verified: bool = False
    #: Of user, support, moderator, admin and the community's own.
    roles: tuple[str, ...] = ()
    otp_enabled: bool = False
    created_at: int = 0
    locale: str = ""
    #: An address that waits for its letter to be answered, or empty. Only for the person themself.
    pending_email: str = ""
    #: How many recovery codes are left. Only for the person themself.
    recovery_codes_left: int = 0
    #: What their own roles hold, beside what the fixed ones do.
    permissions: tuple[str, ...] = ()
    #: Suspended or banned at present.
    suspended: bool = False


class Grant(Message, frozen=True, kw_only=True):
    """A fresh session's proofs."""

    account: Account = Account()
    session_id: int = 0
    #: For apps: a JWT (EdDSA, 15 minutes). Empty for browsers.
    access_token: str = ""
    refresh_token: str = ""
    #: For browsers: an opaque token. Empty for apps.
    cookie_token: str = ""
    #: Seconds until the access token ends, or the cookie's session does.
    expires_in: int = 0


class Session(Message, frozen=True, kw_only=True):
    """A live session as the edge needs it."""

    id: int = 0
    user_id: int = 0
    roles: tuple[str, ...] = ()
    #: When the session ends unless used.
    expires_at: int = 0
    #: True for browsers' sessions.
    browser: bool = False
    #: What the browser or app called itself, and where it was last seen.
    device: str = ""
    address: str = ""
    created_at: int = 0
    last_seen_at: int = 0
    #: True for the session that asks.
    current: bool = False
    username: str = ""


class SessionsRequest(Message, frozen=True, kw_only=True):
    """What Identity.sessions takes."""


class SessionList(Message, frozen=True, kw_only=True):
    """Session list."""

    items: tuple[Session, ...] = ()


class RevokeSessionRequest(Message, frozen=True, kw_only=True):
    """What Identity.revoke_session takes."""

    session_id: int = 0


class RevokeOtherSessionsRequest(Message, frozen=True, kw_only=True):
    """What Identity.revoke_other_sessions takes."""


class Standing(Message, frozen=True, kw_only=True):
    """What moderators decided about an account."""

    #: Empty, "suspended" or "banned".
    state: str = ""
    #: When a suspension ends, in microseconds since 1970 UTC; 0: for good.
    until: int = 0
    #: Writes for followers alone.
    silenced: bool = False


class Dossier(Message, frozen=True, kw_only=True):
    """An account as staff see it."""

    account: Account = Account()
    standing: Standing = Standing()
    #: For those who may see it.
    email: str = ""
    sessions: int = 0
    last_seen_at: int = 0


class DossierList(Message, frozen=True, kw_only=True):
    """Dossier list."""

    items: tuple[Dossier, ...] = ()


class DossierPage(Message, frozen=True, kw_only=True):
    """Dossier page."""

    items: tuple[Dossier, ...] = ()
    next: str = ""


class FindRequest(Message, frozen=True, kw_only=True):
    """What Identity.find takes."""

    #: Part of a name or e-mail address; empty for all.
    text: str = ""
    #: Empty, "staff", "suspended" or "silenced".
    filter: str = ""
    cursor: str = ""
    limit: int = 0


class SetStandingRequest(Message, frozen=True, kw_only=True):
    """What Identity.set_standing takes."""

    user_id: int = 0
    standing: Standing = Standing()
    #: Where the person reads why, without being signed in: an address within this site.
    notice: str = ""


class RolesRequest(Message, frozen=True, kw_only=True):
    """What Identity.roles takes."""


class Role(Message, frozen=True, kw_only=True):
    """What Identity.save_role takes."""

    #: Lower-case Latin letters, digits, hyphens.
    name: str = ""
    permissions: tuple[str, ...] = ()
    #: Those that can't be changed.
    fixed: bool = False
    #: How many have it; only in answers.
    people: int = 0


class RoleList(Message, frozen=True, kw_only=True):
    """Role list."""

    items: tuple[Role, ...] = ()


class RemoveRoleRequest(Message, frozen=True, kw_only=True):
    """What Identity.remove_role takes."""

    name: str = ""


class AccountList(Message, frozen=True, kw_only=True):
    """Account list."""

    items: tuple[Account, ...] = ()


class Contact(Message, frozen=True, kw_only=True):
    """What is needed to write to somebody."""

    id: int = 0
    email: str = ""
    email_verified: bool = False
    locale: str = ""


class ContactList(Message, frozen=True, kw_only=True):
    """Contact list."""

    items: tuple[Contact, ...] = ()


class MeRequest(Message, frozen=True, kw_only=True):
    """What Identity.me takes."""


class GetManyRequest(Message, frozen=True, kw_only=True):
    """What Identity.get_many takes."""

    ids: tuple[int, ...] = ()


class ByUsernameRequest(Message, frozen=True, kw_only=True):
    """What Identity.by_username takes."""

    usernames: tuple[str, ...] = ()


class BeginOtpRequest(Message, frozen=True, kw_only=True):
    """What Identity.begin_otp takes."""

    password: str = ""


class OtpSecret(Message, frozen=True, kw_only=True):
    """Otp secret."""

    #: Base32, for typing by hand.
    secret: str = ""
    #: otpauth:// address, for a QR code.
    uri: str = ""


class ConfirmOtpRequest(Message, frozen=True, kw_only=True):
    """What Identity.confirm_otp takes."""

    code: str = ""


class RecoveryCodes(Message, frozen=True, kw_only=True):
    """Recovery codes."""

    codes: tuple[str, ...] = ()


class DisableOtpRequest(Message, frozen=True, kw_only=True):
    """What Identity.disable_otp takes."""

    password: str = ""
    code: str = ""


class RenewRecoveryCodesRequest(Message, frozen=True, kw_only=True):
    """What Identity.renew_recovery_codes takes."""

    password: str = ""


class SendVerificationRequest(Message, frozen=True, kw_only=True):
    """What Identity.send_verification takes."""


class VerifyEmailRequest(Message, frozen=True, kw_only=True):
    """What Identity.verify_email takes."""

    token: str = ""


class ForgotPasswordRequest(Message, frozen=True, kw_only=True):
    """What Identity.forgot_password takes."""

    name: str = ""


class ResetPasswordRequest(Message, frozen=True, kw_only=True):
    """What Identity.reset_password takes."""

    token: str = ""
    password: str = ""


class ChangePasswordRequest(Message, frozen=True, kw_only=True):
    """What Identity.change_password takes."""

    password: str = ""
    new_password: str = ""


class ChangeEmailRequest(Message, frozen=True, kw_only=True):
    """What Identity.change_email takes."""

    password: str = ""
    email: str = ""


class DeleteAccountRequest(Message, frozen=True, kw_only=True):
    """What Identity.delete_account takes."""

    password: str = ""


class EraseAccountRequest(Message, frozen=True, kw_only=True):
    """What Identity.erase_account takes."""

    user_id: int = 0


class SetRolesRequest(Message, frozen=True, kw_only=True):
    """What Identity.set_roles takes."""

    user_id: int = 0
    roles: tuple[str, ...] = ()


class SetPasswordRequest(Message, frozen=True, kw_only=True):
    """What Identity.set_password takes."""

    user_id: int = 0
    password: str = ""


@register_event
class UserRegistered(Event, frozen=True, kw_only=True):
    """A new account."""

    TYPE: ClassVar[str] = "samovar.identity.v1.UserRegistered"
    KEY: ClassVar[str] = "user_id"

    user_id: int = 0
    username: str = ""
    locale: str = ""
    created_at: int = 0


@register_event
class UserDeleted(Event, frozen=True, kw_only=True):
    """An account is going: hide all of it at once; the erasure follows by samovar.personal."""

    TYPE: ClassVar[str] = "samovar.identity.v1.UserDeleted"
    KEY: ClassVar[str] = "user_id"

    user_id: int = 0


class UsernameTaken(Conflict):
    """This name is taken."""

    code = "identity.username_taken"
    default_message = "This name is taken."


class EmailTaken(Conflict):
    """This e-mail address is in use."""

    code = "identity.email_taken"
    default_message = "This e-mail address is in use."


class WrongCredentials(Unauthenticated):
    """The name or the password is wrong."""

    code = "identity.wrong_credentials"
    default_message = "The name or the password is wrong."


class OtpRequired(Unauthenticated):
    """Enter the code from your authenticator."""

    code = "otp_required"
    default_message = "Enter the code from your authenticator."


class WrongOtp(Unauthenticated):
    """This code is wrong or already used."""

    code = "identity.wrong_otp"
    default_message = "This code is wrong or already used."


class TokenInvalid(Unauthenticated):
    """This is no longer valid. Please sign in again."""

    code = "identity.token_invalid"
    default_message = "This is no longer valid. Please sign in again."


class LinkExpired(Invalid):
    """This link is used up or too old. Ask for a new one."""

    code = "identity.link_expired"
    default_message = "This link is used up or too old. Ask for a new one."


class WrongPassword(Forbidden):
    """This is not your password."""

    code = "identity.wrong_password"
    default_message = "This is not your password."


class RegistrationClosed(Forbidden):
    """Registration is closed here."""

    code = "identity.registration_closed"
    default_message = "Registration is closed here."


class Suspended(Forbidden):
    """This account is suspended."""

    code = "identity.suspended"
    default_message = "This account is suspended."


class LastAdmin(Conflict):
    """This is the last admin here. Make somebody else one first."""

    code = "identity.last_admin"
    default_message = "This is the last admin here. Make somebody else one first."


class EmailBanned(Forbidden):
    """This e-mail address can't be used here."""

    code = "identity.email_banned"
    default_message = "This e-mail address can't be used here."


class IdentityApi(Protocol):
    """Identity."""

    async def register(
        self, *, username: str, email: str, password: str, locale: str, device: str, browser: bool
    ) -> Grant:
        """Make an account and its first session. Publishes UserRegistered."""
        ...

    async def login(
        self, *, name: str, password: str, otp: str | None = None, device: str, browser: bool
    ) -> Grant:
        """Begin a session with a name or e-mail address and a password; `otp` when a second factor is on
        (a code of the authenticator or a recovery code).
        """
        ...

    async def refresh(self, *, refresh_token: str) -> Grant:
        """Trade a refresh token for a new pair. A token used twice ends its session, unless the
        same trade is retried within 10 seconds because the answer was lost: then the same successor is
        given.
        """
        ...

    async def logout(self) -> Done:
        """End the caller's session."""
        ...

    async def resolve_cookie(self, *, token: str) -> Session:
        """The session behind a browser's cookie. TokenInvalid when there is none."""
        ...

    async def resolve_session(self, *, session_id: int) -> Session:
        """The session behind an id from a verified access token. TokenInvalid when it is over."""
        ...

    async def keys(self) -> KeyList:
        """Public signing keys, as JWKs in JSON, current first."""
        ...

    async def revoked_since(self, *, since: int) -> RevokedList:
        """Sessions that ended after a time, for edges that poll."""
        ...

    async def sessions(self) -> SessionList:
        """The caller's sessions, newest first."""
        ...

    async def revoke_session(self, *, session_id: int) -> Done:
        """End one of the caller's sessions."""
        ...

    async def revoke_other_sessions(self) -> Done:
        """End all the caller's sessions but the present one."""
        ...

    async def me(self) -> Account:
        """The caller's own account, e-mail address included."""
        ...

    async def get_many(self, *, ids: Sequence[int] = ()) -> AccountList:
        """Accounts by id, without e-mail addresses; deleted ones are left out. At most 100."""
        ...

    async def by_username(self, *, usernames: Sequence[str] = ()) -> AccountList:
        """Accounts by username, any case; unknown names are left out. At most 100."""
        ...

    async def contacts(self, *, ids: Sequence[int] = ()) -> ContactList:
        """For services alone: where letters to people go, and in which language; deleted accounts are left
        out.
        At most 100.
        """
        ...

    async def begin_otp(self, *, password: str) -> OtpSecret:
        """Begin to turn on the second factor: a new secret, not yet in force. Needs the password."""
        ...

    async def confirm_otp(self, *, code: str) -> RecoveryCodes:
        """Turn it on by proving a code; answers recovery codes, shown once."""
        ...

    async def disable_otp(self, *, password: str, code: str) -> Done:
        """Turn it off. Needs the password and a code."""
        ...

    async def renew_recovery_codes(self, *, password: str) -> RecoveryCodes:
        """New recovery codes instead of the old ones. Needs the password."""
        ...

    async def send_verification(self) -> Done:
        """Send the caller a fresh verification letter."""
        ...

    async def verify_email(self, *, token: str) -> Done:
        """Prove an e-mail address by the token of a letter."""
        ...

    async def forgot_password(self, *, name: str) -> Done:
        """Send a reset letter to whoever has that name or address. The same answer when nobody has."""
        ...

    async def reset_password(self, *, token: str, password: str) -> Done:
        """Set a new password by the token of a letter; ends all sessions; the second factor stays on."""
        ...

    async def change_password(self, *, password: str, new_password: str) -> Done:
        """Change the password; ends all other sessions."""
        ...

    async def change_email(self, *, password: str, email: str) -> Done:
        """Ask to change the e-mail address: in force when the letter to the new one is answered
        (VerifyEmail).
        """
        ...

    async def delete_account(self, *, password: str) -> Done:
        """Delete the caller's account: hidden at once, erased everywhere soon after."""
        ...

    async def erase_account(self, *, user_id: int) -> Done:
        """For operators: delete an account without its password, as after a restore."""
        ...

    async def set_roles(self, *, user_id: int, roles: Sequence[str] = ()) -> Account:
        """For operators and admins: give an account its roles. Nobody grants above their own."""
        ...

    async def find(self, *, text: str, filter: str, cursor: str, limit: int) -> DossierPage:
        """For staff: accounts whose name or e-mail address holds a text, newest first."""
        ...

    async def dossiers(self, *, ids: Sequence[int] = ()) -> DossierList:
        """For staff: accounts with all that staff may know of them. At most 100."""
        ...

    async def set_standing(self, *, user_id: int, standing: Standing, notice: str) -> Done:
        """For moderation: how an account stands from now on. What is suspended or banned is signed out at
        once.
        """
        ...

    async def roles(self) -> RoleList:
        """For staff: all roles, the fixed ones first."""
        ...

    async def save_role(
        self, *, name: str, permissions: Sequence[str] = (), fixed: bool, people: int
    ) -> Role:
        """Make a role of the community's own, or change one: nobody puts into it what they may not do
        themselves.
        """
        ...

    async def remove_role(self, *, name: str) -> Done:
        """Remove such a role; who had it has it no more."""
        ...

    async def set_password(self, *, user_id: int, password: str) -> Done:
        """For operators: set a password without the old one; ends all sessions."""
        ...


IDENTITY: Contract[IdentityApi] = Contract(
    "samovar.identity.v1.Identity",
    methods=(
        Method("register", RegisterRequest, Grant),
        Method("login", LoginRequest, Grant),
        Method("refresh", RefreshRequest, Grant),
        Method("logout", LogoutRequest, Done, idempotent=True),
        Method("resolve_cookie", ResolveCookieRequest, Session, idempotent=True),
        Method("resolve_session", ResolveSessionRequest, Session, idempotent=True),
        Method("keys", KeysRequest, KeyList, idempotent=True),
        Method("revoked_since", RevokedSinceRequest, RevokedList, idempotent=True),
        Method("sessions", SessionsRequest, SessionList, idempotent=True),
        Method("revoke_session", RevokeSessionRequest, Done, idempotent=True),
        Method("revoke_other_sessions", RevokeOtherSessionsRequest, Done, idempotent=True),
        Method("me", MeRequest, Account, idempotent=True),
        Method("get_many", GetManyRequest, AccountList, idempotent=True),
        Method("by_username", ByUsernameRequest, AccountList, idempotent=True),
        Method("contacts", GetManyRequest, ContactList, idempotent=True),
        Method("begin_otp", BeginOtpRequest, OtpSecret),
        Method("confirm_otp", ConfirmOtpRequest, RecoveryCodes),
        Method("disable_otp", DisableOtpRequest, Done),
        Method("renew_recovery_codes", RenewRecoveryCodesRequest, RecoveryCodes),
        Method("send_verification", SendVerificationRequest, Done),
        Method("verify_email", VerifyEmailRequest, Done),
        Method("forgot_password", ForgotPasswordRequest, Done),
        Method("reset_password", ResetPasswordRequest, Done),
        Method("change_password", ChangePasswordRequest, Done),
        Method("change_email", ChangeEmailRequest, Done),
        Method("delete_account", DeleteAccountRequest, Done),
        Method("erase_account", EraseAccountRequest, Done, idempotent=True),
        Method("set_roles", SetRolesRequest, Account, idempotent=True),
        Method("find", FindRequest, DossierPage, idempotent=True),
        Method("dossiers", GetManyRequest, DossierList, idempotent=True),
        Method("set_standing", SetStandingRequest, Done, idempotent=True),
        Method("roles", RolesRequest, RoleList, idempotent=True),
        Method("save_role", Role, Role, idempotent=True),
        Method("remove_role", RemoveRoleRequest, Done, idempotent=True),
        Method("set_password", SetPasswordRequest, Done, idempotent=True),
    ),
    errors=(
        UsernameTaken,
        EmailTaken,
        WrongCredentials,
        OtpRequired,
        WrongOtp,
        TokenInvalid,
        LinkExpired,
        WrongPassword,
        RegistrationClosed,
        Suspended,
        LastAdmin,
        EmailBanned,
    ),
)
