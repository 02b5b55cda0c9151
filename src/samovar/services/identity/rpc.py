"""Contract to domain and back."""

from collections.abc import Sequence

from samovar.contracts import identity as api
from samovar.contracts.common import Done
from samovar.kernel.authz import may
from samovar.kernel.context import Call, current_call
from samovar.services.identity.domain import Account, Dossier, Granted, Role, Session
from samovar.services.identity.service import Identity
from samovar.services.identity.service.entry import login_key

DONE = Done()


class IdentityRpc:
    """Serves samovar.identity."""

    def __init__(self, service: Identity) -> None:
        self._service = service

    async def register(
        self, *, username: str, email: str, password: str, locale: str, device: str, browser: bool
    ) -> api.Grant:
        granted = await self._service.entry.register(
            current_call(), username=username, email=email, password=password, locale=locale, device=device,
            browser=browser,
        )  # fmt: skip
        return _grant(granted)

    async def login(
        self, *, name: str, password: str, otp: str | None = None, device: str, browser: bool
    ) -> api.Grant:
        granted = await self._service.entry.login(
            current_call(), name=name, password=password, otp=otp, device=device, browser=browser
        )
        return _grant(granted)

    async def refresh(self, *, refresh_token: str) -> api.Grant:
        return _grant(await self._service.sessions.refresh(current_call(), refresh_token))

    async def logout(self) -> Done:
        await self._service.sessions.logout(current_call())
        return DONE

    async def resolve_cookie(self, *, token: str) -> api.Session:
        return await self._carrying(await self._service.sessions.by_cookie(current_call(), token))

    async def resolve_session(self, *, session_id: int) -> api.Session:
        return await self._carrying(await self._service.sessions.by_id(current_call(), session_id))

    async def _carrying(self, session: Session) -> api.Session:
        """A session with all that its person may do."""
        return _session(session, await self._service.standing.book.carried(session.roles))

    async def keys(self) -> api.KeyList:
        return api.KeyList(jwks=await self._service.keys.public())

    async def revoked_since(self, *, since: int) -> api.RevokedList:
        ids, until = await self._service.sessions.revoked_since(since)
        return api.RevokedList(session_ids=tuple(ids), until=until)

    async def sessions(self) -> api.SessionList:
        call = current_call()
        found = await self._service.sessions.of_caller(call)
        return api.SessionList(items=tuple(_session(session, current=call.session) for session in found))

    async def revoke_session(self, *, session_id: int) -> Done:
        await self._service.sessions.revoke(current_call(), session_id)
        return DONE

    async def revoke_other_sessions(self) -> Done:
        await self._service.sessions.revoke_others(current_call())
        return DONE

    async def me(self) -> api.Account:
        return _own(*await self._service.people.me(current_call()))

    async def get_many(self, *, ids: Sequence[int] = ()) -> api.AccountList:
        return await self._list(await self._service.people.by_ids(ids))

    async def by_username(self, *, usernames: Sequence[str] = ()) -> api.AccountList:
        return await self._list(await self._service.people.by_names(usernames))

    async def find(self, *, text: str, filter: str, cursor: str, limit: int) -> api.DossierPage:
        found, following = await self._service.standing.find(current_call(), text, filter, cursor, limit)
        return api.DossierPage(items=tuple([await self._dossier(one) for one in found]), next=following)

    async def dossiers(self, *, ids: Sequence[int] = ()) -> api.DossierList:
        found = await self._service.standing.dossiers(current_call(), ids)
        return api.DossierList(items=tuple([await self._dossier(one) for one in found]))

    async def set_standing(self, *, user_id: int, standing: api.Standing, notice: str) -> Done:
        await self._service.standing.put(
            current_call(), user_id, standing.state, standing.until, standing.silenced, notice
        )
        return DONE

    async def roles(self) -> api.RoleList:
        found = await self._service.standing.roles(current_call())
        return api.RoleList(items=tuple(map(_role, found)))

    async def save_role(
        self, *, name: str, permissions: Sequence[str] = (), fixed: bool, people: int
    ) -> api.Role:
        return _role(await self._service.standing.save_role(current_call(), name, permissions))

    async def remove_role(self, *, name: str) -> Done:
        await self._service.standing.remove_role(current_call(), name)
        return DONE

    async def _list(self, accounts: Sequence[Account]) -> api.AccountList:
        return api.AccountList(items=tuple([await self._public(account) for account in accounts]))

    async def _public(self, account: Account) -> api.Account:
        return _public(
            current_call(), account, await self._service.standing.book.permissions(account.roles),
            account.kept_out(self._service.now()),
        )  # fmt: skip

    async def _dossier(self, found: Dossier) -> api.Dossier:
        account, now = found.account, self._service.now()
        kept_out = account.kept_out(now)
        return api.Dossier(
            account=await self._public(account),
            standing=api.Standing(
                state=account.standing if kept_out else "",
                until=account.standing_until if kept_out else 0,
                silenced=account.silenced,
            ),
            email=account.email,
            sessions=found.sessions,
            last_seen_at=found.last_seen_at,
        )

    async def contacts(self, *, ids: Sequence[int] = ()) -> api.ContactList:
        found = await self._service.people.contacts(current_call(), ids)
        return api.ContactList(
            items=tuple(
                api.Contact(
                    id=account.id, email=account.email, email_verified=account.email_verified,
                    locale=account.locale,
                )
                for account in found
            )
        )  # fmt: skip

    async def begin_otp(self, *, password: str) -> api.OtpSecret:
        secret, uri = await self._service.second.begin(current_call(), password)
        return api.OtpSecret(secret=secret, uri=uri)

    async def confirm_otp(self, *, code: str) -> api.RecoveryCodes:
        return api.RecoveryCodes(codes=tuple(await self._service.second.confirm(current_call(), code)))

    async def disable_otp(self, *, password: str, code: str) -> Done:
        await self._service.second.disable(current_call(), password, code)
        return DONE

    async def renew_recovery_codes(self, *, password: str) -> api.RecoveryCodes:
        return api.RecoveryCodes(
            codes=tuple(await self._service.second.renew_codes(current_call(), password))
        )

    async def send_verification(self) -> Done:
        await self._service.addresses.send_verification(current_call())
        return DONE

    async def verify_email(self, *, token: str) -> Done:
        await self._service.addresses.verify_email(current_call(), token)
        return DONE

    async def forgot_password(self, *, name: str) -> Done:
        await self._service.addresses.forgot_password(current_call(), login_key(name))
        return DONE

    async def reset_password(self, *, token: str, password: str) -> Done:
        await self._service.addresses.reset_password(current_call(), token, password)
        return DONE

    async def change_password(self, *, password: str, new_password: str) -> Done:
        await self._service.addresses.change_password(current_call(), password, new_password)
        return DONE

    async def change_email(self, *, password: str, email: str) -> Done:
        await self._service.addresses.change_email(current_call(), password, email)
        return DONE

    async def delete_account(self, *, password: str) -> Done:
        await self._service.leaving.delete(current_call(), password)
        return DONE

    async def erase_account(self, *, user_id: int) -> Done:
        await self._service.leaving.delete_by_operator(current_call(), user_id)
        return DONE

    async def set_roles(self, *, user_id: int, roles: Sequence[str] = ()) -> api.Account:
        return await self._public(await self._service.people.set_roles(current_call(), user_id, roles))

    async def set_password(self, *, user_id: int, password: str) -> Done:
        await self._service.people.set_password(current_call(), user_id, password)
        return DONE


