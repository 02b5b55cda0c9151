"""Error reports to any Sentry-compatible address. Imported only when `[telemetry] sentry` is set.

A report says what kind of error it was and where in the code, in which release, process, call and trace.
It says nothing of people: no request, no values of variables, not even the error's text, since that often
quotes what somebody wrote; who needs it finds it in the log by the request's id. None of the library's
integrations is used: they patch half of Python.
"""

import time
from collections.abc import Mapping
from typing import Any, Final, cast

from sentry_sdk import Client
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import BadDsn, event_from_exception

from samovar.kernel import logs
from samovar.kernel.settings import SettingsError

#: Reports a minute; an error that repeats itself says nothing new.
A_MINUTE: Final = 60
#: Seconds to send the last ones when the process ends.
FLUSH: Final = 2.0
#: What the log says beside an error that may go out: names of ours, all of them.
TOLD: Final = ("contract", "job", "method", "peer", "process", "request_id", "service", "type")


class Reports:
    """Sends what the log calls errors."""

    def __init__(self, address: str, process: str, version: str) -> None:
        """Raises SettingsError for an address that is none."""
        try:
            self._client = Client(
                dsn=address,
                release=f"samovar@{version}",
                server_name=process or "samovar",
                default_integrations=False,
                auto_enabling_integrations=False,
                include_local_variables=False,
                max_breadcrumbs=0,
                send_client_reports=False,
                auto_session_tracking=False,
                shutdown_timeout=int(FLUSH),
                before_send=_without_people,
            )
        except BadDsn as error:
            raise SettingsError(f"[telemetry] sentry: {error}") from error
        self._left = A_MINUTE
        self._minute = 0.0

    def start(self) -> None:
        """Begin to listen to the log."""
        logs.reports.append(self.report)

    def close(self) -> None:
        """Listen no more; send what there is, for a moment."""
        if self.report in logs.reports:
            logs.reports.remove(self.report)
        self._client.close(timeout=FLUSH)

    def report(self, error: BaseException, said: Mapping[str, Any]) -> None:
        """Send one error, unless there were too many lately."""
        now = time.monotonic()
        if now - self._minute > 60:
            self._minute, self._left = now, A_MINUTE
        if self._left <= 0:
            return
        self._left -= 1
        event, hint = event_from_exception(error, self._client.options)
        event["logger"] = "samovar"
        event["tags"] = {name: str(said[name]) for name in TOLD if said.get(name)}
        event["transaction"] = str(said.get("event", ""))
        if said.get("trace_id"):
            event["contexts"] = {"trace": {"trace_id": said["trace_id"], "span_id": said["span_id"]}}
        self._client.capture_event(event, hint)


def _without_people(event: Event, hint: Hint) -> Event:
    for one in cast(dict[str, Any], event).get("exception", {}).get("values", ()):
        one["value"] = ""
        for frame in (one.get("stacktrace") or {}).get("frames", ()):
            frame.pop("vars", None)
    return event
