"""Telegram, by a bot of ours that a person has written to first."""

import json
from typing import Any

from samovar.adapters.outside import Outside
from samovar.kernel.clock import Clock
from samovar.kernel.messengers import Gone, Later, Parcel, Refused


class Telegram:
    """One bot."""

    name = "telegram"

    def __init__(self, token: str, *, url: str, timeout: float, clock: Clock) -> None:
        self._url = f"{url.rstrip('/')}/bot{token}/sendMessage"
        self._outside = Outside(timeout)

    def reached_through(self, to: str) -> str:
        return self.name

    async def send(self, parcel: Parcel) -> str:
        text = "\n\n".join(part for part in (parcel.title, parcel.text[:3000], parcel.url) if part)
        content = json.dumps(
            {"chat_id": parcel.to, "text": text, "link_preview_options": {"is_disabled": True}},
            ensure_ascii=False,
        ).encode()
        answer = await self._outside.post(
            self._url, headers={"content-type": "application/json"}, content=content
        )
        said = _object(answer.body)
        about = f"{answer.status} {said.get('description', '')}"
        if answer.status == 200 and said.get("ok") is True:
            result = said.get("result")
            return str(result.get("message_id", ""))[:40] if isinstance(result, dict) else ""
        if answer.status == 429:
            parameters = said.get("parameters")
            wait = parameters.get("retry_after", 0) if isinstance(parameters, dict) else 0
            raise Later(about, retry_after=float(wait) if isinstance(wait, int | float) else 0, provider=True)
        if answer.status == 403 or (answer.status == 400 and "chat not found" in about):
            # Blocked by the person, or never written to.
            raise Gone(about)
        if answer.status in (401, 404):
            raise Later(f"Telegram refuses our bot: {about}", ours=True)
        if answer.status >= 500 or answer.status == 200:
            raise Later(about, provider=True)
        raise Refused(about)

    async def close(self) -> None:
        await self._outside.close()


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
