"""Error reports: what arrives at a Sentry-compatible address, and what must not."""

import time
from collections.abc import Iterator

import msgspec
import pytest
import structlog

from samovar.adapters.sentry import A_MINUTE, Reports
from samovar.kernel import logs
from samovar.kernel.context import Call, calling
from samovar.kernel.settings import SettingsError
from tests.adapters.receiver import Receiver, receiver

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
log = structlog.get_logger("samovar.test")


@pytest.fixture
def reports() -> Iterator[tuple[Reports, Receiver]]:
    before = structlog.get_config()
    with receiver() as found:
        made = Reports(f"http://public@{found.address}/7", "posts", "1.2.3")
        made.start()
        logs.configure_logs("info", process="posts", version="1.2.3")
        yield made, found
        made.close()
    assert logs.reports == []
    structlog.configure(**before)


def events(found: Receiver) -> list[dict[str, object]]:
    """The events in the envelopes that came: a line of head, then pairs of lines."""
    got = []
    for path, body in found.bodies:
        assert path == "/api/7/envelope/"
        _, *lines = body.split(b"\n")
        for head, item in zip(lines[::2], lines[1::2], strict=False):
            if msgspec.json.decode(head)["type"] == "event":
                got.append(msgspec.json.decode(item))
    return got


#: Put together here, because reports show lines of the code, and this is code too.
PASSWORD, MAIL, ADDRESS, PATH = "hunter" + "2", "anna" + "@example.org", "203.0." + "113.7", "/" + "@anna/1"


def fail(password: str) -> None:
    secret = f"{password} of {MAIL}"
    raise ValueError(f"no such account: {secret} from {ADDRESS}")


def test_an_error_arrives_with_its_place_and_without_people(reports: tuple[Reports, Receiver]) -> None:
    made, found = reports
    with calling(Call(actor=77, request_id="r-1", trace=TRACE, address=ADDRESS)):
        try:
            fail(PASSWORD)
        except ValueError as error:
            log.error("call failed", contract="posts", method="create", path=PATH, exc_info=error)
        log.error("without an exception")
        log.warning("not an error", exc_info=ValueError(PASSWORD))
    made._client.flush(timeout=5)
    (event,) = events(found)
    assert event["release"] == "samovar@1.2.3" and event["server_name"] == "posts"
    assert event["transaction"] == "call failed"
    assert event["tags"] == {"contract": "posts", "method": "create", "process": "posts", "request_id": "r-1"}
    trace = event["contexts"]["trace"]  # type: ignore[index]
    assert trace["trace_id"] == TRACE.split("-")[1] and trace["span_id"] == TRACE.split("-")[2]
    (raised,) = event["exception"]["values"]  # type: ignore[index]
    assert raised["type"] == "ValueError"
    assert [frame["function"] for frame in raised["stacktrace"]["frames"]][-1] == "fail"
    assert raised["value"] == "", "texts of errors quote what people wrote"
    text = msgspec.json.encode(event).decode()
    assert not [private for private in (PASSWORD, MAIL, ADDRESS, PATH, '"77"') if private in text]
    for gone in ("request", "user", "breadcrumbs", "modules", "extra"):
        assert not event.get(gone), gone


def test_a_storm_is_told_of_in_part(reports: tuple[Reports, Receiver]) -> None:
    made, found = reports
    for _ in range(A_MINUTE + 30):
        log.error("again", exc_info=RuntimeError())
    made._client.flush(timeout=10)
    assert len(events(found)) == A_MINUTE


def test_nobody_listening_costs_little() -> None:
    made = Reports("http://public@127.0.0.1:9/7", "", "1")
    made.start()
    logs.configure_logs("info")
    began = time.monotonic()
    for _ in range(50):
        log.error("again", exc_info=RuntimeError())
    assert time.monotonic() - began < 2
    made.close()
    assert time.monotonic() - began < 6


def test_an_address_that_is_none_is_said() -> None:
    with pytest.raises(SettingsError, match=r"\[telemetry\] sentry"):
        Reports("not an address", "", "1")
