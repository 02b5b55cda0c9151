"""The parts that a letter's words are in."""

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """One template in one language. In braces stand values that its sender gives."""

    subject: str
    #: Shown beside the subject in lists of letters, and all that a short message says.
    summary: str
    paragraphs: tuple[str, ...] = ()
    #: What the button says; it leads to the value `url`.
    button: str = ""
    #: Said in small letters below the button.
    notes: tuple[str, ...] = ()


class Language(NamedTuple):
    """All words of one language."""

    templates: Mapping[str, Words]
    #: "Hello {username},"
    greeting: str
    #: Above the address itself, for those whose button does not work.
    plain_link: str
    #: Why one gets a letter: by category, "" for all others.
    reasons: Mapping[str, str]
    settings: str
    unsubscribe: str
