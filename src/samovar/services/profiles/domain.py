"""What a profile holds, and how texts that people give are made fit to store. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import regex

LOCALES: Final = ("", "en", "ru")
THEMES: Final = ("auto", "light", "dark")
FIELD_NAME_LIMIT: Final = 40
FIELD_VALUE_LIMIT: Final = 200

_LINE_ENDS: Final = regex.compile(r"\r\n|[\r\v\f\u0085\u2028\u2029]")
# Directional marks stay (they are needed in mixed text); overrides and isolates may turn the rest
# of a page around.
_UNSAFE: Final = regex.compile(r"[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\ufeff--[\n]]", flags=regex.V1)
_SPACES: Final = regex.compile(r"[\p{Zs}\t\n]+")
_EMPTY_LINES: Final = regex.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")
#: A text of only these looks like nothing.
_INVISIBLE: Final = regex.compile(r"[\s\p{C}\p{Z}\p{Mn}\u115f\u1160\u2800\u3164\uffa0]*")
_GRAPHEME: Final = regex.compile(r"\X")
#: Code points that one character may take up at most, on average: enough for joined emoji.
_WIDEST: Final = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the profile's own table."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Profile:
    """How a person presents themself."""

    id: int
    username: str
    display_name: str
    bio: str
    rows: tuple[Row, ...]
    locale: str
    theme: str
    created_at: int
    version: int
    avatar_media_id: int
    header_media_id: int


@dataclass(frozen=True, slots=True)
class Person:
    """An account as identity tells of it."""

    id: int
    username: str
    created_at: int


def username_key(username: str) -> str:
    """What usernames are compared by."""
    return username.casefold()


def one_line(text: str) -> str:
    """A text in one line: no control characters or directional overrides, single spaces; empty when
    there is nothing to see in it."""
    text = _UNSAFE.sub("", _LINE_ENDS.sub("\n", text.replace("\t", " ")))
    text = unicodedata.normalize("NFC", _SPACES.sub(" ", text).strip())
    return "" if _INVISIBLE.fullmatch(text) else text


def many_lines(text: str) -> str:
    """The same for a text that may have line breaks; at most one empty line in a row."""
    text = _UNSAFE.sub("", _LINE_ENDS.sub("\n", text.replace("\t", " ")))
    text = unicodedata.normalize("NFC", _EMPTY_LINES.sub("\n\n", text).strip())
    return "" if _INVISIBLE.fullmatch(text) else text


def too_long(text: str, limit: int) -> bool:
    """Whether a text has more characters than that, as people count them."""
    if len(text) <= limit:
        return False
    # The code points are bounded too, or one character could carry a megabyte of accents.
    return len(text) > limit * _WIDEST or sum(1 for _ in _GRAPHEME.finditer(text)) > limit


def rows_problem(rows: Sequence[Row], most: int) -> str | None:
    """What is wrong with a profile's table, in words, or None."""
    if len(rows) > most:
        return f"At most {most} rows."
    for row in rows:
        if not row.name:
            return "Give each row a name."
        if too_long(row.name, FIELD_NAME_LIMIT):
            return f"A row's name takes at most {FIELD_NAME_LIMIT} characters."
        if too_long(row.value, FIELD_VALUE_LIMIT):
            return f"A row takes at most {FIELD_VALUE_LIMIT} characters."
    return None
