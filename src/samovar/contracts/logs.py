"""What this context is for, in a sentence.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from samovar.kernel.contract import Contract, Event, Message, Method, register_event


class KeepRequest(Message, frozen=True, kw_only=True):
    """What Logs.keep takes."""

    text: str = ""


class GetManyRequest(Message, frozen=True, kw_only=True):
    """What Logs.get_many takes."""

    ids: tuple[int, ...] = ()


class Note(Message, frozen=True, kw_only=True):
    """Note."""

    id: int = 0
    owner_id: int = 0
    text: str = ""


class NoteList(Message, frozen=True, kw_only=True):
    """Note list."""

    items: tuple[Note, ...] = ()


@register_event
class NoteKept(Event, frozen=True, kw_only=True):
    """A note was kept."""

    TYPE: ClassVar[str] = "samovar.logs.v1.NoteKept"
    KEY: ClassVar[str] = "note_id"

    note_id: int = 0
    owner_id: int = 0


class LogsApi(Protocol):
    """Logs."""

    async def keep(self, *, text: str) -> Note:
        """Keep a note of the caller."""
        ...

    async def get_many(self, *, ids: Sequence[int] = ()) -> NoteList:
        """Those among the caller's notes. At most 100."""
        ...


LOGS: Contract[LogsApi] = Contract(
    "samovar.logs.v1.Logs",
    methods=(
        Method("keep", KeepRequest, Note),
        Method("get_many", GetManyRequest, NoteList, idempotent=True),
    ),
    errors=(),
)
