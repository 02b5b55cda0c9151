"""What the sample community says and who is in it: texts written by hand, in `corpus/`.

A thread is a post and, indented below it, what answers it:

    A(poll=Butter|Oil; days=3): What goes into your cinnamon buns?
      B: Butter. I will not be taking questions.

Letters are people: the same letter is the same person throughout a thread. In brackets stand marks:
`who=username`, `day=14` (when it is said), `m` or `f` (the speaker's grammatical gender), `poll=`,
`days=` (how long it runs), `cw=` (a content warning), `typo=wrong>right` (edited soon), `later=` (an
addition, edited in days later), `pin`, `unlisted`, and for what may stand below it `event`, `info`,
`ask`, `sad`, `warm`, `funny`, `plain` (nothing but what is written there).

In Russian texts `~` is the ending "а" when a woman writes, and `{сама/сам}` the same for whole words;
`{@B}` names a person of the thread, `{cat}` the author's cat, `{a|b}` is one of the two.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final

_FOLDER: Final = Path(__file__).parent / "corpus"
LANGUAGES: Final = ("en", "ru")
_LINE: Final = re.compile(r"( *)([A-Z])(?:\((.*?)\))?: (.*)")
_GENDER: Final = re.compile(r"\{([^{}|/]*)/([^{}|/]*)\}")
_CHOICE: Final = re.compile(r"\{([^{}]*\|[^{}]*)\}")
_NAME: Final = re.compile(r"\{@([A-Z])\}")


@dataclass(frozen=True, slots=True)
class Person:
    """A member, as the book has them."""

    username: str
    name: str
    languages: tuple[str, ...]
    woman: bool
    topics: tuple[str, ...]
    bio: str
    fields: tuple[tuple[str, str], ...]
    #: The cat's name by language; empty without one.
    cat: Mapping[str, str]
    private: bool
    hidden: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody says in a thread."""

    speaker: str
    text: str
    language: str
    marks: Mapping[str, str]
    replies: tuple["Line", ...]

    def all(self) -> Iterator["Line"]:
        """This one and all below it, parents before their replies."""
        yield self
        for reply in self.replies:
            yield from reply.all()


@dataclass(frozen=True, slots=True)
class Thread:
    """A post and its conversation."""

    topic: str
    language: str
    root: Line


@dataclass(frozen=True, slots=True)
class Corpus:
    """All of it."""

    people: tuple[Person, ...]
    threads: tuple[Thread, ...]
    #: By language, topic and text with choices.
    notes: tuple[tuple[str, str, str], ...]
    #: Short answers by language and kind.
    small: Mapping[tuple[str, str], tuple[str, ...]]


@cache
def corpus() -> Corpus:
    """Read from the package's own files, once."""
    threads: list[Thread] = []
    notes: list[tuple[str, str, str]] = []
    small: dict[tuple[str, str], tuple[str, ...]] = {}
    for language in LANGUAGES:
        folder = _FOLDER / language
        for path in sorted(folder.glob("*.txt")):
            lines = _lines(path)
            if path.stem == "small":
                small |= {(language, name): tuple(texts) for name, texts in _sections(lines)}
            elif path.stem == "notes":
                notes += [(language, *_pair(line, ": ")) for line in lines]
            else:
                for topic, texts in _sections(lines):
                    threads += [Thread(topic, language, root) for root in _tree(texts)]
    return Corpus(tuple(_people()), tuple(threads), tuple(notes), small)


def worded(text: str, author: Person, *, language: str, names: Mapping[str, str], dice: Random) -> str:
    """A text as this author writes it."""
    text = _GENDER.sub(r"\1" if author.woman else r"\2", text)
    text = text.replace("~", "а" if author.woman else "")
    text = text.replace("{cat}", author.cat.get(language, ""))
    text = _CHOICE.sub(lambda found: dice.choice(found[1].split("|")), text)
    return _NAME.sub(lambda found: f"@{names[found[1]]}", text)


def mentioned(text: str) -> list[str]:
    """Letters of the people named in a text."""
    return _NAME.findall(text)


def language_of(text: str) -> str:
    """Russian when half as many letters are Cyrillic as are Latin (English quotes single words only)."""
    cyrillic = sum("а" <= char <= "я" or char == "ё" for char in text.lower())
    return "ru" if 2 * cyrillic > sum("a" <= char <= "z" for char in text.lower()) else "en"


def _lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return [line.rstrip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _sections(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Lines by the heading (`== name`) above them."""
    starts = [index for index, line in enumerate(lines) if line.startswith("== ")]
    for start, end in pairwise([*starts, len(lines)]):
        yield lines[start].removeprefix("== "), lines[start + 1 : end]


def _tree(lines: list[str], depth: int = 0) -> list[Line]:
    """Lines at one depth, each with what is indented below it."""
    found = [_parsed(line) for line in lines]
    starts = [index for index, (level, *_) in enumerate(found) if level == depth]
    if found and starts[:1] != [0]:
        raise ValueError(f"indented too far: {lines[0]}")
    return [
        Line(
            speaker,
            text.replace("\\n", "\n"),
            language_of(text),
            marks,
            tuple(_tree(lines[start + 1 : end], depth + 1)),
        )
        for start, end in pairwise([*starts, len(lines)])
        for _, speaker, marks, text in [found[start]]
    ]


def _parsed(line: str) -> tuple[int, str, dict[str, str], str]:
    """Depth, speaker, marks and text of a line."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"not a line of a thread: {line}")
    marks = dict(_pair(mark.strip(), "=") for mark in (match[3] or "").split(";") if mark.strip())
    return len(match[1]) // 2, match[2], marks, match[4]


def _pair(text: str, between: str) -> tuple[str, str]:
    first, _, second = text.partition(between)
    return first, second


def _people() -> Iterator[Person]:
    for line in _lines(_FOLDER / "people.txt"):
        username, name, languages, gender, topics, bio, rows, cat, flags = (
            part.strip() for part in line.split("|")
        )
        cats = cat.split("/")
        yield Person(
            username=username,
            name=name,
            languages=tuple(languages.split()),
            woman=gender == "f",
            topics=tuple(topics.split()),
            bio=bio,
            fields=tuple(_pair(row.strip(), "=") for row in rows.split(";") if row.strip()),
            cat={
                language: cats[min(index, len(cats) - 1)] for index, language in enumerate(languages.split())
            }
            if cat
            else {},
            private="private" in flags,
            hidden="hidden" in flags,
        )
