"""Hashtags, as some people put them under what they begin."""

from collections.abc import Mapping
from random import Random
from typing import Final

#: Tag of a topic by language.
TAGS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        name: name
        for name in (
            "baking", "bikes", "books", "cats", "cooking", "films", "garden", "kids", "languages", "local",
            "maps", "music", "repairs", "swaps", "tea", "walks",
        )
    },
    "ru": {
        "baking": "выпечка", "bikes": "велосипеды", "books": "книги", "cats": "коты", "cooking": "кухня",
        "films": "кино", "garden": "сад", "kids": "дети", "languages": "языки", "local": "район",
        "maps": "карты", "music": "музыка", "repairs": "ремонт", "swaps": "обмен", "tea": "чай",
        "walks": "прогулки",
    },
}  # fmt: skip
#: How many of those who begin something put a tag under it.
SHARE: Final = 0.35


def tagged(text: str, language: str, topic: str, dice: Random) -> str:
    """The text, sometimes with its topic's tag; one that has a tag or is long stays as it is."""
    tag = TAGS[language].get(topic)
    wanted = dice.random() < SHARE
    return f"{text} #{tag}" if wanted and tag and "#" not in text and len(text) < 400 else text
