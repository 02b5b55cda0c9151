"""Pages of lists: how many they hold, and where they go on. A cursor is the `next` of the page before."""

from samovar.kernel.errors import Invalid
from samovar.kernel.ids import MAX_ID, parse_id


def page_size(limit: int, usual: int = 20, most: int = 100) -> int:
    """How many a list answers: `usual` when not said, at most `most`."""
    return min(limit, most) if limit > 0 else usual


def below(cursor: str) -> int:
    """The id that a list from the newest goes on below; the top for an empty cursor. Raises Invalid."""
    return _read(parse_id(cursor) if cursor else MAX_ID)


def number(cursor: str, start: int = 0) -> int:
    """A number that a list goes on from, 0 or more; `start` for an empty cursor. Raises Invalid."""
    return _read(start if not cursor else 0 if cursor == "0" else parse_id(cursor))


def _read(found: int | None) -> int:
    if found is None:
        raise Invalid(fields={"cursor": "This list can't be continued from there."})
    return found
