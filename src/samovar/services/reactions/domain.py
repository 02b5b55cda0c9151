"""Reactions as values."""

from typing import NamedTuple

from samovar.kernel.ids import MAX_ID


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


def is_id(value: int) -> bool:
    return 0 < value <= MAX_ID
