"""The query language: words, "phrases", -exclusions, #tags and filters. What can't be a filter is taken as
words, so that nothing a person types is an error but too much of it. Pure."""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from samovar.kernel.clock import SECOND

#: Characters and parts of one query.
LONGEST: Final = 300
MOST: Final = 16
#: What people are called as a kind.
PERSON: Final = "person"
_PEOPLE: Final = frozenset((PERSON, "people", "persons", "user", "users"))

_PART: Final = re.compile(
    r"(?P<minus>-)?(?:"
    r'"(?P<phrase>[^"]*)"'
    r"|(?P<name>kind|from|after|before|has|lang):(?P<value>\S+)"
    r"|\#(?P<tag>\w+)"
    r"|(?P<word>[^\s\"]+)"
    r')|"',
    re.IGNORECASE,
)
_LETTER: Final = re.compile(r"\w")
_DAY: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,2}")
_AUTHOR: Final = re.compile(r"@?[\w.-]{1,60}")


class Term(NamedTuple):
    """A word, or words beside each other."""

    text: str
    phrase: bool = False
    excluded: bool = False
    #: The query ends with it: it may be the beginning of a word.
    unfinished: bool = False


class Parsed(NamedTuple):
    """A query, understood."""

    terms: tuple[Term, ...] = ()
    tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    #: None: not said.
    kinds: tuple[str, ...] | None = None
    #: A name with or without @, or "me"; empty: anybody.
    author: str = ""
    #: Microseconds; 0: not said.
    since: int = 0
    until: int = 0
    has_media: bool = False
    languages: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it asks for nothing."""
        return self == Parsed()

    @property
    def wordless(self) -> bool:
        """Whether it has filters at most, and nothing that texts could be measured by."""
        return not self.tags and all(term.excluded for term in self.terms)


def parsed(text: str, kinds: Collection[str]) -> Parsed:
    """A query of at most `LONGEST` characters; `kinds` are those that `kind:` knows beside people."""
    found = _Found(kinds)
    for match in _PART.finditer(text[:LONGEST]):
        found.take(match, last=match.end() == len(text))
    return found.parsed()


def parts(text: str) -> int:
    """How many words, phrases and filters a query has."""
    return sum(1 for match in _PART.finditer(text[:LONGEST]) if _LETTER.search(match[0]))


class _Found:
    """What was read so far."""

    def __init__(self, kinds: Collection[str]) -> None:
        self._known = kinds
        self._terms: list[Term] = []
        self._tags: list[str] = []
        self._without: list[str] = []
        self._kinds: list[str] = []
        self._languages: list[str] = []
        self._author = ""
        self._since = self._until = 0
        self._media = False

    def take(self, match: "re.Match[str]", *, last: bool) -> None:
        excluded = bool(match["minus"])
        if match["phrase"] is not None:
            self._add(Term(match["phrase"], phrase=True, excluded=excluded))
        elif match["tag"]:
            (self._without if excluded else self._tags).append(match["tag"].casefold())
        elif match["name"] and not excluded and self._filter(match["name"].lower(), match["value"]):
            pass
        elif word := match["word"] or (match["name"] and f"{match['name']}:{match['value']}"):
            self._add(Term(word, excluded=excluded, unfinished=last and not excluded))

    def _add(self, term: Term) -> None:
        if _LETTER.search(term.text):
            self._terms.append(term)

    def _filter(self, name: str, value: str) -> bool:
        """False when that is no filter."""
        value = value.strip('"')
        match name:
            case "kind":
                kind = _kind(value.lower(), self._known)
                if kind:
                    self._kinds.append(kind)
                return bool(kind)
            case "from" if _AUTHOR.fullmatch(value):
                self._author = value
                return True
            case "after" | "before":
                moment = day(value)
                if moment is None:
                    return False
                if name == "after":
                    self._since = moment
                else:
                    self._until = moment
                return True
            case "has" if value.lower() in ("media", "picture", "pictures", "photo", "image", "video"):
                self._media = True
                return True
            case "lang" if _LANGUAGE.fullmatch(value):
                self._languages.append(language(value))
                return True
        return False

    def parsed(self) -> Parsed:
        return Parsed(
            terms=tuple(dict.fromkeys(self._terms)),
            tags=tuple(dict.fromkeys(self._tags)),
            without_tags=tuple(dict.fromkeys(self._without)),
            kinds=tuple(dict.fromkeys(self._kinds)) or None,
            author=self._author,
            since=self._since,
            until=self._until,
            has_media=self._media,
            languages=tuple(dict.fromkeys(self._languages)),
        )


def _kind(value: str, known: Collection[str]) -> str:
    if value in _PEOPLE:
        return PERSON
    return next((kind for kind in known if value in (kind, f"{kind}s")), "")


def language(tag: str) -> str:
    """The language of a tag: "en" of "en-GB"."""
    return tag.partition("-")[0].lower()


def day(text: str) -> int | None:
    """The beginning of a day, month or year in UTC; None when it is none."""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    year, month, number = match.groups()
    try:
        found = date(int(year), int(month or 1), int(number or 1))
    except ValueError:
        return None
    if found.year < 1970:
        return 0
    return int(datetime(found.year, found.month, found.day, tzinfo=UTC).timestamp()) * SECOND
