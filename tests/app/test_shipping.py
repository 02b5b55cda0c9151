"""Logs on their way: to our own service and to Loki."""

import io
import logging
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import msgspec
import pytest
import structlog

from samovar.adapters.loki import Loki
from samovar.app.shipping import to_service
from samovar.kernel import log_queue, telemetry
from samovar.kernel.clock import VirtualClock
from samovar.kernel.context import Call, calling
from samovar.kernel.ids import Ids
from samovar.kernel.log_queue import Away, Carrier, Collector, Logged, ToLogs, quietly
from samovar.kernel.logs import configure_logs
from tests.outside.web import Reply, WebServer, web_server
from tests.world import World


@pytest.fixture
def quiet_stderr(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The real logger, writing into nothing."""
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    configure_logs("info", process="all")
    yield
    structlog.reset_defaults()
    logging.basicConfig(force=True, handlers=[logging.NullHandler()])
    log_queue.collector.clear()


def collecting(size: int = 100, level: str = "info") -> tuple[Collector, "deque[Logged]"]:
    clock = VirtualClock()
    collector = Collector(clock, Ids(clock), "all", level, size)
    return collector, collector.queue("logs")


def dropped(place: str = "logs") -> float:
    return telemetry.registry.get_sample_value("samovar_logs_dropped_total", {"sink": place}) or 0.0


@pytest.mark.usefixtures("quiet_stderr")
def test_the_logger_hands_on_what_it_logs_without_secrets() -> None:
    collector, queue = collecting()
    log_queue.collector.append(collector)
    log = structlog.get_logger("x")
    log.debug("too light")
    with calling(Call(request_id="r1", trace="00-" + "a" * 32 + "-" + "b" * 16 + "-01")):
        log.warning("failed", service="posts", password="hunter2", number=7, odd=object)
    try:
        raise RuntimeError("broken kettle")
    except RuntimeError as error:
        log.error("worse", exc_info=error)
    logging.getLogger("library").warning("said %s", "so")
    with quietly():
        log.error("of the log itself")
    first, second, third = queue
    assert (first.level, first.event, first.service, first.request_id, first.process) == (
        "warning", "failed", "posts", "r1", "all",
    )  # fmt: skip
    assert first.trace_id == "a" * 32
    fields = msgspec.json.decode(first.fields)
    assert fields["password"] == "(hidden)" and fields["number"] == 7 and "object" in fields["odd"]
    assert "broken kettle" in msgspec.json.decode(second.fields)["exception"]
    assert third.event == "said so"


def test_a_full_queue_drops_the_light_ones_first_and_counts() -> None:
    collector, queue = collecting(size=10)
    before = dropped()
    for number in range(20):
        collector({"event": f"info {number}", "level": "info"})
    assert len(queue) == 5
    for number in range(20):
        collector({"event": f"warning {number}", "level": "warning"})
    assert len(queue) == 10 and [one.level for one in queue].count("warning") == 5
    assert dropped() - before == 30


class Place:
    """A place that may be away."""

    name = "logs"

    def __init__(self) -> None:
        self.got: list[str] = []
        self.error: Exception | None = None

    async def bring(self, entries: Sequence[Logged]) -> None:
        if self.error:
            raise self.error
        self.got += [one.event for one in entries]


async def test_what_a_place_does_not_take_comes_again_in_order() -> None:
    collector, queue = collecting(size=2000)
    place = Place()
    carrier = Carrier(queue, place)
    for number in range(700):
        collector({"event": str(number), "level": "info"})
    place.error = Away()
    assert await carrier.step() == 0 and len(queue) == 700
    place.error = None
    assert (await carrier.step(), await carrier.step(), await carrier.step()) == (500, 200, 0)
    assert place.got == [str(number) for number in range(700)]


async def test_what_a_place_can_never_take_is_dropped() -> None:
    collector, queue = collecting()
    place, before = Place(), dropped()
    place.error = ValueError("nonsense")
    collector({"event": "odd", "level": "info"})
    assert await Carrier(queue, place).step() == 1
    assert not queue and dropped() - before == 1


async def test_entries_reach_the_service(world: World) -> None:
    collector, queue = collecting()
    collector({"event": "kettle boiled over", "level": "warning", "service": "media", "cups": 2})
    await Carrier(queue, ToLogs(to_service(world.house))).step()
    (one,) = (await world.as_(1, "admin").logs.find(text="kettle")).items
    assert (one.event, one.level, one.service, one.fields) == (
        "kettle boiled over", "warning", "media", '{"cups":2}',
    )  # fmt: skip


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server() as server:
        yield server


async def test_loki_gets_streams_of_few_labels(web: WebServer) -> None:
    collector, queue = collecting()
    loki = Loki(web.url, user="house", password="pass", tenant="tea")
    carrier = Carrier(queue, loki)
    collector({"event": "one", "level": "info", "request_id": "r1", "cups": 2})
    collector({"event": "two", "level": "error"})
    collector({"event": "three", "level": "info"})
    first = queue[0]
    assert await carrier.step() == 3
    (request,) = web.requests
    assert (request.method, request.path) == ("POST", "/loki/api/v1/push")
    assert request.headers["x-scope-orgid"] == "tea"
    assert request.headers["authorization"].startswith("Basic ")
    body: Any = msgspec.json.decode(request.body)
    streams = {stream["stream"]["level"]: stream for stream in body["streams"]}
    assert streams["info"]["stream"] == {"service": "samovar", "process": "all", "level": "info"}
    (at, line, beside), (_, other, _) = streams["info"]["values"]
    assert at == str(first.at * 1000) and beside == {"event": "one", "request_id": "r1"}
    assert msgspec.json.decode(line) == {
        "event": "one", "level": "info", "process": "all", "request_id": "r1", "cups": 2,
    }  # fmt: skip
    assert msgspec.json.decode(other)["event"] == "three" and len(streams["error"]["values"]) == 1
    await loki.close()


async def test_loki_that_is_away_gets_them_later_and_what_it_refuses_is_dropped(web: WebServer) -> None:
    collector, queue = collecting()
    loki = Loki(web.url)
    carrier = Carrier(queue, loki)
    for status in (503, 429):
        collector({"event": f"after {status}", "level": "info"})
        web.answer = lambda _, status=status: Reply(status)  # type: ignore[misc]
        assert await carrier.step() == 0
    web.answer = lambda _: Reply(204)
    assert await carrier.step() == 2 and not queue
    before = dropped("loki")
    collector({"event": "odd", "level": "info"})
    web.answer = lambda _: Reply(400, b"bad timestamp")
    assert await carrier.step() == 1
    assert dropped("loki") - before == 1
    nobody = Loki("http://127.0.0.1:9")
    collector({"event": "nobody hears", "level": "info"})
    assert await Carrier(queue, nobody).step() == 0 and len(queue) == 1
    await loki.close()
    await nobody.close()