class PersonalRpc:
    """Serves samovar.personal for identity."""

    def __init__(self, service: Identity) -> None:
        self._service = service

    async def erase(self, *, user_id: int) -> Done:
        await self._service.leaving.erase(current_call(), user_id)
        return DONE


def _grant(granted: Granted) -> api.Grant:
    return api.Grant(
        account=_own(granted.account, granted.codes_left),
        session_id=granted.session_id,
        access_token=granted.access_token,
        refresh_token=granted.refresh_token,
        cookie_token=granted.cookie_token,
        expires_in=granted.expires_in,
    )


def _own(account: Account, codes_left: int) -> api.Account:
    """An account as its owner sees it."""
    return api.Account(
        id=account.id, username=account.username, email=account.email, email_verified=account.email_verified,
        roles=tuple(account.roles), otp_enabled=account.otp_enabled, created_at=account.created_at,
        locale=account.locale, pending_email=account.pending_email, recovery_codes_left=codes_left,
    )  # fmt: skip


def _role(role: Role) -> api.Role:
    return api.Role(name=role.name, permissions=tuple(role.permissions), fixed=role.fixed, people=role.people)


def _public(call: Call, account: Account, permissions: Sequence[str], suspended: bool) -> api.Account:
    """An account as others see it: who lacks a second factor is told only to those who may know."""
    return api.Account(
        id=account.id, username=account.username, email_verified=account.email_verified,
        roles=tuple(account.roles), created_at=account.created_at, locale=account.locale,
        otp_enabled=account.otp_enabled and (call.actor == account.id or may(call, "accounts.see")),
        permissions=tuple(permissions), suspended=suspended,
    )  # fmt: skip


def _session(session: Session, roles: Sequence[str] = (), current: int | None = None) -> api.Session:
    return api.Session(
        id=session.id, user_id=session.user_id, roles=tuple(roles or session.roles),
        expires_at=session.expires_at,
        browser=session.browser, device=session.device, address=session.address,
        created_at=session.created_at, last_seen_at=session.last_seen_at, current=session.id == current,
        username=session.username,
    )  # fmt: skip
