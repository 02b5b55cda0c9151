"""Text as it is stored: cleaned, and counted as people count."""

import unicodedata
from typing import Final

import regex

#: No honest text has more code points per visible character; counting stops before it gets slow.
_POINTS_PER_CHARACTER: Final = 20
_GRAPHEME: Final = regex.compile(r"\X")
_LINE_END: Final = regex.compile(r"\r\n?|[\u0085\u2028\u2029]")
#: Control characters, halves of pairs, and marks that turn the direction of what follows.
_DROPPED: Final = regex.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\p{Cs}\p{Noncharacter_Code_Point}]"
)
_BLANK_LINES: Final = regex.compile(r"\n{4,}")
_VISIBLE: Final = regex.compile(r"[^\s\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]")
_LANGUAGE: Final = regex.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")


def much_longer_than(text: str, limit: int) -> bool:
    """Whether a text is so long that it isn't worth a closer look."""
    return len(text) > limit * _POINTS_PER_CHARACTER


def longer_than(text: str, limit: int) -> bool:
    """Whether a text has more than `limit` characters as people count them."""
    if len(text) <= limit:
        return False
    if much_longer_than(text, limit):
        return True
    return any(count > limit for count, _ in enumerate(_GRAPHEME.finditer(text), 1))


def clean(text: str) -> str:
    """Text in composed form without control characters, with at most two blank lines in a row."""
    text = _LINE_END.sub("\n", text).replace("\t", " ")
    text = unicodedata.normalize("NFC", _DROPPED.sub("", text))
    text = "\n".join([line.rstrip() for line in text.split("\n")])
    return _BLANK_LINES.sub("\n\n\n", text).strip()


def clean_line(text: str) -> str:
    """The same on one line."""
    return " ".join(clean(text).split())


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in it."""
    return _VISIBLE.search(text) is None


def language_tag(text: str) -> str | None:
    """A language tag as BCP 47 writes it ("en", "pt-BR"), "" for none, None when it is not one."""
    if not text:
        return ""
    if not _LANGUAGE.fullmatch(text):
        return None
    first, dash, rest = text.partition("-")
    return first.lower() + dash + rest
