"""Logs to Loki: its push API as JSON, in batches."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from samovar.kernel.log_queue import Away, Logged

if TYPE_CHECKING:
    from httpx import AsyncClient

PATH: Final = "/loki/api/v1/push"
TIMEOUT: Final = 10.0


class Loki:
    """One Loki. What it refuses as wrong is not brought again; all else is."""

    name = "loki"

    def __init__(self, url: str, *, user: str = "", password: str = "", tenant: str = "") -> None:
        self._url = url.rstrip("/") + PATH
        self._auth = (user, password) if user else None
        self._tenant = tenant
        self._client: AsyncClient | None = None

    async def bring(self, entries: Sequence[Logged]) -> None:
        """Push a batch. Raises Away when it should come again."""
        import httpx

        if self._client is None:
            self._client = httpx.AsyncClient(auth=self._auth, timeout=TIMEOUT, trust_env=False)
        headers = {"content-type": "application/json"}
        if self._tenant:
            headers["x-scope-orgid"] = self._tenant
        try:
            answer = await self._client.post(self._url, content=payload(entries), headers=headers)
        except httpx.TransportError as error:
            raise Away(str(error)) from error
        if answer.status_code == 429 or answer.status_code >= 500:
            raise Away(f"{answer.status_code}")
        if answer.status_code >= 300:
            raise ValueError(f"Loki refuses: {answer.status_code} {answer.text[:200]}")

    async def close(self) -> None:
        """Let the connection go."""
        if self._client is not None:
            await self._client.aclose()


def payload(entries: Sequence[Logged]) -> bytes:
    """Entries as Loki takes them: a stream for each process and level, since few labels are many enough; ids
    of requests and traces stand beside the line."""
    streams: dict[tuple[str, str], list[list[Any]]] = {}
    for one in sorted(entries, key=lambda one: one.at):
        beside = {"event": one.event, "request_id": one.request_id, "trace_id": one.trace_id}
        value = [str(one.at * 1000), _line(one), {name: text for name, text in beside.items() if text}]
        streams.setdefault((one.process, one.level), []).append(value)
    return msgspec.json.encode({
        "streams": [
            {"stream": {"service": "samovar", "process": process, "level": level}, "values": values}
            for (process, level), values in streams.items()
        ]
    })  # fmt: skip


def _line(one: Logged) -> str:
    about: dict[str, Any] = {"event": one.event, "level": one.level, "process": one.process}
    for name in ("service", "request_id", "trace_id"):
        if value := getattr(one, name):
            about[name] = value
    return msgspec.json.encode(about | msgspec.json.decode(one.fields)).decode()
