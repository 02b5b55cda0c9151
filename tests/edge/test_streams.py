"""The same over a stream of server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from samovar.contracts.common import ItemRef
from tests.edge.live import SOON, Edge, serving, token_of
from tests.services.posts.helpers import write
from tests.world import World


class Stream:
    """What comes over a stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()
        self.last_id = ""

    async def next(self) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(SOON):
            async for line in self._lines:
                if line.startswith("id: "):
                    self.last_id = line[4:]
                if line.startswith("data: "):
                    message: dict[str, Any] = json.loads(line[6:])
                    return message
        raise AssertionError("the stream has ended")

    async def until(self, t: str) -> dict[str, Any]:
        while (message := await self.next())["t"] != t:
            pass
        return message


@asynccontextmanager
async def streaming(edge: Edge, token: str, query: str = "", **headers: str) -> AsyncIterator[Stream]:
    async with (
        httpx.AsyncClient() as http,
        http.stream(
            "GET", f"http://127.0.0.1:{edge.port}/events{query}",
            headers={"authorization": f"Bearer {token}", **headers}, timeout=SOON,
        ) as answer,
    ):  # fmt: skip
        yield Stream(answer)


async def test_events_and_channels_come_over_a_stream(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await write(boris, "tea?")
    await world.drain()
    token, channel = await token_of(world, "anna"), f"item:post:{post.id}"
    async with serving(world) as edge:
        query = f"?channels=public,{channel},item:post:1"
        async with streaming(edge, token, query) as stream:
            assert stream.answer.headers["content-type"].startswith("text/event-stream")
            assert (await stream.next())["t"] == "hello"
            assert await stream.next() == {
                "t": "heard", "channels": ["public", channel], "refused": ["item:post:1"],
            }  # fmt: skip
            await world.system.realtime.append(user_ids=[anna.id], type="test", data="1")
            assert (await stream.until("event"))["n"] == 1
            await boris.reactions.react(item=ItemRef(kind="post", id=post.id), type="like")
            await world.drain()
            assert (await stream.until("told"))["data"]["reactions"] == {"like": 1}
        await world.system.realtime.append(user_ids=[anna.id], type="test", data="2")
        async with streaming(edge, token, **{"last-event-id": stream.last_id}) as again:
            assert [(await again.until("event"))["n"] for _ in range(1)] == [2]
        async with streaming(edge, token, "?after=0") as again:
            assert [(await again.until("event"))["n"] for _ in range(2)] == [1, 2]
        for _ in range(50):
            if not len(edge.hub):
                break
            await asyncio.sleep(0.05)
        assert not len(edge.hub), "somebody who left is still kept"


async def test_an_ended_session_ends_its_stream(world: World) -> None:
    anna = await world.person("anna")
    token = await token_of(world, "anna")
    async with serving(world) as edge, streaming(edge, token) as stream:
        await stream.until("hello")
        (line,) = edge.hub.people[anna.id].lines
        await anna.identity.revoke_session(session_id=line.session_id)
        assert (await stream.until("close"))["code"] == 4401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer x"}, 401),
        ({"sec-fetch-site": "cross-site"}, 403),
    ],
)
async def test_who_gets_no_stream(world: World, headers: dict[str, str], status: int) -> None:
    await world.person("anna")
    token = await token_of(world, "anna")
    async with serving(world) as edge, streaming(edge, token, **headers) as stream:
        assert stream.answer.status_code == status
        assert stream.answer.headers["content-type"] == "application/problem+json"
        assert stream.answer.headers["x-content-type-options"] == "nosniff"
