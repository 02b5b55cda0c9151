"""Web push: messages encrypted for one browser (RFC 8291), signed by our key (RFC 8292), handed to the
push service that the browser chose (RFC 8030)."""

import base64
import hashlib
import json
import os
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from samovar.adapters.outside import Outside, place_of, retry_after
from samovar.kernel.clock import HOUR, SECOND, Clock
from samovar.kernel.messengers import Gone, Later, Parcel, Refused

#: Push services take 4096 bytes, of which encryption needs 103.
_MOST: Final = 3900
#: How long a signature is good for; push services take at most 24 hours.
_SIGNED: Final = 12 * HOUR


class WebPush:
    """Any push service, by the browser's subscription."""

    name = "webpush"

    def __init__(self, *, contact: str, allowed: Collection[str], timeout: float, clock: Clock) -> None:
        """`contact`: whom push services may write to, as mailto: or https:; `allowed`: hosts that may be
        private."""
        self._contact = contact
        self._allowed = frozenset(allowed)
        self._timeout = timeout
        self._clock = clock
        self._outside = Outside(timeout)

    def reached_through(self, to: str) -> str:
        try:
            return str(urlsplit(json.loads(to)["endpoint"]).netloc).lower()[:100]
        except (ValueError, TypeError, KeyError):
            return self.name

    async def send(self, parcel: Parcel) -> str:
        given = json.loads(parcel.to)
        endpoint, keys = given["endpoint"], given["keys"]
        place = await place_of(endpoint, self._allowed, self._timeout)
        now = self._clock.now()
        headers = {
            "host": place.host,
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(parcel.ttl),
            "urgency": "high" if parcel.urgent else "normal",
            # A message that waits at the push service is replaced by its own repetition.
            "topic": base64.urlsafe_b64encode(hashlib.sha256(parcel.id.encode()).digest()[:24]).decode(),
            # Signed anew every hour at most, so that the signature can be kept.
            "authorization": _signature(
                parcel.key, _origin(endpoint), self._contact, (now - now % HOUR + _SIGNED) // SECOND
            ),
        }
        answer = await self._outside.post(
            place.url, headers=headers, content=_encrypted(_payload(parcel), keys), sni=place.sni
        )
        said = f"{answer.status} {answer.text}"
        if 200 <= answer.status < 300:
            return answer.headers.get("location", "")[:200]
        if answer.status in (404, 410):
            raise Gone(said)
        if answer.status == 429 or answer.status >= 500:
            wait = retry_after(answer, self._clock)
            raise Later(said, retry_after=wait, provider=answer.status >= 500)
        if answer.status == 413:
            raise Refused(f"too long: {said}")
        raise Refused(said)

    async def close(self) -> None:
        await self._outside.close()


def _payload(parcel: Parcel) -> bytes:
    """What the page's worker gets, as JSON; a long text is cut until it fits."""
    text = parcel.text
    while True:
        data = json.dumps(
            {
                "id": parcel.id, "title": parcel.title[:200], "body": text, "url": parcel.url,
                "lang": parcel.locale,
            },
            ensure_ascii=False,
        ).encode()  # fmt: skip
        if len(data) <= _MOST:
            return data
        if not text:
            raise Refused("too long")
        text = text[: len(text) * 3 // 4]


def _encrypted(data: bytes, keys: dict[str, Any]) -> bytes:
    import http_ece
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        return bytes(
            http_ece.encrypt(
                data,
                salt=os.urandom(16),
                private_key=ec.generate_private_key(ec.SECP256R1()),
                dh=_bytes(keys["p256dh"]),
                auth_secret=_bytes(keys["auth"]),
                version="aes128gcm",
            )
        )
    except (ValueError, TypeError, KeyError, http_ece.ECEException) as error:
        raise Gone("the subscription has no usable keys") from error


@lru_cache(256)
def _signature(key: str, origin: str, contact: str, until: int) -> str:
    from py_vapid import Vapid02

    claims = {"aud": origin, "exp": until, "sub": contact}
    return str(Vapid02.from_raw(key.encode()).sign(claims)["Authorization"])


def _origin(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}"


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
