"""Who is let in when there are too many: at a real server on a port of its own."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from samovar.edge.gateway.door import LINE, Door
from samovar.edge.settings import EdgeSettings
from samovar.kernel import telemetry
from tests.edge.live import serving
from tests.world import World


def door(**settings: Any) -> Door:
    return Door(msgspec.structs.replace(EdgeSettings(), **settings))


def shed(reason: str) -> float:
    return telemetry.registry.get_sample_value("samovar_http_shed_total", {"reason": reason}) or 0.0


def learnt(gate: Door, seconds: float) -> None:
    """Have a door know that each place in its line takes so long."""
    for _ in range(200):
        tickets = [gate.ticket(0.0) for _ in range(LINE)]
        for place, ticket in enumerate(tickets, 1):
            gate.enter(ticket, place * seconds)
            gate.leave(ticket)


def test_a_line_that_takes_too_long_is_closed_and_opens_again() -> None:
    gate = door(queue_seconds=0.3)
    learnt(gate, 0.01)
    assert gate.pace == pytest.approx(0.01, rel=0.05)
    waiting = []
    while not gate.refuses():
        waiting.append(gate.ticket(10.0))
    assert gate.refuses() == "late" and 28 <= len(waiting) <= 33
    for ticket in waiting[:5]:
        gate.enter(ticket, 10.0)
    assert not gate.refuses()


def test_quick_requests_may_wait_in_long_lines_and_short_lines_are_always_open() -> None:
    gate = door(queue_seconds=0.3)
    learnt(gate, 0.0001)
    for _ in range(500):
        assert not gate.refuses()
        gate.ticket(0.0)
    slow = door(queue_seconds=0.3)
    learnt(slow, 5.0)
    for _ in range(LINE):
        assert not slow.refuses()
        slow.ticket(0.0)
    assert slow.refuses() == "late"


def test_a_slow_time_is_forgotten_by_requests_that_come_one_by_one_or_few_at_once() -> None:
    gate = door()
    learnt(gate, 1.0)
    for _ in range(2000):
        first, second = gate.ticket(0.0), gate.ticket(0.0)
        for ticket in (first, second):
            gate.enter(ticket, 0.001)
            gate.leave(ticket)
    assert gate.pace < 0.01


def test_changes_are_turned_away_while_they_could_not_be_written_and_readers_are_not() -> None:
    gate = door()
    gate.no_writes = lambda: True
    assert [gate.refuses(method) for method in (b"GET", b"HEAD", b"POST", b"DELETE")] == [
        "", "", "writes", "writes",
    ]  # fmt: skip
    said = gate.answer("writes", [], head=False, last=False)
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"retry-after: 1" in head and f"content-length: {len(body)}".encode() in head
    assert gate.answer("writes", [], head=True, last=True).endswith(b"connection: close\r\n\r\n")


def test_no_more_are_inside_than_the_settings_say() -> None:
    gate = door(at_once=3)
    first, *_ = tickets = [gate.ticket(0.0) for _ in range(3)]
    assert gate.refuses() == "full"
    for ticket in tickets:
        gate.enter(ticket, 0.0)
    assert gate.refuses() == "full"
    gate.leave(first)
    gate.leave(first)
    assert gate.inside == 2 and not gate.refuses()
    gate.come_back(first)
    assert gate.refuses() == "full"
    assert not door(at_once=0, queue_seconds=0).refuses()


@pytest.mark.settings(SAMOVAR_EDGE__AT_ONCE="1")
async def test_who_is_turned_away_is_told_when_to_come_back(world: World) -> None:
    async with serving(world) as edge, httpx.AsyncClient(base_url=f"http://127.0.0.1:{edge.port}") as http:
        assert (await http.get("/api/site")).status_code == 200
        assert edge.gateway.door.inside == edge.gateway.door.waiting == 0
        before = shed("full")
        held = edge.gateway.door.ticket(0.0)
        edge.gateway.door.enter(held, 0.0)
        refused = [await http.get("/api/site") for _ in range(3)]
        assert [answer.status_code for answer in refused] == [503] * 3
        assert {int(answer.headers["retry-after"]) for answer in refused} == {1, 2, 3}
        problem = refused[0].json()
        assert (problem["status"], problem["code"]) == (503, "overloaded")
        assert refused[0].headers["content-type"] == "application/problem+json"
        page = await http.get("/", headers={"accept": "text/html"})
        assert page.status_code == 503 and "Сейчас слишком много посетителей" in page.text
        posted = await http.post("/api/posts", json={"text": "x" * 100_000})
        assert posted.status_code == 503, "its body is passed over"
        assert (await http.head("/api/site")).status_code == 503
        for path in ("/livez", "/readyz", "/metrics"):
            assert (await http.get(path)).status_code == 200, path
        assert shed("full") - before == 6
        edge.gateway.door.leave(held)
        assert (await http.get("/api/site")).status_code == 200, "the same connection serves on"


@pytest.mark.settings(SAMOVAR_EDGE__AT_ONCE="1")
async def test_slow_senders_and_listeners_keep_nobody_out(world: World) -> None:
    async with serving(world) as edge:
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(b"POST /api/posts HTTP/1.1\r\nhost: localhost:8000\r\ncontent-length: 20\r\n\r\n{")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{edge.port}") as http, asyncio.timeout(10):
            # It stands in the way until it is seen to wait for its sender.
            while (await http.get("/api/site")).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        writer.close()
        await writer.wait_closed()
        assert reader


@pytest.mark.settings(SAMOVAR_EDGE__AT_ONCE="1")
async def test_requests_in_a_row_and_old_clients(world: World) -> None:
    """Several requests sent at once on one connection, and one that will be closed afterwards."""
    async with serving(world) as edge:
        held = edge.gateway.door.ticket(0.0)
        edge.gateway.door.enter(held, 0.0)
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        one = b"GET /api/site HTTP/1.1\r\nhost: localhost:8000\r\n\r\n"
        writer.write(one * 3)
        async with asyncio.timeout(5):
            for _ in range(3):
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 503")
                await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
            edge.gateway.door.leave(held)
            writer.write(one)
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
        writer.close()
        await writer.wait_closed()
        held = edge.gateway.door.ticket(0.0)
        edge.gateway.door.enter(held, 0.0)
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(b"GET /api/site HTTP/1.0\r\nhost: localhost:8000\r\n\r\n")
        async with asyncio.timeout(5):
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 503") and b"connection: close" in answer
        writer.close()
        await writer.wait_closed()
