"""Safe HTML of a text: everything is escaped; links, mentions and tags that we found become anchors.

A text is first cut into pieces, once; names, tags and HTML all come from the same pieces, so what
is a link can't also be a mention.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from html import escape
from typing import Final, NamedTuple
from urllib.parse import quote

import regex

#: How many people one post can mention, and how many tags it can carry.
MENTIONS: Final = 20
TAGS: Final = 20
_SHOWN: Final = 30
_LONGEST_URL: Final = 2048

_WORD: Final = r"\p{L}\p{M}\p{Nd}_"
_TOKEN: Final = regex.compile(
    rf"(?<![{_WORD}])(?P<url>(?i:https?)://[^\s<>\"'`\\^{{}}|\p{{C}}]++)"
    rf"|(?<![{_WORD}@/])@(?P<name>[A-Za-z0-9_]{{2,30}}+)(?![{_WORD}]|@[{_WORD}])"
    rf"|(?<![{_WORD}&/#])#(?P<tag>[{_WORD}]{{1,60}}+)(?![{_WORD}])"
)
_HOST: Final = regex.compile(
    r"(?i:https?)://[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._-]*+(?<=[\p{L}\p{M}\p{N}]))?(?::\d{1,5})?(?=[/?#]|$)"
)
_SCHEME: Final = regex.compile(r"(?i:https?)://(?:www\.)?")
_PARAGRAPHS: Final = regex.compile(r"\n{2,}")
_HAS_LETTER: Final = regex.compile(r"\p{L}")
#: What ends a sentence rather than a link; closing brackets stay when they were opened in it.
_TRAILING: Final = frozenset(".,:;!?…*_~»”’")
_BRACKETS: Final = {")": "(", "]": "["}


class Kind(Enum):
    """What a piece of text is."""

    PLAIN = 0
    URL = 1
    MENTION = 2
    TAG = 3


class Piece(NamedTuple):
    """A part of a text. `value` is the name or the tag in lower case, else empty."""

    kind: Kind
    text: str
    value: str = ""


def parse(text: str) -> list[Piece]:
    """Cut a text into plain parts, links, mentions and tags; joined, they are the text again."""
    pieces = []
    position = 0
    for match in _TOKEN.finditer(text):
        piece = _piece(match)
        if piece is None:
            continue
        if match.start() > position:
            pieces.append(Piece(Kind.PLAIN, text[position : match.start()]))
        pieces.append(piece)
        position = match.start() + len(piece.text)
    if position < len(text):
        pieces.append(Piece(Kind.PLAIN, text[position:]))
    return pieces


def _piece(match: "regex.Match[str]") -> Piece | None:
    if match["name"]:
        return Piece(Kind.MENTION, match[0], match["name"].lower())
    if match["tag"]:
        tag = match["tag"]
        return Piece(Kind.TAG, match[0], tag.lower()) if _HAS_LETTER.search(tag) else None
    url = match["url"]
    if len(url) > _LONGEST_URL:
        return None
    url = _without_trailing(url)
    # A name before the host ("https://bank.example@evil.example") is how links lie: not linked.
    return Piece(Kind.URL, url) if _HOST.match(url) else None


def _without_trailing(url: str) -> str:
    while url:
        last = url[-1]
        opening = _BRACKETS.get(last)
        if opening is not None:
            if url.count(opening) >= url.count(last):
                break
        elif last not in _TRAILING:
            break
        url = url[:-1]
    return url


def names_in(pieces: Sequence[Piece]) -> list[str]:
    """Names that a text mentions, in lower case, each once, at most MENTIONS."""
    return list(dict.fromkeys(piece.value for piece in pieces if piece.kind is Kind.MENTION))[:MENTIONS]


def tags_in(pieces: Sequence[Piece]) -> list[str]:
    """Tags of a text, in lower case, each once, at most TAGS."""
    return list(dict.fromkeys(piece.value for piece in pieces if piece.kind is Kind.TAG))[:TAGS]


def render(pieces: Sequence[Piece], usernames: Mapping[str, str]) -> str:
    """HTML of a text. `usernames` are those mentioned who exist, by name in lower case."""
    tags = frozenset(tags_in(pieces))
    body = "".join([_render(piece, usernames, tags) for piece in pieces])
    paragraphs = [part for part in _PARAGRAPHS.split(body) if part]
    return "".join([f"<p>{part.replace(chr(10), '<br>')}</p>" for part in paragraphs])


def _render(piece: Piece, usernames: Mapping[str, str], tags: frozenset[str]) -> str:
    shown = escape(piece.text)
    if piece.kind is Kind.URL:
        return f'<a href="{shown}" rel="nofollow noopener ugc">{escape(_shortened(piece.text))}</a>'
    if piece.kind is Kind.MENTION and piece.value in usernames:
        return f'<a href="/@{quote(usernames[piece.value])}" class="mention">{shown}</a>'
    if piece.kind is Kind.TAG and piece.value in tags:
        return f'<a href="/tags/{quote(piece.value, safe="")}" class="tag">{shown}</a>'
    return shown


def _shortened(url: str) -> str:
    shown = _SCHEME.sub("", url, count=1) or url
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"
