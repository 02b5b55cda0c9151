"""Spans: who may begin a trace, what they say of errors, and how they reach a collector."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.trace import StatusCode

from samovar.adapters.otel import otlp_tracer
from samovar.kernel import tracing
from samovar.kernel.context import Call, calling, current_call
from samovar.kernel.errors import NotFound, Unavailable
from samovar.kernel.settings import SettingsError
from tests.adapters.receiver import receiver
from tests.spans import Spans, trace_of, traced
from tests.world import World

ABOVE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> Iterator[Spans]:
    with traced() as made:
        yield made


@pytest.mark.settings(SAMOVAR_EDGE__TRUST_PROXY="true", SAMOVAR_EDGE__ANONYMOUS_CACHE_SECONDS="0")
async def test_our_proxy_may_begin_a_trace(world: World, spans: Spans) -> None:
    answer = await world.http(traceparent=ABOVE).get("/api/site")
    request = spans.named("GET /api/site")
    assert trace_of(request) == ABOVE.split("-")[1] == answer.headers["traceresponse"].split("-")[1]
    assert request.parent is not None and f"{request.parent.span_id:016x}" == ABOVE.split("-")[2]
    for bad in ("", "00-" + "0" * 32 + "-b7ad6b7169203331-01", "ff" + ABOVE[2:], ABOVE + "-x", ABOVE.upper()):
        spans.clear()
        await world.http(traceparent=bad).get("/api/site")
        assert spans.named("GET /api/site").parent is None


async def test_a_stranger_may_not(world: World, spans: Spans) -> None:
    await world.http(traceparent=ABOVE).get("/api/site")
    assert trace_of(spans.named("GET /api/site")) != ABOVE.split("-")[1]


async def test_without_a_tracer_nothing_is_traced(world: World) -> None:
    answer = await world.http().get("/api/site")
    assert "traceresponse" not in answer.headers and not tracing.on
    with tracing.span("x") as span:
        assert span.traceparent == "" == current_call().trace


async def test_probes_are_not_traced(world: World, spans: Spans) -> None:
    for path in ("/livez", "/readyz", "/metrics"):
        await world.http().get(path)
    assert spans.all == ()


def test_faults_are_marked_by_their_kind_alone(spans: Spans) -> None:
    for error in (NotFound("for anna"), Unavailable("of anna"), ValueError("of anna")):
        with pytest.raises(type(error)), tracing.span(type(error).__name__):
            raise error
    assert spans.named("NotFound").status.status_code is StatusCode.UNSET
    for name in ("Unavailable", "ValueError"):
        span = spans.named(name)
        assert span.status.status_code is StatusCode.ERROR and span.attributes == {"error.type": name}
        assert not span.events and "anna" not in span.to_json()


def test_the_share_that_is_traced() -> None:
    with traced(0.0) as spans:
        with tracing.span("unseen") as above:
            sampled = int(above.traceparent.rpartition("-")[2], 16) & 1
            assert not sampled, "what follows knows that it is not recorded"
            with tracing.span("unseen too"):
                pass
        with tracing.span("seen", parent=ABOVE):
            pass
        assert [span.name for span in spans.all] == ["seen"]


def test_a_span_is_a_call_within_the_call(spans: Spans) -> None:
    call = Call(actor=7, request_id="r", memo={"kept": 1})
    with calling(call), tracing.span("a") as span:
        inner = current_call()
        assert (inner.actor, inner.request_id, inner.trace) == (7, "r", span.traceparent)
        assert inner.memo is call.memo, "what a request has fetched is fetched"
    assert current_call().trace == ""


# --- a collector ------------------------------------------------------------------------------------


def _sent(bodies: list[tuple[str, bytes]]) -> list[Any]:
    found = []
    for path, body in bodies:
        assert path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {one.key: one.value.string_value for one in resource.resource.attributes}
            assert names["service.name"] == "samovar-edge" and names["service.version"] == "1.2.3"
            found += [span.name for scope in resource.scope_spans for span in scope.spans]
    return found


def test_spans_arrive_at_a_collector() -> None:
    with receiver() as collector:
        tracer = otlp_tracer(f"http://{collector.address}", "edge", "1.2.3", 1.0)
        for number in range(10):
            tracer.start(f"span {number}", "server", "", (), {"http.route": "/api/feed"}).end("")
        tracer.close()
        assert sorted(_sent(collector.bodies)) == [f"span {number}" for number in range(10)]


def test_a_collector_that_is_gone_costs_spans_only(caplog: pytest.LogCaptureFixture) -> None:
    tracer = otlp_tracer("http://127.0.0.1:9", "edge", "1.2.3", 1.0)
    began = time.monotonic()
    for _ in range(10_000):
        tracer.start("span", "server", "", (), {}).end("")
    assert time.monotonic() - began < 5
    began = time.monotonic()
    tracer.close(0.5)
    assert time.monotonic() - began < 1.5, "the process does not wait for it"


@pytest.mark.parametrize(
    ("address", "sample"), [("jaeger:4318", 1.0), ("grpc://jaeger", 1.0), ("http://j", 2)]
)
def test_settings_that_make_no_sense_are_said(address: str, sample: float) -> None:
    with pytest.raises(SettingsError, match=r"\[telemetry\]"):
        otlp_tracer(address, "", "1", sample)
