"""Words of a text as the index takes them: lower case, accents and the dots of ё folded, without their
Russian or English endings."""

from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

import tantivy

from samovar.kernel.fulltext import FORGIVES, Clause, Pieces

#: Longer runs of letters are no words.
_LONGEST: Final = 60


class Analyzers(NamedTuple):
    """Texts to words with their endings, and without."""

    plain: tantivy.TextAnalyzer
    stems: tantivy.TextAnalyzer


@cache
def analyzers() -> Analyzers:
    """Made at first use."""
    return Analyzers(_plain().build(), _stems().build())


def _plain() -> tantivy.TextAnalyzerBuilder:
    """The stemmer folds ё, the plain form does not: `folded` does it for both before."""
    made = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (
        tantivy.Filter.remove_long(_LONGEST),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
    ):
        made = made.filter(step)
    return made


def _stems() -> tantivy.TextAnalyzerBuilder:
    return _plain().filter(tantivy.Filter.stemmer("russian")).filter(tantivy.Filter.stemmer("english"))


def folded(text: str) -> str:
    """The same with е for ё, letter for letter."""
    return text.replace("ё", "е").replace("Ё", "Е")


def plain_words(text: str) -> list[str]:
    """Its words with their endings."""
    return analyzers().plain.analyze(folded(text))


def stems(text: str) -> list[str]:
    """Its words without their endings."""
    return analyzers().stems.analyze(folded(text))


def one_apart(left: str, right: str) -> bool:
    """Whether one letter put in, left out, changed, or two swapped make one of the other."""
    if left == right:
        return True
    if abs(len(left) - len(right)) > 1:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    a, b = left[start:], right[start:]
    if a[1:] == b[1:] or a[1:] == b or a == b[1:]:
        return True
    return len(a) > 1 and a[:2] == b[1::-1] and a[2:] == b[2:]


def in_order(text: str, counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Tags with their numbers: the one asked for, those that begin so, those that are written nearly so; of
    each the most frequent first."""
    return sorted(
        counts.items(), key=lambda pair: (pair[0] != text, not pair[0].startswith(text), -pair[1], pair[0])
    )


class _Wanted(NamedTuple):
    """What marks words: their roots, the beginning of one, and one that may be misspelt with its root."""

    roots: frozenset[str]
    beginning: str = ""
    typed: str = ""
    stem: str = ""

    def is_near(self, word: str, root: str) -> bool:
        return one_apart(word, self.typed) or (len(self.stem) >= FORGIVES and one_apart(root, self.stem))


class Marker:
    """Finds in texts the words that a question asked for."""

    def __init__(self, clauses: tuple[Clause, ...], tags: tuple[str, ...] = ()) -> None:
        self._wanted = [_wanted(clause) for clause in clauses if not clause.excluded]
        self._wanted += [_Wanted(frozenset(stems(tag))) for tag in tags]

    def pieces(self, text: str) -> Pieces:
        """The text, cut where marks begin and end. Words with a wrong letter are marked where the right one
        is missing."""
        if not text:
            return ()
        kept, found, end = folded(text), list[tuple[str, bool]](), 0
        tokens = analyzers().stems.pre_tokenize(kept).tokens
        places = [(token.char_offset_from, token.char_offset_to) for token in tokens]
        kept = kept.lower() if len(kept.lower()) == len(kept) else kept
        words = [kept[start:stop] for start, stop in places]
        for number in sorted(self._marked(words, [token.text for token in tokens])):
            start, stop = places[number]
            if start > end:
                found.append((text[end:start], False))
            found.append((text[start:stop], True))
            end = stop
        if end < len(text):
            found.append((text[end:], False))
        return tuple(found)

    def _marked(self, words: list[str], roots: list[str]) -> set[int]:
        """Which of the words to mark, by their numbers."""
        marked = set[int]()
        for wanted in self._wanted:
            right = {number for number, root in enumerate(roots) if root in wanted.roots}
            if wanted.beginning:
                right.update(n for n, word in enumerate(words) if word.startswith(wanted.beginning))
            if not right and wanted.typed:
                long = len(wanted.typed)
                right = {
                    n
                    for n, (word, root) in enumerate(zip(words, roots, strict=True))
                    if -4 < len(word) - long < 4 and wanted.is_near(word, root)
                }
            marked |= right
        return marked


def _wanted(clause: Clause) -> _Wanted:
    roots, words = stems(clause.text), plain_words(clause.text)
    forgives = not clause.phrase and len(words) == 1 and len(words[0]) >= FORGIVES
    return _Wanted(
        frozenset(roots),
        words[-1] if clause.unfinished and words else "",
        words[0] if forgives else "",
        roots[0] if forgives else "",
    )
