"""Logs and metrics: structured JSON lines with the request's id, Prometheus counters with the
same names in every life."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from samovar.kernel.context import current_call

registry = CollectorRegistry()

http_requests = Counter(
    "samovar_http_requests_total",
    "Requests answered.",
    ["route", "method", "code_class"],
    registry=registry,
)
http_duration = Histogram(
    "samovar_http_request_duration_seconds",
    "Time to answer a request.",
    ["route", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=registry,
)
calls = Counter(
    "samovar_calls_total",
    "Contract calls.",
    ["contract", "method", "status"],
    registry=registry,
)
events_handled = Counter(
    "samovar_events_handled_total",
    "Events whose effect is in.",
    ["service", "event"],
    registry=registry,
)
duplicates = Counter(
    "samovar_inbox_duplicates_total",
    "Events that came again.",
    ["service"],
    registry=registry,
)
dead_letters = Counter(
    "samovar_dlq_events_total",
    "Events and jobs given up.",
    ["service"],
    registry=registry,
)
outbox_age = Gauge(
    "samovar_outbox_oldest_age_seconds",
    "Age of the oldest unpublished event.",
    ["service"],
    registry=registry,
)
outbox_pending = Gauge("samovar_outbox_pending", "Unpublished events.", ["service"], registry=registry)
auth_failures = Counter(
    "samovar_auth_failures_total",
    "Sign-ins and tokens refused.",
    ["reason"],
    registry=registry,
)
build_info = Gauge(
    "samovar_build_info",
    "Always 1; its label is the version.",
    ["version"],
    registry=registry,
)


def _add_call(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    request_id = current_call().request_id
    if request_id and "request_id" not in event:
        event["request_id"] = request_id
    return event


def configure_logs(level: str = "info", *, readable: bool = False) -> None:
    """JSON lines to standard error, or coloured ones for people at a terminal."""
    renderer: Any = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    numeric = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
            _add_call,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        level=max(numeric, logging.WARNING),
        stream=sys.stderr,
        format="%(message)s",
        force=True,
    )
