"""Puts values into words and lays them out."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from samovar.services.delivery.letters.english import ENGLISH
from samovar.services.delivery.letters.russian import RUSSIAN
from samovar.services.delivery.letters.words import Language

if TYPE_CHECKING:
    from jinja2 import Template

LANGUAGES: Final[Mapping[str, Language]] = {"en": ENGLISH, "ru": RUSSIAN}
#: Templates, by name.
NAMES: Final = frozenset(ENGLISH.templates)
_LINE: Final = 200
_TEXT: Final = 5000
_ITEMS: Final = 50


class Lacking(Exception):
    """A template needs a value that was not given."""


class Frame(NamedTuple):
    """What stands around every message."""

    site: str
    #: The community's address, without a slash at its end.
    url: str
    category: str
    #: The link that ends messages of this kind, or empty.
    unsubscribe: str


class Written(NamedTuple):
    """A message in words. Of a letter `subject`, `text` and `html`; of a short message `title`, `short` and
    `link`."""

    locale: str
    subject: str
    text: str
    html: str
    title: str
    short: str
    link: str


def write(name: str, locale: str, values: Mapping[str, Any], frame: Frame) -> Written:
    """A message. `values` are its sender's: texts, `url` where its button leads and `action` what that
    says, `items` of a digest. Raises Lacking."""
    locale = locale if locale in LANGUAGES else "en"
    language = LANGUAGES[locale]
    words = language.templates[name]
    given = {key: _text(value) for key, value in values.items() if isinstance(value, str | int)}
    slots = {"text": "", **given, "site": _line(frame.site), "site_url": frame.url}
    if "title" in slots:
        slots["title"] = _line(slots["title"])

    def fill(text: str) -> str:
        try:
            return text.format_map(slots)
        except KeyError as error:
            raise Lacking(f"{name} needs {error}") from error

    title, summary = _line(fill(words.subject)), _line(fill(words.summary))
    paragraphs = [filled for paragraph in words.paragraphs if (filled := fill(paragraph))]
    greeting = fill(language.greeting) if given.get("username") else ""
    if paragraphs and not greeting:
        paragraphs[0] = paragraphs[0][:1].upper() + paragraphs[0][1:]
    url = address(given.get("url", ""), frame.url)
    button = _line(given.get("action", "")) or words.button or language.templates["system"].button
    reason = language.reasons.get(frame.category, language.reasons[""])
    parts: dict[str, Any] = {
        "locale": locale, "site": slots["site"], "site_url": frame.url, "subject": title, "summary": summary,
        "greeting": greeting, "paragraphs": paragraphs, "items": _items(values.get("items"), frame.url),
        "url": url, "button": button,
        "plain_link": language.plain_link, "notes": [fill(note) for note in words.notes],
        "reason": fill(reason), "unsubscribe": frame.unsubscribe,
        "unsubscribe_words": language.unsubscribe, "settings_words": language.settings,
        "settings_url": f"{frame.url}/settings/notifications",
    }  # fmt: skip
    return Written(
        locale=locale,
        subject=f"{title} - {slots['site']}",
        text=_template("letter.txt").render(parts).strip() + "\n",
        html=_template("letter.html").render(parts),
        title=title,
        short=summary,
        link=url,
    )


def address(text: str, base: str) -> str:
    """A full web address: as it is, or within the community; empty for anything else."""
    if text.startswith("/") and not text.startswith("//"):
        return base + text
    return text if text.startswith(("https://", "http://")) and " " not in text else ""


def _items(given: object, base: str) -> Sequence[Mapping[str, str]]:
    if not isinstance(given, list):
        return ()
    return [
        {
            "title": _line(str(item.get("title", ""))),
            "text": _text(str(item.get("text", ""))),
            "url": address(str(item.get("url", "")), base),
        }
        for item in given[:_ITEMS]
        if isinstance(item, dict)
    ]


def _text(value: object) -> str:
    """A text from outside, without control characters but line ends."""
    kept = str(value)[:_TEXT].replace("\r\n", "\n")
    return "".join(char for char in kept if char == "\n" or unicodedata.category(char) not in ("Cc", "Cs"))


def _line(text: str) -> str:
    """One line."""
    kept = " ".join(_text(text).split())
    return kept if len(kept) <= _LINE else f"{kept[: _LINE - 1]}…"


@cache
def _template(name: str) -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - heavy

    environment = Environment(
        loader=PackageLoader("samovar.services.delivery.letters"), autoescape=name.endswith(".html"),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    return environment.get_template(name)
