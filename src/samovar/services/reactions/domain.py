"""Reactions as values."""

from typing import NamedTuple

from samovar.kernel.ids import MAX_ID, parse_id


class Item(NamedTuple):
    """What is reacted to."""

    kind: str
    id: int


class Reaction(NamedTuple):
    """One person's reaction; `id` orders those of an item."""

    id: int
    user_id: int
    type: str
    created_at: int


class Summary(NamedTuple):
    """How an item was received, and the viewer's own reaction or nothing."""

    id: int
    counts: dict[str, int]
    own: str


def after_cursor(cursor: str) -> int | None:
    """The id that a list goes on below; None for a cursor that is not ours."""
    return parse_id(cursor) if cursor else MAX_ID


def page_size(limit: int) -> int:
    """How many a list answers: 20 when not said, at most 100."""
    return min(limit, 100) if limit > 0 else 20


def is_id(value: int) -> bool:
    return 0 < value <= MAX_ID
