"""Spans through OpenTelemetry to whoever speaks OTLP. Imported only when `[telemetry] otlp` is set.

Spans are sent from a thread of its own, out of a queue that ends somewhere: a collector that is slow or
gone costs spans, never requests.
"""

import logging
import threading
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

from samovar.kernel.settings import SettingsError
from samovar.kernel.tracing import Attributes, Kind, traceparent_of

#: Spans that wait to be sent; the oldest are dropped beyond.
QUEUE: Final = 4096
#: Seconds for one request to the collector, and for the last ones when the process ends.
SEND, FLUSH = 5.0, 3.0
_KINDS: Final = {
    "internal": trace.SpanKind.INTERNAL,
    "server": trace.SpanKind.SERVER,
    "client": trace.SpanKind.CLIENT,
    "producer": trace.SpanKind.PRODUCER,
    "consumer": trace.SpanKind.CONSUMER,
}


class OtelSpan:
    """A span of OpenTelemetry's, as the kernel knows one."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        context = span.get_span_context()
        self.traceparent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def note(self, attributes: Attributes) -> None:
        self._span.set_attributes(attributes)
        if fault := attributes.get("error.type"):
            self._span.set_status(trace.StatusCode.ERROR, str(fault))

    def end(self, fault: str) -> None:
        # The kind of error alone: its text may hold what somebody wrote.
        if fault:
            self.note({"error.type": fault})
        self._span.end()


class OtelTracer:
    """Makes spans and hands them on when they are over."""

    def __init__(self, process: str, version: str, sample: float, processor: SpanProcessor) -> None:
        """`sample`: the share of traces begun here that are recorded; others say it of themselves."""
        resource = Resource({
            "service.name": f"samovar-{process}" if process else "samovar",
            "service.namespace": "samovar",
            "service.version": version,
        })  # fmt: skip
        sampler = ParentBasedTraceIdRatio(sample)
        self._provider = TracerProvider(sampler, resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("samovar", version)

    def start(
        self, name: str, kind: Kind, parent: str, links: Sequence[str], attributes: Attributes
    ) -> OtelSpan:
        above = _context_of(parent)
        context = Context() if above is None else _below(above)
        others = [trace.Link(found) for link in links if (found := _context_of(link)) is not None]
        return OtelSpan(
            self._tracer.start_span(
                name, context=context, kind=_KINDS[kind], links=others, attributes=dict(attributes)
            )
        )

    def close(self, seconds: float = FLUSH) -> None:
        """Send what there is, for so many seconds at most."""
        # In a thread that may be left behind: OpenTelemetry's own limit is half a minute.
        last = threading.Thread(target=self._provider.shutdown, name="traces-end", daemon=True)
        last.start()
        last.join(seconds)


def _context_of(traceparent: str) -> trace.SpanContext | None:
    if not traceparent_of(traceparent):
        return None
    _, trace_id, span_id, flags = traceparent.split("-")
    return trace.SpanContext(
        int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=trace.TraceFlags(int(flags, 16))
    )


def _below(above: trace.SpanContext) -> Context:
    return trace.set_span_in_context(trace.NonRecordingSpan(above), Context())


def otlp_tracer(address: str, process: str, version: str, sample: float) -> OtelTracer:
    """A tracer that sends to a collector's address. Raises SettingsError."""
    if not 0 <= sample <= 1:
        raise SettingsError("[telemetry] sample: a share from 0 to 1.")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"[telemetry] otlp: {address!r} is no http address, such as http://jaeger:4318.")
    endpoint = address if parts.path.strip("/") else f"{address.rstrip('/')}/v1/traces"
    exporter = OTLPSpanExporter(endpoint, timeout=SEND)
    # It would tell of each try; that it gave up is enough.
    logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter").setLevel(logging.ERROR)
    return OtelTracer(process, version, sample, BatchSpanProcessor(exporter, max_queue_size=QUEUE))
