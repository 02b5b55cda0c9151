"""What bots say: lines of the sample community's corpus, in English and Russian."""

import random
from urllib.parse import quote

from samovar.app.demo.corpus import corpus

#: Marks that stand for names and choices; lines with them are left to the sample community.
_MARKS = "{}~"


class Speech:
    """Texts to write and words to look for."""

    def __init__(self, seed: int = 7) -> None:
        self._dice = random.Random(seed)
        book = corpus()
        lines = [line for thread in book.threads for line in thread.root.all()]
        plain = [line for line in lines if not any(mark in line.text for mark in _MARKS) and line.text]
        roots = {thread.root.text for thread in book.threads}
        self._posts = [(line.text, line.language) for line in plain if line.text in roots]
        self._replies = [(line.text, line.language) for line in plain if line.text not in roots]
        words = {word.strip(".,?!:;()«»\"'").lower() for line in plain for word in line.text.split()}
        self._words = sorted(word for word in words if len(word) > 4 and word.isalpha())

    def post(self) -> tuple[str, str]:
        """A text to begin with, and its language."""
        return self._dice.choice(self._posts)

    def reply(self) -> tuple[str, str]:
        """An answer, and its language."""
        return self._dice.choice(self._replies)

    def word(self) -> str:
        """A word to search for, as it stands in an address."""
        return quote(self._dice.choice(self._words))
