"""The query language: nothing a person types is an error, and every part means what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samovar.services.search.domain.query import LONGEST, MOST, Parsed, Term, day, parsed, parts
from samovar.services.search.domain.snippet import LENGTH, marked_words, snippet

KINDS = ("post", "recipe")
DAY = 1_767_225_600_000_000  # 2026-01-01


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("green tea", Parsed((Term("green"), Term("tea", unfinished=True)))),
        ("tea ", Parsed((Term("tea"),))),
        ('"green tea" cup ', Parsed((Term("green tea", phrase=True), Term("cup")))),
        ('-"green tea" -cup ', Parsed((Term("green tea", True, True), Term("cup", excluded=True)))),
        ('"unclosed quote ', Parsed((Term("unclosed"), Term("quote")))),
        ("#Tea -#coffee", Parsed(tags=("tea",), without_tags=("coffee",))),
        ("kind:posts kind:people", Parsed(kinds=("post", "person"))),
        ("KIND:Recipe", Parsed(kinds=("recipe",))),
        ("kind:poem ", Parsed((Term("kind:poem"),))),
        ("from:@anna", Parsed(author="@anna")),
        ("from:anna_k lang:en-GB has:media", Parsed(author="anna_k", languages=("en",), has_media=True)),
        ("has:soup ", Parsed((Term("has:soup"),))),
        ("after:2026-01-01 before:2026-02", Parsed(since=DAY, until=DAY + 31 * 86_400_000_000)),
        ("after:tomorrow ", Parsed((Term("after:tomorrow"),))),
        ("after:2026-02-31 ", Parsed((Term("after:2026-02-31"),))),
        ("-from:anna ", Parsed((Term("from:anna", excluded=True),))),
        ("tea tea tea ", Parsed((Term("tea"),))),
        ("!!! ... - \" ' #", Parsed()),
        ("", Parsed()),
        ("http://example.org/a ", Parsed((Term("http://example.org/a"),))),
    ],
)
def test_each_part_means_what_it_says(text: str, understood: Parsed) -> None:
    assert parsed(text, KINDS) == understood


def test_what_asks_for_nothing() -> None:
    assert parsed("", KINDS).empty and parsed("  ", KINDS).empty
    assert parsed("-tea from:anna", KINDS).wordless and not parsed("#tea", KINDS).wordless


def test_days() -> None:
    assert day("2026") == DAY == day("2026-1-1") == day("2026-01")
    assert day("1815-06-18") == 0
    for odd in ("", "26", "2026-13", "2026-00-01", "2026-01-01T00:00", "-2026", "２０２６x"):
        assert day(odd) is None, odd


@given(st.text(max_size=LONGEST + 50))
def test_anything_can_be_typed(text: str) -> None:
    found = parsed(text, KINDS)
    assert len(found.terms) + len(found.tags) + len(found.without_tags) <= max(1, parts(text)) + LONGEST
    for term in found.terms:
        assert any(letter.isalnum() or letter == "_" for letter in term.text)
        assert '"' not in term.text or term.phrase is False
        assert not (term.unfinished and (term.excluded or term.phrase))
    assert sum(term.unfinished for term in found.terms) <= 1
    assert set(found.kinds or ()) <= {"person", *KINDS}
    assert found.since >= 0 and found.until >= 0


#: Words that are nothing else.
words = st.text(st.characters(categories=("Ll", "Lo", "Nd")), min_size=1, max_size=12)


@given(st.lists(words, min_size=1, max_size=MOST, unique=True))
def test_words_stay_the_words_they_are(several: list[str]) -> None:
    found = parsed(" ".join(several), KINDS)
    assert [term.text for term in found.terms] == several
    assert parts(" ".join(several)) == len(several)
    quoted = parsed('"' + " ".join(several) + '"', KINDS)
    assert quoted.terms == (Term(" ".join(several), phrase=True),)
    without = parsed(" ".join(f"-{word}" for word in several), KINDS)
    assert [term.text for term in without.terms if term.excluded] == several


@given(st.lists(st.tuples(st.text(min_size=1, max_size=60), st.booleans()), max_size=20))
def test_a_snippet_is_a_part_of_the_text_with_its_marks(pieces: list[tuple[str, bool]]) -> None:
    cut = snippet(pieces)
    whole, shown = "".join(text for text, _ in pieces), "".join(text for text, _ in cut)
    assert len(shown) <= LENGTH + 60
    assert shown == whole or shown.strip("…") in whole or "…" in whole
    if any(marked for _, marked in pieces):
        assert any(marked for _, marked in cut)
    assert set(marked_words(cut)) <= {
        text.casefold()[start:end]
        for text in (text for text, marked in pieces if marked)
        for start in range(len(text.casefold()))
        for end in range(start + 1, len(text.casefold()) + 1)
    }
