"""What watches over a process from outside: traces and error reports, when they are configured."""

from collections.abc import Iterator
from contextlib import contextmanager

from samovar import __version__
from samovar.app.config import Config
from samovar.kernel import tracing


@contextmanager
def watched(config: Config, process: str) -> Iterator[None]:
    """Send traces and errors while this lasts, the last ones for a moment after. Raises SettingsError."""
    settings = config.telemetry
    reports = tracer = None
    if settings.sentry:
        from samovar.adapters.sentry import Reports

        reports = Reports(settings.sentry, process, __version__)
        reports.start()
    if settings.otlp:
        from samovar.adapters.otel import otlp_tracer

        tracer = otlp_tracer(settings.otlp, process, __version__, settings.sample)
        tracing.use(tracer)
    try:
        yield
    finally:
        if tracer is not None:
            tracing.use(None)
            tracer.close()
        if reports is not None:
            reports.close()
