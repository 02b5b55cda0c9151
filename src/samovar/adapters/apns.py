"""Apple's push service, over HTTP/2. We prove who we are by a key of our team (ES256)."""

import hashlib
import json
import uuid
from typing import Final
from urllib.parse import quote

from samovar.adapters.outside import Outside, unwell
from samovar.kernel.clock import MINUTE, SECOND, Clock
from samovar.kernel.messengers import Gone, Later, Parcel, Refused

#: Apple refuses tokens older than an hour, and those made anew within 20 minutes.
_TOKEN_LIVES: Final = 40 * MINUTE
_DEAD: Final = frozenset(("BadDeviceToken", "Unregistered", "DeviceTokenNotForTopic", "ExpiredToken"))
_MOST: Final = 4096


class Apns:
    """One app of one team."""

    name = "apns"

    def __init__(
        self, *, key: str, key_id: str, team: str, topic: str, url: str, timeout: float, clock: Clock
    ) -> None:
        """`key`: the text of the .p8 file; `topic`: the app's bundle id."""
        self._key = key
        self._key_id = key_id
        self._team = team
        self._topic = topic
        self._url = url.rstrip("/")
        self._clock = clock
        self._outside = Outside(timeout, http2=True)
        self._token = ""
        self._made_at = 0

    def reached_through(self, to: str) -> str:
        return self.name

    async def send(self, parcel: Parcel) -> str:
        mark = hashlib.sha256(parcel.id.encode()).digest()
        headers = {
            "authorization": f"bearer {self._proof()}",
            "apns-topic": self._topic,
            "apns-push-type": "alert",
            "apns-priority": "10" if parcel.urgent else "5",
            "apns-expiration": str(self._clock.now() // SECOND + parcel.ttl),
            "apns-id": str(uuid.UUID(bytes=mark[:16])),
            "apns-collapse-id": mark.hex(),
        }
        url = f"{self._url}/3/device/{quote(parcel.to, safe='')}"
        answer = await self._outside.post(url, headers=headers, content=_payload(parcel))
        if answer.status == 200:
            return answer.headers.get("apns-id", "")[:200]
        unwell(answer, self._clock)
        try:
            reason = str(json.loads(answer.body)["reason"])
        except (ValueError, KeyError, TypeError, RecursionError):
            reason = ""
        said = f"{answer.status} {reason}"
        if answer.status == 410 or reason in _DEAD:
            raise Gone(said)
        if answer.status == 403:
            self._made_at = 0
            raise Later(f"Apple refuses our key: {said}", ours=True)
        raise Refused(said)

    def _proof(self) -> str:
        import jwt

        now = self._clock.now()
        if not self._token or now - self._made_at > _TOKEN_LIVES:
            claims = {"iss": self._team, "iat": now // SECOND}
            try:
                self._token = jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self._key_id})
            except (ValueError, TypeError, jwt.PyJWTError) as error:
                raise Later("the key can't be used", ours=True) from error
            self._made_at = now
        return self._token

    async def close(self) -> None:
        await self._outside.close()


def _payload(parcel: Parcel) -> bytes:
    text = parcel.text
    while True:
        alert = {"title": parcel.title[:200], "body": text}
        data = json.dumps(
            {"aps": {"alert": alert, "sound": "default"}, "id": parcel.id, "url": parcel.url},
            ensure_ascii=False,
        ).encode()
        if len(data) <= _MOST:
            return data
        if not text:
            raise Refused("too long")
        text = text[: len(text) * 3 // 4]
