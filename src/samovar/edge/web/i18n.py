"""Languages of the pages: English is in the code, Russian in locale/. Catalogues are compiled by
`make setup`; a missing one falls back to English."""

import gettext
import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel.dates import format_date, format_datetime

from samovar.kernel.context import current_call

LOCALES: Final = ("en", "ru")
_NUMBER: Final = re.compile(r"\d+")
_FOLDER: Final = Path(__file__).parent / "locale"
_CATALOGUES: Final = {
    locale: gettext.translation("messages", _FOLDER, [locale], fallback=True) for locale in LOCALES
}


def locale() -> str:
    """The reader's language."""
    wanted = current_call().locale
    return wanted if wanted in _CATALOGUES else "en"


def translate(text: str) -> str:
    """A text in the reader's language. Services put limits into theirs: a text that is not known with its
    numbers is looked up without them, as "At most {n} characters."."""
    if not text:
        return ""
    book = _CATALOGUES[locale()]
    said = book.gettext(text)
    if said == text and (numbers := _NUMBER.findall(text)):
        pattern = _NUMBER.sub("{n}", text)
        if (known := book.gettext(pattern)) != pattern:
            for number in numbers:
                known = known.replace("{n}", number, 1)
            return known
    return said


def translate_plural(one: str, many: str, number: int) -> str:
    """A text with a number, in the reader's language and its plural form."""
    return _CATALOGUES[locale()].ngettext(one, many, number)


def translate_in_context(context: str, text: str) -> str:
    """A text whose translation depends on where it stands."""
    return _CATALOGUES[locale()].pgettext(context, text)


@lru_cache(maxsize=4096)
def exact_time(minute: datetime, language: str) -> str:
    """Date and time as the language writes them, such as "3 Mar 2026, 14:05"."""
    return str(format_datetime(minute, "d MMM y, HH:mm", locale=language))


@lru_cache(maxsize=4096)
def day(moment: datetime, language: str, with_year: bool) -> str:
    """A day, such as "3 Mar", with the year when it isn't this one."""
    return str(format_date(moment, "d MMM y" if with_year else "d MMM", locale=language))


@lru_cache(maxsize=1024)
def month(moment: datetime, language: str) -> str:
    """Month and year, such as "March 2026"."""
    return str(format_date(moment, "LLLL y", locale=language))
