"""Rules of the community: which texts they take notice of. Plain words, no patterns: no rule can be slow."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from samovar.kernel.errors import Invalid

#: From the mildest to the strongest.
OUTCOMES: Final = ("queue", "sensitive", "hold", "hide", "refuse")
LEVELS: Final = ("new", "basic", "trusted")
RULES: Final = 200
_MOST: Final = {"words": 500, "hosts": 200, "kinds": 20, "levels": len(LEVELS)}
_LENGTH: Final = 80
#: What is invisible and put between letters to hide a word.
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_WORD: Final = re.compile(r"\w+")
_HOST: Final = re.compile(r"[\w-]+(\.[\w-]+)+")
_LINK: Final = re.compile(r"(?:https?://|(?<![\w@.])www\.)[^\s<>\"']{1,500}", re.IGNORECASE)


class Rule(NamedTuple):
    """One rule: all that it names must be so."""

    id: int
    name: str
    kinds: Sequence[str]
    levels: Sequence[str]
    words: Sequence[str]
    hosts: Sequence[str]
    links: int
    per_hour: int
    media: bool
    outcome: str
    reason: str
    on: bool


class Sample(NamedTuple):
    """What rules are asked about."""

    kind: str
    text: str
    media: bool


class Made(NamedTuple):
    """A rule made ready: nothing of it is worked out again for each text."""

    rule: Rule
    exact: frozenset[str]
    prefixes: tuple[str, ...]
    phrases: tuple[str, ...]
    hosts: tuple[str, ...]


class Read(NamedTuple):
    """A text made ready, once for all rules."""

    words: frozenset[str]
    line: str
    hosts: tuple[str, ...]


def folded(text: str) -> str:
    """A text as it is compared: case, ё, width and invisible characters don't count."""
    return unicodedata.normalize("NFKC", text).translate(_INVISIBLE).casefold().replace("ё", "е")


def read(text: str) -> Read:
    """A text's words and the hosts that it links to."""
    plain = folded(text)
    found = _WORD.findall(plain)
    return Read(frozenset(found), f" {' '.join(found)} ", tuple(map(_host, _LINK.findall(plain))))


def _host(link: str) -> str:
    rest = link.partition("://")[2] if "://" in link else link
    rest = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2]
    return _bare(rest.partition(":")[0].strip("."))


def _bare(host: str) -> str:
    """A host without its www, unless that is all there is to it."""
    rest = host.removeprefix("www.")
    return rest if "." in rest else host


def made(rule: Rule) -> Made:
    """A rule made ready."""
    exact, prefixes, phrases = set(), [], []
    for entry in rule.words:
        plain = " ".join(_WORD.findall(folded(entry)))
        if " " in plain:
            phrases.append(f" {plain}" if entry.rstrip().endswith("*") else f" {plain} ")
        elif plain and entry.rstrip().endswith("*"):
            prefixes.append(plain)
        elif plain:
            exact.add(plain)
    hosts = tuple(_bare(folded(host)) for host in rule.hosts)
    return Made(rule, frozenset(exact), tuple(prefixes), tuple(phrases), hosts)


def concerns(rule: Made, kind: str, media: bool) -> bool:
    """Whether a rule may say anything of such an item, whoever wrote it and whatever it says."""
    one = rule.rule
    return (not one.kinds or kind in one.kinds) and (media or not one.media)


def fits(rule: Made, text: Read) -> bool:
    """Whether a text is what a rule means."""
    one = rule.rule
    if one.words and not (
        rule.exact & text.words
        or any(phrase in text.line for phrase in rule.phrases)
        or (rule.prefixes and any(word.startswith(rule.prefixes) for word in text.words))
    ):
        return False
    if rule.hosts and not any(
        host == known or host.endswith(f".{known}") for host in text.hosts for known in rule.hosts
    ):
        return False
    return len(text.hosts) >= one.links


def strongest(outcomes: Iterable[str]) -> str:
    """Of what several rules say, the strongest; empty when none said anything."""
    return max(outcomes, key=OUTCOMES.index, default="")


def checked(rule: Rule, kinds: Sequence[str], reasons: Sequence[str]) -> Rule:
    """A rule as it is stored. Raises Invalid."""
    wrong: dict[str, str] = {}
    name = " ".join(rule.name.split())
    if not 1 <= len(name) <= _LENGTH:
        wrong["name"] = "Give it a name of at most 80 characters."
    lists: dict[str, Any] = {}
    for field, most in _MOST.items():
        values = [" ".join(value.split()) for value in getattr(rule, field)]
        values = list(dict.fromkeys(value for value in values if value))
        if len(values) > most or any(len(value) > _LENGTH for value in values):
            wrong[field] = f"At most {most} entries of 80 characters."
        lists[field] = values
    if not set(lists["kinds"]) <= set(kinds):
        wrong["kinds"] = f"Choose among {', '.join(kinds)}."
    if not set(lists["levels"]) <= set(LEVELS):
        wrong["levels"] = f"Choose among {', '.join(LEVELS)}."
    if any(not _WORD.search(folded(word)) for word in lists["words"]):
        wrong["words"] = "Each entry needs a letter or a digit."
    hosts = [_host(folded(host)) for host in lists["hosts"]]
    if not all(map(_HOST.fullmatch, hosts)):
        wrong["hosts"] = "Write hosts, such as example.org."
    if not 0 <= rule.links <= 100:
        wrong["links"] = "From 0 to 100."
    if not 0 <= rule.per_hour <= 10_000:
        wrong["per_hour"] = "From 0 to 10,000."
    if rule.outcome not in OUTCOMES:
        wrong["outcome"] = f"Choose among {', '.join(OUTCOMES)}."
    if rule.reason and rule.reason not in reasons:
        wrong["reason"] = "There is no such reason."
    whole = not (lists["words"] or hosts or rule.links or rule.per_hour or rule.media)
    if whole and not lists["levels"] and rule.outcome in ("hide", "refuse"):
        wrong["outcome"] = "This would stop everything. Name words, links, a pace or members."
    if wrong:
        raise Invalid(fields=wrong)
    return rule._replace(name=name, **{**lists, "hosts": list(dict.fromkeys(hosts))})
