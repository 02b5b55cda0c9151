"""Reasons that come with the house, in both languages. A community may change them and add its own."""

import re
from typing import Final, NamedTuple

from samovar.kernel.errors import Invalid

REASONS: Final = 100
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


class Reason(NamedTuple):
    """Why something was decided, as the person concerned reads it."""

    key: str
    title_en: str
    text_en: str
    title_ru: str
    text_ru: str
    builtin: bool = False

    def title(self, locale: str) -> str:
        """In a language; in the other one when nothing is written in that."""
        own, other = (self.title_ru, self.title_en) if locale == "ru" else (self.title_en, self.title_ru)
        return own or other

    def text(self, locale: str) -> str:
        """The same for what it means."""
        own, other = (self.text_ru, self.text_en) if locale == "ru" else (self.text_en, self.text_ru)
        return own or other


BUILTIN: Final = (
    Reason(
        "spam", "Advertising and spam",
        "Posts whose point is to sell something or to lead people elsewhere are not for this place.",
        "Реклама и спам",
        "Записи, которые только продают или уводят людей на другие сайты, здесь не к месту.",
        builtin=True,
    ),
    Reason(
        "rude", "Rude to people here",
        "Disagree as much as you like, but speak of what was said, not of who said it.",
        "Грубость",
        "Спорьте сколько угодно, но о том, что сказано, а не о том, кто это говорит.",
        builtin=True,
    ),
    Reason(
        "harassment", "Harassment",
        "Following somebody around, threatening them or calling on others to do so is not tolerated here.",
        "Травля",
        "Здесь нельзя преследовать людей, угрожать им и призывать к этому других.",
        builtin=True,
    ),
    Reason(
        "illegal", "Against the law",
        "This may not be shown where this community lives.",
        "Нарушение закона",
        "Там, где живёт это сообщество, такое показывать нельзя.",
        builtin=True,
    ),
    Reason(
        "private_data", "Somebody’s private data",
        "Addresses, telephone numbers and letters of others may be shown only when they agreed.",
        "Чужие личные данные",
        "Адреса, телефоны и письма других людей можно показывать только с их согласия.",
        builtin=True,
    ),
    Reason(
        "needs_warning", "Needs a warning",
        "Some people would rather decide themselves whether to look at this.",
        "Нужно предупреждение",
        "Некоторые хотели бы сами решить, смотреть ли на это.",
        builtin=True,
    ),
    Reason(
        "wrong_place", "In the wrong place",
        "This has little to do with what people talk about here.",
        "Не к месту",
        "Это мало связано с тем, о чём здесь говорят.",
        builtin=True,
    ),
    Reason(
        "first_posts", "First posts are looked at",
        "What new members write is shown once a moderator has looked at it. It does not take long.",
        "Первые записи проверяют",
        "Записи новых участников появляются после того, как их посмотрит модератор. Обычно это недолго.",
        builtin=True,
    ),
)  # fmt: skip


def checked(reason: Reason) -> Reason:
    """A reason as it is stored. Raises Invalid."""
    wrong: dict[str, str] = {}
    if not _KEY.fullmatch(reason.key):
        wrong["key"] = "Use lower-case Latin letters, digits and underscores."
    cut = reason._replace(
        title_en=" ".join(reason.title_en.split()), title_ru=" ".join(reason.title_ru.split()),
        text_en=reason.text_en.strip(), text_ru=reason.text_ru.strip(), builtin=False,
    )  # fmt: skip
    for language in ("en", "ru"):
        if len(getattr(cut, f"title_{language}")) > 120:
            wrong[f"title_{language}"] = "At most 120 characters."
        if len(getattr(cut, f"text_{language}")) > 1000:
            wrong[f"text_{language}"] = "At most 1,000 characters."
    if not (cut.title_en or cut.title_ru):
        wrong["title_en"] = "Give it a title in one language at least."
    if wrong:
        raise Invalid(fields=wrong)
    return cut
