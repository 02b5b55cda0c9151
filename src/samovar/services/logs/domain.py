"""Values and rules of logs: pure."""

from typing import Final, NamedTuple

from samovar.kernel.errors import Invalid

#: Levels, lightest first; an entry keeps the place of its own.
LEVELS: Final = ("debug", "info", "warning", "error", "critical")
LONGEST_EVENT: Final = 500
LONGEST_FIELDS: Final = 16_000
LONGEST_NAME: Final = 80
MOST: Final = 500


class Entry(NamedTuple):
    """One line of the log, as it is stored."""

    id: int
    at: int
    level: int
    event: str
    process: str
    service: str
    request_id: str
    trace_id: str
    fields: str
    #: All of it in small letters, for searching.
    words: str


class Wanted(NamedTuple):
    """What is looked for; what is empty does not matter."""

    level: int
    text: str
    request_id: str
    trace_id: str
    source: str
    since: int
    until: int


def entry(
    id: int, at: int, level: str, event: str, process: str, service: str, request_id: str, trace_id: str,
    fields: str,
) -> Entry:  # fmt: skip
    """An entry with all that is too long cut; a level that we don't know is taken for info."""
    event, fields = event[:LONGEST_EVENT], fields[:LONGEST_FIELDS]
    place = LEVELS.index(level) if level in LEVELS else LEVELS.index("info")
    return Entry(
        id, at, place, event, process[:LONGEST_NAME], service[:LONGEST_NAME], request_id[:LONGEST_NAME],
        trace_id[:LONGEST_NAME], fields, f"{event} {fields}".lower(),
    )  # fmt: skip


def wanted(
    level: str, text: str, request_id: str, trace_id: str, source: str, since: int, until: int
) -> Wanted:
    """A question in order. Raises Invalid."""
    if level and level not in LEVELS:
        raise Invalid(fields={"level": "There is no such level."})
    if len(text) > 200:
        raise Invalid(fields={"text": "Look for at most 200 characters."})
    return Wanted(
        LEVELS.index(level) if level else 0, text.lower(), request_id.strip()[:LONGEST_NAME],
        trace_id.strip()[:LONGEST_NAME], source.strip()[:LONGEST_NAME], max(0, since), max(0, until),
    )  # fmt: skip
