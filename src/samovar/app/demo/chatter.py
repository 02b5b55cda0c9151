"""What is said beside the conversations: quotes, single notes, short answers."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from samovar.app.demo.acts import Write
from samovar.app.demo.corpus import Corpus, Person, worded
from samovar.app.demo.society import END, drawn
from samovar.app.demo.tags import tagged
from samovar.app.demo.talk import Talk

#: Of all that is written, so much is quotes.
_QUOTES: Final = 0.025
#: Of what is left to write, so much is single notes; the others are short answers.
_NOTES: Final = 0.34
#: Topics of which people sometimes write for their followers only.
_CLOSE: Final = ("table", "kids", "cats")


@dataclass(slots=True)
class _Place:
    """Where short answers may stand."""

    post: Write
    kinds: tuple[str, ...]
    #: How many more.
    room: int
    appeal: float
    people: set[str]
    texts: set[str]


class Chatter:
    """Brings what has been said to a number of posts."""

    def __init__(self, talk: Talk, corpus: Corpus, count: int) -> None:
        self._talk = talk
        self._society = talk.society
        self._corpus = corpus
        self._dice = talk.dice
        self._used: Counter[str] = Counter()
        self._repeats: set[tuple[str, str]] = set()
        self._places = self._below_threads()
        self._quotes(round(count * _QUOTES))
        self._notes(len(talk.writes) + round((count - len(talk.writes)) * _NOTES))
        self._answers(count)
        self._notes(count)

    def _below_threads(self) -> list[_Place]:
        people: dict[int, set[str]] = {}
        roots: dict[int, int] = {}
        for post in self._talk.writes:
            root = roots[post.key] = post.key if post.parent is None else roots[post.parent]
            people.setdefault(root, set()).add(post.who)
        return [
            _Place(post, kinds, 4, self._talk.appeal[post.key], people[post.key], set())
            for post in self._talk.writes
            if post.parent is None and (kinds := _kinds(post))
        ]

    def _quotes(self, wished: int) -> None:
        roots = [post for post in self._talk.writes if self._quotable(post)]
        for root in drawn(self._dice, roots, lambda post: self._talk.appeal[post.key], wished):
            day = root.day + self._dice.lognormvariate(-1.5, 1)
            kind = "passon" if "event" in root.marks else "quote"
            writer = self._passer_by(root, day, {root.who}) if day < END else None
            text = self._short(root.language, (kind,), writer, set()) if writer else None
            if writer and text:
                self._talk.write(
                    day=day, who=writer.username, text=text, language=root.language, topic=root.topic,
                    quote=root.key,
                )  # fmt: skip

    def _quotable(self, post: Write) -> bool:
        return (
            post.parent is None
            and post.visibility == "public"
            and not post.options
            and not post.text.endswith("?")
            and not any(mark in post.marks for mark in ("sad", "info", "plain"))
            and not self._talk.by_name[post.who].private
        )

    def _notes(self, until: int) -> None:
        """Single lines, until there are so many posts."""
        talk, seen = self._talk, {post.text for post in self._talk.writes}
        for _ in range((until - len(talk.writes)) * 10):
            if len(talk.writes) >= until:
                return
            few = self._dice.sample(self._corpus.notes, 6)
            language, topic, template = min(few, key=lambda note: self._used[note[2]])
            day = talk.a_day()
            author = self._noter(language, topic, template, day)
            if author is None:
                continue
            text = worded(template, author, language=language, names={}, dice=self._dice)
            if text in seen:
                continue
            seen.add(text)
            self._used[template] += 1
            text = tagged(text, language, topic, self._dice)
            close = topic in _CLOSE and self._dice.random() < 0.25
            post = talk.write(
                day=day, who=author.username, text=text, language=language, topic=topic,
                visibility="followers" if close else "public",
            )  # fmt: skip
            appeal = talk.appeal[post.key] * 0.7
            self._places.append(_Place(post, (topic,), 2, appeal, {post.who}, set()))

    def _noter(self, language: str, topic: str, template: str, day: float) -> Person | None:
        def weight(person: Person) -> float:
            if language not in person.languages or ("{cat}" in template and not person.cat):
                return 0
            return self._society.activity[person.username] * (1 if topic in person.topics else 0.001)

        here = [person for person in self._society.people if self._society.here(person, day)]
        return next(iter(drawn(self._dice, here, weight, 1)), None)

    def _answers(self, until: int) -> None:
        """Short answers below posts that can bear them."""
        places = list(self._places)
        while len(self._talk.writes) < until and places:
            place = self._dice.choices(places, [place.appeal for place in places])[0]
            place.room -= 1
            if not place.room:
                places.remove(place)
            self._answer(place)

    def _answer(self, place: _Place) -> None:
        post = place.post
        day = post.day + self._dice.lognormvariate(-2.6, 1.1)
        writer = self._passer_by(post, day, place.people) if day < END else None
        text = self._short(post.language, place.kinds, writer, place.texts) if writer else None
        if writer and text:
            place.people.add(writer.username)
            self._talk.write(
                day=day, who=writer.username, text=text, language=post.language, topic=post.topic,
                parent=post.key,
            )  # fmt: skip

    def _passer_by(self, post: Write, day: float, but: set[str]) -> Person | None:
        """Somebody who may see a post and speaks its language, rather a follower."""

        def weight(person: Person) -> float:
            name = person.username
            if name in but or post.language not in person.languages or person.private:
                return 0
            follows = self._society.follows(name, post.who, day)
            return self._society.activity[name] * (0.2 + 4 * follows + (post.topic in person.topics))

        return next(iter(drawn(self._dice, self._talk.viewers(post, day), weight, 1)), None)

    def _short(self, language: str, kinds: tuple[str, ...], writer: Person, taken: set[str]) -> str | None:
        """A short text that neither this writer nor this place has had, rather a seldom one."""
        texts = [text for kind in kinds for text in self._corpus.small.get((language, kind), ())]
        name = writer.username
        fresh = [text for text in texts if text not in taken and (name, text) not in self._repeats]
        if not fresh:
            return None
        few = min(self._used[text] for text in fresh)
        text = self._dice.choice([text for text in fresh if self._used[text] <= few + 1])
        self._used[text] += 1
        self._repeats.add((name, text))
        taken.add(text)
        return worded(text, writer, language=language, names={}, dice=self._dice)


def _kinds(root: Write) -> tuple[str, ...]:
    """Kinds of short answers that fit below a post."""
    if "plain" in root.marks:
        return ()
    if "event" in root.marks:
        return ("event", "info")
    for mark in ("sad", "funny", "info"):
        if mark in root.marks:
            return (mark,)
    if root.options:
        return ("poll",)
    if "ask" in root.marks:
        return ("question",)
    return () if "?" in root.text[-60:] else ("share",)
