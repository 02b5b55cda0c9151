"""What people are told of decisions, in their language."""

from collections.abc import Mapping, Sequence
from typing import Final

_DONE: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "hide": "Moderators hid something you wrote",
        "sensitive": "Moderators put a warning on something you wrote",
        "delete": "Moderators deleted something you wrote",
        "warn": "A warning from the moderators",
        "silence": "What you write is shown to your followers alone",
        "suspend": "Your account is suspended",
        "ban": "Your account is closed for good",
    },
    "ru": {
        "hide": "Модераторы скрыли вашу запись",
        "sensitive": "Модераторы поставили предупреждение на вашу запись",
        "delete": "Модераторы удалили вашу запись",
        "warn": "Предупреждение от модераторов",
        "silence": "Ваши записи видны только вашим читателям",
        "suspend": "Ваша учётная запись приостановлена",
        "ban": "Ваша учётная запись закрыта навсегда",
    },
}
#: The gravest first: it gives the title.
_ORDER: Final = ("ban", "suspend", "silence", "delete", "hide", "sensitive", "warn")
_SAY: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "appeal": "Here you can read it all and ask for another look.",
        "undone": "Moderators took a decision back",
        "undone_text": "What they decided about you or what you wrote no longer holds.",
        "accepted": "Your appeal was accepted",
        "accepted_text": "Another look showed that the decision was wrong. It no longer holds.",
        "rejected": "Your appeal was rejected",
        "approved": "What you wrote is visible now",
        "approved_text": "A moderator has looked at it.",
        "acted": "Thank you for your report",
        "acted_text": "Moderators looked at it and did something about it.",
        "dismissed_text": "Moderators looked at it and found nothing against the rules.",
    },
    "ru": {
        "appeal": "Здесь можно прочитать всё и попросить посмотреть ещё раз.",
        "undone": "Модераторы отменили решение",
        "undone_text": "То, что они решили о вас или вашей записи, больше не действует.",
        "accepted": "Ваше возражение принято",
        "accepted_text": "Мы посмотрели ещё раз: решение было неверным. Оно больше не действует.",
        "rejected": "Ваше возражение отклонено",
        "approved": "Ваша запись теперь видна",
        "approved_text": "Её посмотрел модератор.",
        "acted": "Спасибо за жалобу",
        "acted_text": "Модераторы посмотрели и приняли меры.",
        "dismissed_text": "Модераторы посмотрели и не нашли нарушений.",
    },
}


def say(locale: str, key: str) -> str:
    """A sentence in a language."""
    return _SAY["ru" if locale == "ru" else "en"][key]


def title_of(locale: str, types: Sequence[str]) -> str:
    """A decision in a line."""
    gravest = min(types, key=_ORDER.index, default="warn")
    return _DONE["ru" if locale == "ru" else "en"][gravest]


def text_of(locale: str, title: str, text: str, message: str) -> str:
    """Why, and what can be done about it: the reason, the moderator's words, the way to appeal."""
    parts = [f"{title}. {text}".strip() if title else text, message, say(locale, "appeal")]
    return "\n\n".join(part for part in parts if part)[:2000]
