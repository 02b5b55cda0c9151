"""What a line of the log holds, whoever writes it."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import structlog

from samovar.kernel.context import Call, calling
from samovar.kernel.telemetry import configure_logs

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def begin(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], Lines]]:
    """Configures the log and answers what reads its lines. Called in the test, which has its own output."""
    before, root = structlog.get_config(), list(logging.getLogger().handlers)

    def start() -> Lines:
        configure_logs("info", process="posts", version="1.2.3")
        return lambda: [msgspec.json.decode(line) for line in capsys.readouterr().err.split("\n")[:-1]]

    yield start
    structlog.configure(**before)
    logging.getLogger().handlers[:] = root


def test_a_line_says_when_where_and_for_which_request(begin: Callable[[], Lines]) -> None:
    lines, log = begin(), structlog.get_logger()
    log.info("outside")
    with calling(Call(request_id="r-1", trace=TRACE)):
        log.info("inside", service="feed")
    outside, inside = lines()
    assert outside["ts"].endswith("Z") and (outside["level"], outside["event"]) == ("info", "outside")
    assert (outside["process"], outside["version"]) == ("posts", "1.2.3") and "request_id" not in outside
    assert (inside["request_id"], inside["service"]) == ("r-1", "feed")
    assert (inside["trace_id"], inside["span_id"]) == tuple(TRACE.split("-")[1:3])


def test_nobody_writes_a_line_of_their_own(begin: Callable[[], Lines]) -> None:
    lines, log = begin(), structlog.get_logger()
    forged = 'x\n{"event": "forged"}\r\n\u2028{"event": "forged too"}'
    log.warning(forged, name=forged)
    logging.getLogger("library").warning("from a library: %s", forged)
    try:
        raise ValueError(forged)
    except ValueError as error:
        log.error("failed", exc_info=error)
    assert [line["event"] for line in lines()] == [forged, f"from a library: {forged}", "failed"]


def test_libraries_speak_in_the_same_shape(begin: Callable[[], Lines]) -> None:
    lines = begin()
    with calling(Call(request_id="r-1", trace=TRACE)):
        logging.getLogger("aiokafka").error("broker gone", exc_info=ValueError("x"))
    logging.getLogger("chatty").info("nothing")
    (line,) = lines()
    assert (line["logger"], line["level"], line["event"]) == ("aiokafka", "error", "broker gone")
    assert (line["process"], line["request_id"], line["trace_id"]) == ("posts", "r-1", TRACE.split("-")[1])
    assert "ValueError: x" in line["exception"]


def test_secrets_are_not_written(begin: Callable[[], Lines]) -> None:
    lines, log = begin(), structlog.get_logger()
    log.info("signed in", password="hunter2", token="t0ken", cookie="c", authorization="Bearer x", user=1)
    (line,) = lines()
    assert "hunter2" not in str(line) and "t0ken" not in str(line) and line["user"] == 1
    assert line["password"] == line["authorization"] == "(hidden)"
