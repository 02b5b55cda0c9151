"""Firebase Cloud Messaging (HTTP v1): Android and whoever else has a token of Firebase. We prove who we are
by a service account (OAuth 2.0, RFC 7523)."""

import asyncio
import json
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from samovar.adapters.outside import Answer, Outside, unwell
from samovar.kernel.clock import SECOND, Clock
from samovar.kernel.messengers import Gone, Later, Parcel, Refused

_SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
_LIFE: Final = 3600


class Account(msgspec.Struct, frozen=True):
    """What we need of the service account's JSON file."""

    project_id: str
    client_email: str
    private_key: str
    token_uri: str = "https://oauth2.googleapis.com/token"


class Fcm:
    """One project of Firebase."""

    name = "fcm"

    def __init__(self, account: str, *, url: str, timeout: float, clock: Clock) -> None:
        """`account`: the JSON of the service account. Raises msgspec.ValidationError."""
        self._account = msgspec.json.decode(account.encode(), type=Account)
        self._url = f"{url.rstrip('/')}/v1/projects/{quote(self._account.project_id)}/messages:send"
        self._clock = clock
        self._outside = Outside(timeout)
        self._token = ""
        self._until = 0
        self._asking = asyncio.Lock()

    def reached_through(self, to: str) -> str:
        return self.name

    async def send(self, parcel: Parcel) -> str:
        headers = {"authorization": f"Bearer {await self._access()}", "content-type": "application/json"}
        answer = await self._outside.post(self._url, headers=headers, content=_message(parcel))
        if answer.status == 200:
            return str(_json(answer).get("name", ""))[:200]
        unwell(answer, self._clock)
        error = _json(answer).get("error")
        error = error if isinstance(error, dict) else {}
        said = f"{answer.status} {error.get('status', '')} {error.get('message', '')}"
        codes = {str(d.get("errorCode")) for d in error.get("details", ()) if isinstance(d, dict)}
        if answer.status == 404 or "UNREGISTERED" in codes:
            raise Gone(said)
        if answer.status in (401, 403):
            self._until = 0
            if "SENDER_ID_MISMATCH" in codes:
                raise Gone(said)
            raise Later(f"Firebase refuses our account: {said}", ours=True)
        raise Refused(said)

    async def _access(self) -> str:
        """A token, asked for anew shortly before it ends."""
        async with self._asking:
            now = self._clock.now() // SECOND
            if now < self._until:
                return self._token
            form = {
                "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "assertion": self._assertion(now),
            }
            headers = {"content-type": "application/x-www-form-urlencoded"}
            answer = await self._outside.post(
                self._account.token_uri, headers=headers, content=urlencode(form).encode()
            )
            token = _json(answer).get("access_token")
            if answer.status != 200 or not isinstance(token, str):
                unwell(answer, self._clock)
                raise Later(f"Google refuses our account: {answer.status} {answer.text}", ours=True)
            self._token, self._until = token, now + _LIFE - 300
            return token

    def _assertion(self, now: int) -> str:
        import jwt

        account = self._account
        claims = {
            "iss": account.client_email, "scope": _SCOPE, "aud": account.token_uri, "iat": now,
            "exp": now + _LIFE,
        }  # fmt: skip
        try:
            return jwt.encode(claims, account.private_key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            raise Later("the service account's key can't be used", ours=True) from error

    async def close(self) -> None:
        await self._outside.close()


def _message(parcel: Parcel) -> bytes:
    message = {
        "token": parcel.to,
        "notification": {"title": parcel.title[:200], "body": parcel.text[:2000]},
        "data": {"id": parcel.id, "url": parcel.url, "lang": parcel.locale},
        "android": {
            "priority": "HIGH" if parcel.urgent else "NORMAL",
            "ttl": f"{parcel.ttl}s",
            "notification": {"tag": parcel.id},
        },
    }
    return json.dumps({"message": message}, ensure_ascii=False).encode()


def _json(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
