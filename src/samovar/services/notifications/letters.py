"""What letters and pushes say, in the recipient's language: who did what, never the words of an item."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

LOCALES: Final = ("en", "ru")

#: By type: for one person, for several.
_ENGLISH: Final = {
    "mentioned": ("{who} mentioned you", "{who} mentioned you"),
    "replied": ("{who} replied to you", "{who} replied to you"),
    "quoted": ("{who} quoted your post", "{who} quoted your post"),
    "followed": ("{who} follows you now", "{who} follow you now"),
    "follow_requested": ("{who} asks to follow you", "{who} ask to follow you"),
    "follow_accepted": ("{who} lets you follow", "{who} let you follow"),
    "reacted": ("{who} reacted to your post", "{who} reacted to your post"),
    "reposted": ("{who} reposted your post", "{who} reposted your post"),
    "poll_ended": ("A poll you voted in has ended", "A poll you voted in has ended"),
    "reminder": ("A reminder", "A reminder"),
    "system": ("News from the community", "News from the community"),
}
#: In the present tense, which does not tell men from women.
_RUSSIAN: Final = {
    "mentioned": ("{who} упоминает вас", "{who} упоминают вас"),
    "replied": ("{who} отвечает вам", "{who} отвечают вам"),
    "quoted": ("{who} цитирует вашу запись", "{who} цитируют вашу запись"),
    "followed": ("{who} теперь читает вас", "{who} теперь читают вас"),
    "follow_requested": ("{who} хочет читать вас", "{who} хотят читать вас"),
    "follow_accepted": ("{who} разрешает вам читать свои записи", "{who} разрешают вам читать свои записи"),
    "reacted": ("{who} откликается на вашу запись", "{who} откликаются на вашу запись"),
    "reposted": ("{who} делится вашей записью", "{who} делятся вашей записью"),
    "poll_ended": ("Опрос, в котором вы голосовали, завершён", "Опрос, в котором вы голосовали, завершён"),
    "reminder": ("Напоминание", "Напоминание"),
    "system": ("Новости сообщества", "Новости сообщества"),
}
_SAID: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {"en": _ENGLISH, "ru": _RUSSIAN}
_OWN_POLL: Final = {"en": "Your poll has ended", "ru": "Ваш опрос завершён"}
_SOMEBODY: Final = {"en": "Somebody", "ru": "Кто-то"}


def headline(type: str, locale: str, names: Sequence[str], count: int, data: Mapping[str, Any] | None) -> str:
    """A notification in a line. `names` are the latest of `count` people."""
    locale = locale if locale in LOCALES else "en"
    if title := (data or {}).get("title"):
        return str(title)
    if type == "poll_ended" and not count:
        return _OWN_POLL[locale]
    one, many = _SAID[locale].get(type, _SAID[locale]["system"])
    return (one if count <= 1 else many).format(who=_who(locale, names, count))


def _who(locale: str, names: Sequence[str], count: int) -> str:
    first = names[0] if names else _SOMEBODY[locale]
    others = count - 1
    if others <= 0:
        return first
    if others == 1 and len(names) > 1:
        return f"{first} {'и' if locale == 'ru' else 'and'} {names[1]}"
    if locale == "ru":
        return f"{first} и ещё {others} {people(others)}"
    return f"{first} and {others} {'other' if others == 1 else 'others'}"


def people(number: int) -> str:
    """Russian for so many people."""
    tens, ones = number % 100, number % 10
    return "человека" if ones in (2, 3, 4) and not 12 <= tens <= 14 else "человек"


def several(locale: str, number: int) -> str:
    """The subject of a letter about several notifications."""
    if locale == "ru":
        ones, tens = number % 10, number % 100
        if ones == 1 and tens != 11:
            return f"{number} новое уведомление"
        if ones in (2, 3, 4) and not 12 <= tens <= 14:
            return f"{number} новых уведомления"
        return f"{number} новых уведомлений"
    return f"{number} new notifications"


def summary(locale: str) -> str:
    """The subject of a digest."""
    return "Что вы пропустили" if locale == "ru" else "What you missed"
