"""Logs: one JSON object a line, with the request, the trace and the process it belongs to."""

import contextlib
import logging
import sys
from collections.abc import Callable, Mapping, MutableMapping
from types import TracebackType
from typing import Any, Final

import structlog

from samovar.kernel.context import current_call
from samovar.kernel.log_queue import collect
from samovar.kernel.tracing import ids_of

Fields = MutableMapping[str, Any]
#: Told of errors with what the log says of them, to bring them elsewhere.
Report = Callable[[BaseException, Mapping[str, Any]], None]
reports: list[Report] = []

#: Never written, whoever logs them by mistake.
SECRET: Final = frozenset(
    {"authorization", "cookie", "otp", "password", "refresh_token", "secret", "set_cookie", "token"}
)
HIDDEN: Final = "(hidden)"


def configure_logs(
    level: str = "info", *, readable: bool = False, process: str = "", version: str = ""
) -> None:
    """JSON lines to standard error, or coloured ones for people at a terminal.

    `process` says which of several processes speaks. What libraries log by Python's own means comes in
    the same shape.
    """
    about = {name: value for name, value in (("process", process), ("version", version)) if value}

    def add_process(_: Any, __: str, event: Fields) -> Fields:
        for name, value in about.items():
            event.setdefault(name, value)
        return event

    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        _add_call,
        *([add_process] if about and not readable else []),
        _hide_secrets,
        structlog.processors.StackInfoRenderer(),
    ]
    # Rendered last: JSON escapes line ends, so that nobody can write a line of their own into the log.
    renderer: Any = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    numeric = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, _report, structlog.processors.format_exc_info, collect, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                collect,
                renderer,
            ],
        )
    )
    logging.basicConfig(level=max(numeric, logging.WARNING), handlers=[handler], force=True)


def _add_call(_: Any, __: str, event: Fields) -> Fields:
    call = current_call()
    if call.request_id:
        event.setdefault("request_id", call.request_id)
    if call.trace:
        trace_id, span_id = ids_of(call.trace)
        event.setdefault("trace_id", trace_id)
        event.setdefault("span_id", span_id)
    return event


def _hide_secrets(_: Any, __: str, event: Fields) -> Fields:
    for name in SECRET & event.keys():
        event[name] = HIDDEN
    return event


def _report(_: Any, level: str, event: Fields) -> Fields:
    if reports and level in ("error", "critical"):
        error = _exception(event.get("exc_info"))
        if error is not None:
            for report in reports:
                with contextlib.suppress(Exception):  # a report that fails must not fail what it is about
                    report(error, event)
    return event


def _exception(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    info: tuple[Any, Any, TracebackType | None] | Any = sys.exc_info() if given is True else given
    return info[1] if isinstance(info, tuple) and isinstance(info[1], BaseException) else None
