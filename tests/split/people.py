"""Members of a split community, as programs that remember what they were told."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from tests.world import PASSWORD
from tools.split import Split


class Ledger:
    """What clients were told: the truth that the servers must keep to."""

    def __init__(self) -> None:
        #: Text by id of posts that were acknowledged.
        self.posts: dict[str, str] = {}
        #: Texts whose answer was lost: they may be there, once.
        self.unknown: set[str] = set()
        #: Answers by status, 0 for none.
        self.statuses: Counter[int] = Counter()
        self.slowest = 0.0

    @property
    def failed(self) -> int:
        return sum(number for status, number in self.statuses.items() if status >= 500 or status == 0)


class Rotation:
    """Edges that take requests: what a load balancer with health checks does."""

    def __init__(self, split: Split) -> None:
        self._split = split
        self.out: set[str] = set()

    def url(self) -> str:
        return random.choice([edge.url for edge in self._split.edges if edge.name not in self.out])


class Member:
    """Somebody with an access token."""

    def __init__(self, rotation: Rotation, ledger: Ledger, name: str) -> None:
        self.rotation = rotation
        self.ledger = ledger
        self.name = name
        self.id = ""
        self.token = ""
        self.refresh_token = ""
        self.http = httpx.AsyncClient(timeout=15)

    async def __aenter__(self) -> "Member":
        return await self.register()

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def ask(self, method: str, path: str, key: str = "", **body: Any) -> httpx.Response | None:
        """The answer, or None when the connection was lost. Noted in the ledger."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        if key:
            headers["idempotency-key"] = key
        began = time.monotonic()
        try:
            answer = await self.http.request(
                method, f"{self.rotation.url()}/api{path}", headers=headers, json=body or None
            )
        except httpx.TransportError:
            self.ledger.statuses[0] += 1
            return None
        self.ledger.statuses[answer.status_code] += 1
        self.ledger.slowest = max(self.ledger.slowest, time.monotonic() - began)
        return answer

    async def do(self, method: str, path: str, status: int | None = None, **body: Any) -> Any:
        """The answer's JSON; any status below 400, or the one named."""
        answer = await self.ask(method, path, **body)
        assert answer is not None, f"{method} {path}: no answer"
        good = answer.status_code == status if status else answer.status_code < 400
        assert good, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    async def register(self) -> "Member":
        made = await self.do(
            "POST",
            "/auth/register",
            201,
            username=self.name,
            email=f"{self.name}@example.org",
            password=PASSWORD,
        )
        self._take(made)
        return self

    def _take(self, grant: dict[str, Any]) -> None:
        self.id = grant["user"]["id"]
        self.token, self.refresh_token = grant["access_token"], grant["refresh_token"]

    async def post(self, text: str, **more: Any) -> dict[str, Any]:
        made: dict[str, Any] = await self.do("POST", "/posts", 201, text=text, **more)
        self.ledger.posts[made["id"]] = text
        return made

    async def write_until(self, stop: asyncio.Event, label: str, pause: float = 0.0) -> None:
        """Post until told to stop. What is not answered is sent again with its key, until it is."""
        number = 0
        while not stop.is_set():
            number += 1
            text = f"{label} {number}"
            while True:
                answer = await self.ask("POST", "/posts", key=text, text=text)
                if answer is not None and answer.status_code == 201:
                    self.ledger.posts[answer.json()["id"]] = text
                    break
                assert answer is None or answer.status_code == 503, answer.text
                self.ledger.unknown.add(text)
                if stop.is_set():
                    return
                await asyncio.sleep(0.2)
            if pause:
                await asyncio.sleep(pause)

    async def all_of(self, path: str) -> list[dict[str, Any]]:
        """All items of a list."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = await self.do("GET", f"{path}?limit=100&cursor={cursor}")
            items += page["items"]
            cursor = page["next"]
            if not cursor:
                return items


async def eventually(check: Callable[[], Any], limit: float = 30) -> float:
    """Seconds until a check is true. Fails when it never is."""
    began = time.monotonic()
    last: Any = None
    while time.monotonic() - began < limit:
        try:
            last = await check()
        except AssertionError as error:
            last = error
        else:
            if last:
                return time.monotonic() - began
        await asyncio.sleep(0.2)
    raise AssertionError(f"not within {limit} s: {last}")


async def check_ledger(reader: Member, author: Member, ledger: Ledger, limit: float = 60) -> str:
    """Nothing acknowledged is lost, every post had its event, and no effect is there twice."""
    path = f"/users/{author.id}/posts"

    async def all_heard() -> bool:
        stored = {item["id"] for item in await reader.all_of(path)}
        home = [item["id"] for item in await reader.all_of("/feed")]
        return set(ledger.posts) <= stored and stored <= set(home)

    await eventually(all_heard, limit)
    stored = {item["id"]: item["text"] for item in await reader.all_of(path)}
    home = [item["id"] for item in await reader.all_of("/feed")]
    lost = {post for post, text in ledger.posts.items() if stored.get(post) != text}
    told = (await reader.do("GET", f"/users/{author.id}"))["counts"]["posts"]
    assert not lost
    assert told == len(stored), "the author's number of posts is right"
    assert len(set(stored.values())) == len(stored), "what was sent once is there once"
    assert set(stored.values()) <= set(ledger.posts.values()) | ledger.unknown
    assert len(home) == len(set(home)) and set(home) == set(stored), "each event had its effect, once"
    return f"{len(ledger.posts)} acknowledged, {len(lost)} lost, {len(home) - len(set(home))} effects doubled"
