"""The community's recent logs, bounded in number and age, for those who run it.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Sequence
from typing import Protocol

from samovar.contracts.common import Done
from samovar.kernel.contract import Contract, Message, Method


class Entry(Message, frozen=True, kw_only=True):
    """Entry."""

    id: int = 0
    #: When it was logged, in microseconds since 1970 UTC.
    at: int = 0
    #: "debug", "info", "warning", "error" or "critical".
    level: str = ""
    #: What happened.
    event: str = ""
    #: The process that logged it.
    process: str = ""
    #: The service it is about, when it says so.
    service: str = ""
    request_id: str = ""
    trace_id: str = ""
    #: All else as JSON, secrets hidden.
    fields: str = ""


class AppendRequest(Message, frozen=True, kw_only=True):
    """What Logs.append takes."""

    entries: tuple[Entry, ...] = ()


class FindRequest(Message, frozen=True, kw_only=True):
    """What Logs.find takes."""

    #: At least this level; empty is all.
    level: str = ""
    #: Words that occur in it, in any case of letters.
    text: str = ""
    request_id: str = ""
    trace_id: str = ""
    #: Its process or service.
    source: str = ""
    #: From and before these times, in microseconds; 0 is without bounds.
    since: int = 0
    until: int = 0
    cursor: str = ""
    limit: int = 0


class EntryPage(Message, frozen=True, kw_only=True):
    """Entry page."""

    items: tuple[Entry, ...] = ()
    next: str = ""


class LogsApi(Protocol):
    """Logs."""

    async def append(self, *, entries: Sequence[Entry] = ()) -> Done:
        """Keep entries, at most 500. Those kept already are left as they are. For the system only."""
        ...

    async def find(
        self,
        *,
        level: str,
        text: str,
        request_id: str,
        trace_id: str,
        source: str,
        since: int,
        until: int,
        cursor: str,
        limit: int,
    ) -> EntryPage:
        """Entries that fit all that is asked, newest first. For those who may see the system."""
        ...


LOGS: Contract[LogsApi] = Contract(
    "samovar.logs.v1.Logs",
    methods=(
        Method("append", AppendRequest, Done, idempotent=True),
        Method("find", FindRequest, EntryPage, idempotent=True),
    ),
    errors=(),
)
