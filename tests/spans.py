"""Spans of a test, kept in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from samovar.adapters.otel import OtelTracer
from samovar.kernel import tracing


class Spans:
    """What was traced."""

    def __init__(self, sample: float = 1.0) -> None:
        self._exporter = InMemorySpanExporter()
        self.tracer = OtelTracer("test", "1", sample, SimpleSpanProcessor(self._exporter))

    @property
    def all(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    def clear(self) -> None:
        self._exporter.clear()

    def named(self, name: str, kind: SpanKind | None = None) -> ReadableSpan:
        """The last of that name."""
        found = [span for span in self.all if span.name == name and kind in (None, span.kind)]
        assert found, f"no {name} among {sorted({span.name for span in self.all})}"
        return found[-1]


@contextmanager
def traced(sample: float = 1.0) -> Iterator[Spans]:
    """Trace for a while."""
    spans = Spans(sample)
    tracing.use(spans.tracer)
    try:
        yield spans
    finally:
        tracing.use(None)
        spans.tracer.close()


def trace_of(span: ReadableSpan) -> str:
    """Its trace id."""
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


def is_below(span: ReadableSpan, above: ReadableSpan) -> bool:
    assert above.context is not None
    return span.parent is not None and span.parent.span_id == above.context.span_id
