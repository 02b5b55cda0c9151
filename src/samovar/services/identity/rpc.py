"""Contract to domain and back."""

from collections.abc import Sequence

from samovar.contracts import identity as api
from samovar.contracts.common import Done
from samovar.kernel.authz import may
from samovar.kernel.context import Call, current_call
from samovar.services.identity.domain import Account, Granted, Session
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
        return _session(await self._service.sessions.by_cookie(current_call(), token))

    async def resolve_session(self, *, session_id: int) -> api.Session:
        return _session(await self._service.sessions.by_id(current_call(), session_id))

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
        return _list(current_call(), await self._service.people.by_ids(ids))

    async def by_username(self, *, usernames: Sequence[str] = ()) -> api.AccountList:
        return _list(current_call(), await self._service.people.by_names(usernames))

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
        call = current_call()
        return _public(call, await self._service.people.set_roles(call, user_id, roles))

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


def _public(call: Call, account: Account) -> api.Account:
    """An account as others see it: who lacks a second factor is told only to those who may know."""
    return api.Account(
        id=account.id, username=account.username, email_verified=account.email_verified,
        roles=tuple(account.roles), created_at=account.created_at, locale=account.locale,
        otp_enabled=account.otp_enabled and (call.actor == account.id or may(call, "accounts.see")),
    )  # fmt: skip


def _list(call: Call, accounts: Sequence[Account]) -> api.AccountList:
    return api.AccountList(items=tuple(_public(call, account) for account in accounts))


def _session(session: Session, current: int | None = None) -> api.Session:
    return api.Session(
        id=session.id, user_id=session.user_id, roles=tuple(session.roles), expires_at=session.expires_at,
        browser=session.browser, device=session.device, address=session.address,
        created_at=session.created_at, last_seen_at=session.last_seen_at, current=session.id == current,
        username=session.username,
    )  # fmt: skip
