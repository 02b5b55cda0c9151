"""How rules read a text, for any text."""

from hypothesis import given
from hypothesis import strategies as st

from samovar.services.moderation.domain.rules import Rule, fits, folded, made, read, strongest

LETTERS = "abcdefghijklmnopqrstuvwxyzABCXYZäöüéñабвгдеёжзийклмнопрстуфхцчшщъыьэюяАБЁЯґіїў"
WORDS = st.text(st.sampled_from(LETTERS), min_size=1, max_size=12)
TEXTS = st.text(max_size=300)


def rule(**more: object) -> Rule:
    nothing = Rule(1, "A rule", [], [], [], [], 0, 0, False, "queue", "", True)
    return nothing._replace(**more)


@given(
    word=WORDS,
    before=st.sampled_from(["", "a ", "(", "«", "!\n"]),
    after=st.sampled_from(["", " b", ")", "»", "?"]),
)
def test_a_word_is_found_wherever_it_stands_in_any_case(word: str, before: str, after: str) -> None:
    for form in (word, word.upper(), word.lower()):
        assert fits(made(rule(words=[word])), read(f"{before}{form}{after}"))


@given(word=WORDS, tail=WORDS)
def test_a_star_stands_for_any_ending_and_without_it_for_none(word: str, tail: str) -> None:
    text = read(f"x {word}{tail} y")
    assert fits(made(rule(words=[f"{word}*"])), text)
    whole = folded(word + tail)
    if whole != folded(word) and folded(word) not in (folded("x"), folded("y")):
        assert not fits(made(rule(words=[word])), text)


@given(word=WORDS, hidden=st.sampled_from(["\u200b", "\u00ad", "\u2060", "\ufeff"]))
def test_invisible_characters_hide_no_word(word: str, hidden: str) -> None:
    assert fits(made(rule(words=[word])), read(hidden.join(word)))


@given(text=TEXTS)
def test_no_text_breaks_a_rule_and_an_empty_rule_takes_all(text: str) -> None:
    known = read(text)
    assert fits(made(rule()), known)
    for one in (rule(words=["tea", "hot tea*"]), rule(hosts=["example.org"]), rule(links=1)):
        fits(made(one), known)
    assert fits(made(rule(links=1)), known) == bool(known.hosts)


@given(
    host=st.from_regex(r"[a-z]{1,8}\.(org|example)", fullmatch=True),
    path=st.sampled_from(["", "/", "/a?b", "#c"]),
)
def test_links_are_found_by_their_hosts_and_what_is_below_them(host: str, path: str) -> None:
    one = made(rule(hosts=[host]))
    for address in (f"https://{host}{path}", f"HTTP://shop.{host.upper()}:8080{path}", f"www.{host}{path}"):
        assert fits(one, read(f"see {address} now")), address
    for other in (f"https://not{host}{path}", f"https://{host}.elsewhere.test{path}"):
        assert not fits(one, read(other)), other
    # What stands before an @ is a name, not the host.
    assert not fits(one, read(f"https://{host}@elsewhere.test/"))


def test_letters_that_look_the_same_are_the_same() -> None:
    one = made(rule(words=["ёлка", "straße"]))
    for text in ("елка", "ЁЛКА", "STRASSE", "ｓｔｒａßｅ"):
        assert fits(one, read(text)), text


def test_phrases_are_words_that_follow_each_other() -> None:
    one = made(rule(words=["hot tea"]))
    assert fits(one, read("Hot,  TEA!"))
    assert not fits(one, read("hot green tea"))
    assert not fits(one, read("shot tea"))
    assert fits(made(rule(words=["hot tea*"])), read("hot teapots"))


def test_the_strongest_outcome() -> None:
    assert strongest([]) == ""
    assert strongest(["queue", "refuse", "hold"]) == "refuse"


def test_www_is_not_all_of_a_host() -> None:
    one = made(rule(hosts=["www.org"]))
    assert fits(one, read("https://www.org/"))
    assert not fits(one, read("https://kettle.org/"))
