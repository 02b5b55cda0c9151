"""People's plain text as safe HTML: everything is escaped, then links, mentions and tags are made."""

from html import escape
from typing import Final
from urllib.parse import quote

import regex

_TOKEN: Final = regex.compile(
    r"(?P<url>https?://[^\s<>\"']{3,2000}[^\s<>\"'.,;:!?)\]])"
    r"|(?<![\w/@])@(?P<name>\w{2,30})(?![\w@])"
    r"|(?<![\w/#&])#(?P<tag>(?=\w*\p{L})\w{1,60})"
)


def plain_html(text: str, *, links_me: bool = False) -> str:
    """Safe HTML of a text with line breaks. `links_me` adds rel=me, which proves one's own sites."""
    rel = "me nofollow noopener ugc" if links_me else "nofollow noopener ugc"
    parts = []
    position = 0
    for match in _TOKEN.finditer(text):
        parts.append(escape(text[position : match.start()]))
        parts.append(_link(match, rel))
        position = match.end()
    parts.append(escape(text[position:]))
    return "".join(parts).replace("\n", "<br>")


def _link(match: "regex.Match[str]", rel: str) -> str:
    if url := match["url"]:
        shown = url.split("://", 1)[1].removesuffix("/")
        if len(shown) > 40:
            shown = shown[:39] + "…"
        return f'<a href="{escape(url)}" rel="{rel}" target="_blank">{escape(shown)}</a>'
    if name := match["name"]:
        return f'<a href="/@{quote(name)}">@{escape(name)}</a>'
    tag = match["tag"]
    return f'<a href="/tags/{quote(tag.lower())}" rel="tag">#{escape(tag)}</a>'
