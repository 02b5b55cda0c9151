"""Admission: when more comes than can be answered, what would wait too long is turned away at once.

A process serves on one loop: a request that has been read waits in a line until its turn comes. How long the
line is, in time, is its length by what one place in it took lately. Who would wait longer than the settings
allow is told so by a few bytes, before anything is made for the request; so those who are let in are answered
quickly, however many come. A bound on how many are inside holds the memory when what is behind is slow.
"""

from collections.abc import Callable
from typing import Final

from samovar.edge.settings import EdgeSettings
from samovar.kernel import telemetry

#: Under this name a request carries its ticket.
TICKET: Final = "samovar.ticket"
#: Of a new measure of a place so much is believed, when the line was long enough to tell.
BELIEVED: Final = 0.05
#: Nobody is turned away from a shorter line.
LINE: Final = 16
#: Watching over a process must go on when it is busiest.
PLAIN: Final = (b"/livez", b"/readyz", b"/metrics")
#: Methods that change nothing.
READING: Final = (b"GET", b"HEAD", b"OPTIONS")
#: Why somebody is turned away: too many are inside, the line is too long, changes can't be written so fast.
REASONS: Final = ("full", "late", "writes")
#: Seconds that those are told to wait who are turned away, in turn.
TURNS: Final = (1, 2, 3)

_END: Final = b"\r\n\r\n"
_SAID: Final = b"There are too many requests just now. Please try again in a moment."
_PAGE: Final = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>503</title><h1>A full house</h1><p>There are too many visitors just now. Please try again in a "
    "moment.</p><p lang=ru>Сейчас слишком много посетителей. Попробуйте, пожалуйста, через минуту.</p>"
).encode()
_PROBLEM: Final = b'{"title":"Unavailable","status":503,"code":"overloaded","detail":"%b"}' % _SAID


class Ticket:
    """A request that was let in: where in the line it stood, and since when."""

    __slots__ = ("at", "inside", "place")

    def __init__(self, place: int, at: float) -> None:
        self.place = place
        self.at = at
        self.inside = False


class Door:
    """Lets requests in, or turns them away."""

    def __init__(self, settings: EdgeSettings) -> None:
        self._most = settings.at_once
        self._wait = settings.queue_seconds
        #: Requests that were read and whose turn has not come.
        self.waiting = 0
        #: Requests that are being answered.
        self.inside = 0
        #: Seconds that one place in the line takes.
        self.pace = 0.0
        #: Whether a change would have to wait too long to be written down.
        self.no_writes: Callable[[], bool] = lambda: False
        self._turned = 0
        self._counts = {reason: telemetry.shed.labels(reason) for reason in REASONS}
        self._answers = {
            (page, last, turn): _answer(page=page, last=last, seconds=turn)
            for page in (False, True)
            for last in (False, True)
            for turn in TURNS
        }

    def refuses(self, method: bytes = b"GET") -> str:
        """Why a request that was just read is turned away; empty when it may come in."""
        if self._most and self.inside + self.waiting >= self._most:
            return "full"
        if method not in READING and self.no_writes():
            return "writes"
        if self._wait and self.waiting >= LINE and self.waiting * self.pace > self._wait:
            return "late"
        return ""

    def ticket(self, now: float) -> Ticket:
        """Stand in the line."""
        self.waiting += 1
        return Ticket(self.waiting, now)

    def enter(self, ticket: Ticket, now: float) -> None:
        """Its turn has come."""
        self.waiting -= 1
        self.inside += 1
        ticket.inside = True
        place = ticket.place
        if place > 1:  # alone in the line one waits for other things than the line
            self.pace += BELIEVED * min(1.0, place / LINE) * ((now - ticket.at) / place - self.pace)

    def leave(self, ticket: Ticket) -> None:
        """It is answered, or goes on for long without doing much."""
        if ticket.inside:
            ticket.inside = False
            self.inside -= 1

    def come_back(self, ticket: Ticket) -> None:
        """It has something to do again."""
        if not ticket.inside:
            ticket.inside = True
            self.inside += 1

    def answer(self, reason: str, headers: list[tuple[bytes, bytes]], *, head: bool, last: bool) -> bytes:
        """What somebody is told who is turned away: the whole answer, as it goes over the line."""
        self._counts[reason].inc()
        self._turned = self._turned % len(TURNS) + 1  # not all come back at the same time
        page = any(name == b"accept" and b"text/html" in value for name, value in headers)
        whole = self._answers[page, last, self._turned]
        return whole[: whole.index(_END) + len(_END)] if head else whole


def _answer(*, page: bool, last: bool, seconds: int) -> bytes:
    kind, body = (b"text/html; charset=utf-8", _PAGE) if page else (b"application/problem+json", _PROBLEM)
    return b"".join((
        b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: ", kind,
        b"\r\ncontent-length: %d\r\nretry-after: %d\r\n" % (len(body), seconds),
        b"cache-control: no-store\r\nx-content-type-options: nosniff",
        b"\r\nconnection: close" if last else b"", _END, body,
    ))  # fmt: skip
