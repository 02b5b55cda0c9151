"""kill -9 at random moments under writes: what was acknowledged is there, and its effects once."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import apsw
import httpx
import pytest

from tests.serving import Server
from tests.world import PASSWORD

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "20"))
WRITERS = 12
SEED = int(os.environ.get("FAULT_SEED", "20261120"))


class Ledger:
    """What clients were told: the truth that the server must keep to."""

    def __init__(self) -> None:
        self.posts: dict[str, str] = {}
        self.unknown: set[str] = set()


async def member(stack: AsyncExitStack, server: Server, name: str) -> httpx.AsyncClient:
    http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=10))
    answer = await http.post(
        "/api/auth/register", json={"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    )
    assert answer.status_code == 201, answer.text
    http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
    http.headers["x-user-id"] = answer.json()["user"]["id"]
    return http


async def write(http: httpx.AsyncClient, ledger: Ledger, label: str) -> None:
    """Post until the server is gone."""
    number = 0
    while True:
        number += 1
        text = f"{label} {number}"
        try:
            answer = await http.post("/api/posts", json={"text": text}, headers={"idempotency-key": text})
        except httpx.TransportError:
            ledger.unknown.add(text)
            return
        assert answer.status_code == 201, answer.text
        ledger.posts[answer.json()["id"]] = text


async def pages(http: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    """All items of a list."""
    items, cursor = [], ""
    while True:
        answer = await http.get(path, params={"limit": 100, "cursor": cursor})
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        cursor = answer.json()["next"]
        if not cursor:
            return items


async def settled(http: httpx.AsyncClient) -> None:
    """Wait until every outbox is empty and its gauge has been read again."""
    for _ in range(200):
        await asyncio.sleep(0.1)
        text = (await http.get("/metrics")).text
        pending = [line for line in text.splitlines() if line.startswith("samovar_outbox_pending{")]
        if pending and all(line.endswith(" 0.0") for line in pending):
            return
    raise AssertionError("outboxes never emptied")


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Closes what a test opened."""
    async with AsyncExitStack() as stack:
        yield stack


@pytest.mark.timeout(60 + ROUNDS * 15)
async def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(
    tmp_path: Path, stack: AsyncExitStack
) -> None:
    chance = random.Random(SEED)
    server = Server(tmp_path / "data", {"SAMOVAR_POSTS__CREATE_PER_MINUTE": "0"})
    ledger = Ledger()
    try:
        await server.start()
        anna, boris = await member(stack, server, "anna"), await member(stack, server, "boris")
        followed = await boris.post(f"/api/users/{anna.headers['x-user-id']}/follow")
        assert followed.json()["following"]
        for number in range(ROUNDS):
            writers = [asyncio.create_task(write(anna, ledger, f"r{number} w{w}")) for w in range(WRITERS)]
            await asyncio.sleep(chance.uniform(0.1, 0.9))
            server.kill()
            await asyncio.gather(*writers)
            check = apsw.Connection(str(server.data / "samovar.db"))
            assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            check.close()
            ready = await server.start()
            assert ready <= 10, f"ready only after {ready:.1f} s"
        await settled(boris)
        stored = {
            item["id"]: item["text"]
            for item in await pages(boris, f"/api/users/{anna.headers['x-user-id']}/posts")
        }
        home = [item["id"] for item in await pages(boris, "/api/feed")]
        lost = {post for post, text in ledger.posts.items() if stored.get(post) != text}
        told = (await boris.get(f"/api/users/{anna.headers['x-user-id']}")).json()["counts"]["posts"]
        texts = list(stored.values())
        print(f"{ROUNDS} kills, seed {SEED}: {len(ledger.posts)} acknowledged, {len(lost)} lost, "
              f"{told - len(stored)} events lost, {len(home) - len(set(home))} effects doubled")  # fmt: skip
        assert not lost
        assert told == len(stored), "every stored post had its event, once"
        assert len(texts) == len(set(texts)), "a post that was sent once is there once"
        assert set(texts) <= set(ledger.posts.values()) | ledger.unknown
        assert len(home) == len(set(home)) and set(home) == set(stored)
    finally:
        server.end()


async def test_sigterm_finishes_what_is_under_way(tmp_path: Path, stack: AsyncExitStack) -> None:
    server = Server(tmp_path / "data", {"SAMOVAR_POSTS__CREATE_PER_MINUTE": "0"})
    try:
        await server.start()
        anna = await member(stack, server, "anna")
        ledger = Ledger()
        writers = [asyncio.create_task(write(anna, ledger, f"w{w}")) for w in range(4)]
        await asyncio.sleep(0.5)
        code = await asyncio.to_thread(server.stop)
        await asyncio.gather(*writers)
        assert code == 0
        await server.start()
        for post, text in ledger.posts.items():
            assert (await anna.get(f"/api/posts/{post}")).json()["text"] == text
    finally:
        server.end()


async def test_a_dripping_client_is_cut_off(tmp_path: Path) -> None:
    server = Server(
        tmp_path / "data", {"SAMOVAR_EDGE__HEAD_SECONDS": "0.5", "SAMOVAR_EDGE__BODY_SECONDS": "0.5"}
    )
    try:
        await server.start()
        for start in (
            b"GET / HTTP/1.1\r\nHost: x\r\n",
            b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(start)
            answer = await asyncio.wait_for(reader.read(), 10)
            assert b"408" in answer.split(b"\r\n")[0]
            writer.close()
            await writer.wait_closed()
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{server.url}/livez")).status_code == 200
    finally:
        server.end()
