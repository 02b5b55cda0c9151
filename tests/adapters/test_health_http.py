"""The health port of a process without the edge."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from samovar.adapters import health_http
from samovar.adapters.health_http import HealthServer
from samovar.kernel.process import Health
from samovar.kernel.settings import SettingsError
from tests.world import World


@pytest.fixture
async def served() -> AsyncIterator[tuple[Health, int]]:
    health = Health()
    health.started = True
    server = HealthServer()
    port = await server.start("127.0.0.1:0", health)
    yield health, port
    await server.stop()


async def raw(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    return answer


async def test_it_answers_as_the_edge_does(served: tuple[Health, int], world: World) -> None:
    health, port = served
    world.house.health.started = True
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as here:
        for path in ("/livez", "/readyz"):
            mine, edges = await here.get(path), await world.http().get(path)
            assert (mine.status_code, mine.json()) == (edges.status_code, edges.json()) and mine.is_success
            assert mine.headers["content-type"] == edges.headers["content-type"] == "application/json"
        metrics = await here.get("/metrics")
        assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert metrics.headers["content-type"] == (await world.http().get("/metrics")).headers["content-type"]
        for name in ("samovar_calls_total", "samovar_outbox_pending", "process_resident_memory_bytes"):
            assert name in metrics.text
        health.add("database", lambda: False)
        health.draining = True
        answer = await here.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"ready": False, "problems": ["draining", "database"]}
        assert (await here.get("/livez")).status_code == 200, "a dead database is no reason to be restarted"
        assert (await here.get("/")).status_code == (await here.get("/readyz/x")).status_code == 404
        assert (await here.post("/readyz", content=b"x")).status_code == 405
        head = await here.head("/livez")
        assert head.status_code == 200 and head.content == b""


async def test_odd_requests_are_refused_and_harm_nobody(
    served: tuple[Health, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, port = served
    assert (await raw(port, b"nonsense\r\n\r\n")).startswith(b"HTTP/1.1 400 ")
    assert (await raw(port, b"\xff\xfe \xff \xff\r\n\r\n")).startswith(b"HTTP/1.1 405 ")
    assert await raw(port, b"GET /livez HTTP/1.1\r\nx: " + b"y" * 100_000) == b""
    monkeypatch.setattr(health_http, "DEADLINE", 0.2)
    assert await raw(port, b"GET /livez HT") == b"", "who is slow is not waited for"
    # Many who say nothing don't keep others out for longer than the deadline.
    idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(health_http.AT_ONCE + 10)]
    await asyncio.sleep(0.3)
    assert (await raw(port, b"GET /livez HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    for _, writer in idle:
        writer.close()


@pytest.mark.parametrize("address", ["", "here", "127.0.0.1:", "127.0.0.1:http", "192.0.2.1:80"])
async def test_an_address_that_can_t_be_is_said(address: str) -> None:
    with pytest.raises(SettingsError, match=r"\[process\] health"):
        await HealthServer().start(address, Health())
