"""Who says what, when: the corpus spread over the members and the days."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from samovar.app.demo.acts import Edit, Pin, Write
from samovar.app.demo.clock import DAYS
from samovar.app.demo.corpus import Corpus, Line, Person, Thread, mentioned, worded
from samovar.app.demo.society import END, Society, drawn

_NONE: Final[Mapping[str, str]] = {}
#: Of all that is written, so much is threads, and so much quotes.
_THREADS, _QUOTES = 0.76, 0.025
#: Of the rest, so much is single notes; the others are short answers.
_NOTES = 0.34
#: So much is first sent with two letters in the wrong order, and corrected soon.
_SLIPS = 0.02
_WORD: Final = re.compile(r"(?<![\w@#/.])[^\W\d_]{6,}(?![\w/.@])")


@dataclass(slots=True)
class _Place:
    """Where a short answer may stand."""

    post: Write
    kinds: tuple[str, ...]
    room: int
    appeal: float
    people: set[str]
    texts: set[str]


class Talk:
    """Fills `writes` with as many posts as asked for, and what happens to some of them."""

    def __init__(self, society: Society, corpus: Corpus, count: int, dice: Random) -> None:
        self._society = society
        self._corpus = corpus
        self._dice = dice
        self._count = count
        self._by_name = {person.username: person for person in society.people}
        self._said: Counter[str] = Counter()
        self._used: Counter[str] = Counter()
        self._repeats: set[tuple[str, str]] = set()
        self._places: list[_Place] = []
        self.writes: list[Write] = []
        self.edits: list[Edit] = []
        self.pins: list[Pin] = []
        #: How well each post goes down, by its key.
        self.appeal: dict[int, float] = {}
        self._threads()
        self._quotes()
        left = count - len(self.writes)
        self._notes(len(self.writes) + round(left * _NOTES))
        self._answers()
        self._notes(count)

    # Threads

    def _threads(self) -> None:
        """Whole conversations, in a random order, until there are enough."""
        threads = list(self._corpus.threads)
        self._dice.shuffle(threads)
        budget = round(self._count * _THREADS)
        for thread in threads:
            size = sum(1 for _ in thread.root.all())
            if size <= budget:
                budget -= self._thread(thread)

    def _day(self) -> float:
        """A day to begin something: there is more of it as more people come."""
        return min(0.5 + (DAYS - 0.5) * self._dice.random() ** 0.75, END)

    def _thread(self, thread: Thread) -> int:
        """Have it said; answers how many posts it made."""
        day = self._day()
        marks = thread.root.marks
        if "day" in marks:
            day = float(marks["day"]) + self._dice.uniform(-0.1, 0.1)
        elif marks.get("who") in self._by_name:
            day = max(day, self._society.joined[marks["who"]] + 0.2)
        if day >= END:
            return 0
        cast = self._cast(thread, day)
        if cast is None:
            return 0
        before = len(self.writes)
        self._say(thread, thread.root, cast, day, None)
        made = self.writes[before:]
        for letter in dict.fromkeys(line.speaker for line in thread.root.all()):
            self._said[cast[letter].username] += 1
        self._make_room(thread, made)
        return len(made)

    def _cast(self, thread: Thread, day: float) -> dict[str, Person] | None:
        """Who the letters are; None when there are not enough people for it."""
        cast: dict[str, Person] = {}
        lines = list(thread.root.all())
        for letter in dict.fromkeys(line.speaker for line in lines):
            own = [line for line in lines if line.speaker == letter]
            person = self._actor(thread, own, cast, day)
            if person is None:
                return None
            cast[letter] = person
        return cast

    def _actor(
        self, thread: Thread, own: Sequence[Line], cast: Mapping[str, Person], day: float
    ) -> Person | None:
        society, taken = self._society, {person.username for person in cast.values()}
        languages = {line.language for line in own}
        answered = any(line.replies for line in own) or len(own) > 1
        meant = self._by_name.get(next((line.marks["who"] for line in own if "who" in line.marks), ""))
        if meant and meant.username not in taken and society.here(meant, day) and not meant.private:
            return meant
        author = cast.get("A")

        def fits(person: Person) -> bool:
            return (
                society.here(person, day)
                and person.username not in taken
                and all(language in person.languages for language in languages)
                and not (person.private and answered)
                and not any(("m" if person.woman else "f") in line.marks for line in own)
                and not any("{cat}" in line.text and not person.cat for line in own)
            )

        def weight(person: Person) -> float:
            name = person.username
            drive = society.activity[name] / (3 + self._said[name]) ** 0.5
            if author is None:
                return drive * (1 if thread.topic in person.topics else 0.001)
            ties = society.follows(name, author.username, day), society.follows(author.username, name, day)
            return drive * (0.3 + 3 * ties[0] + ties[1] + 1.5 * (thread.topic in person.topics))

        return next(iter(drawn(self._dice, filter(fits, society.people), weight, 1)), None)

    def _say(
        self, thread: Thread, line: Line, cast: Mapping[str, Person], day: float, parent: Write | None
    ) -> None:
        """One line, then its replies one after the other; what would be said after the end is not."""
        dice, marks = self._dice, line.marks
        names = {letter: person.username for letter, person in cast.items()}
        if any(letter not in names for letter in mentioned(line.text)):
            return
        text = worded(line.text, cast[line.speaker], language=thread.language, names=names, dice=dice)
        wrong, _, right = marks.get("typo", "").partition(">")
        if not marks and dice.random() < _SLIPS:
            wrong, right = _slip(text, dice)
        post = self._write(
            day=day, who=names[line.speaker], text=text.replace(right, wrong, 1) if right else text,
            language=line.language, topic=thread.topic, parent=parent.key if parent else None,
            visibility="unlisted" if "unlisted" in marks else "public", warning=marks.get("cw", ""),
            options=tuple(marks["poll"].split("|")) if "poll" in marks else (),
            poll_days=int(marks.get("days", 2)), marks=marks,
        )  # fmt: skip
        if wrong != right:
            self._edit(post, text, dice.uniform(0.004, 0.02))
        if "later" in marks:
            self._edit(post, f"{text}\n\n{marks['later']}", dice.uniform(0.5, 2))
        if "pin" in marks:
            self.pins.append(Pin(day=min(day + 0.01, END), who=post.who, key=post.key))
        at = day
        for reply in line.replies:
            own = reply.speaker == line.speaker
            at += dice.uniform(0.3, 1.3) if own else min(0.8, dice.lognormvariate(-3.9, 1.2))
            if at >= END:
                return
            self._say(thread, reply, cast, at, post)

    def _write(
        self, *, day: float, who: str, text: str, language: str, topic: str, parent: int | None = None,
        quote: int | None = None, visibility: str = "public", warning: str = "",
        options: tuple[str, ...] = (), poll_days: int = 0, marks: Mapping[str, str] = _NONE,
    ) -> Write:  # fmt: skip
        post = Write(
            day=day, who=who, key=len(self.writes), text=text, language=language, topic=topic, parent=parent,
            quote=quote, visibility=visibility, warning=warning, options=options, poll_days=poll_days,
            marks=marks,
        )  # fmt: skip
        self.writes.append(post)
        self.appeal[post.key] = self._dice.lognormvariate(0, 0.7)
        return post

    def _edit(self, post: Write, text: str, after: float) -> None:
        if post.day + after < END:
            self.edits.append(Edit(day=post.day + after, who=post.who, key=post.key, text=text))

    def _make_room(self, thread: Thread, made: Sequence[Write]) -> None:
        """Note which short answers the thread's first post can bear."""
        root = made[0]
        kinds = _kinds(root)
        if not kinds:
            return
        self._places.append(_Place(root, kinds, 4, self.appeal[root.key], {post.who for post in made}, set()))

    # Quotes, notes and short answers

    def _quotes(self) -> None:
        wished = round(self._count * _QUOTES)
        roots = [post for post in self.writes if self._quotable(post)]
        for root in drawn(self._dice, roots, lambda post: self.appeal[post.key], wished):
            day = root.day + self._dice.lognormvariate(-1.5, 1)
            kind = "passon" if "event" in root.marks else "quote"
            writer = self._passer_by(root, root.language, day, {root.who})
            if day < END and writer is not None:
                text = self._short(root.language, (kind,), writer, set())
                if text:
                    self._write(
                        day=day, who=writer.username, text=text, language=root.language, topic=root.topic,
                        quote=root.key,
                    )  # fmt: skip

    def _quotable(self, post: Write) -> bool:
        return (
            post.parent is None
            and post.visibility == "public"
            and not post.options
            and not post.text.endswith("?")
            and "sad" not in post.marks
            and not self._by_name[post.who].private
        )

    def _notes(self, until: int) -> None:
        """Single lines, until there are so many posts."""
        seen = {post.text for post in self.writes}
        attempts = 0
        while len(self.writes) < until and attempts < self._count * 20:
            attempts += 1
            language, topic, template = min(
                self._dice.sample(self._corpus.notes, 6), key=lambda note: self._used[note[2]]
            )
            day = self._day()

            def weight(person: Person, *, note: tuple[str, str, str] = (language, topic, template)) -> float:
                language, topic, template = note
                if language not in person.languages or ("{cat}" in template and not person.cat):
                    return 0
                liking = 1 if topic in person.topics else 0.001
                return self._society.activity[person.username] * liking

            here = [person for person in self._society.people if self._society.here(person, day)]
            author = next(iter(drawn(self._dice, here, weight, 1)), None)
            if author is None:
                continue
            text = worded(template, author, language=language, names={}, dice=self._dice)
            if text in seen:
                continue
            seen.add(text)
            self._used[template] += 1
            close = topic in ("table", "kids", "cats") and self._dice.random() < 0.25
            post = self._write(
                day=day, who=author.username, text=text, language=language, topic=topic,
                visibility="followers" if close else "public",
            )  # fmt: skip
            self._places.append(
                _Place(post, (topic, "share"), 2, self.appeal[post.key] * 0.7, {post.who}, set())
            )

    def _answers(self) -> None:
        """Short answers below posts that can bear them."""
        open_places = list(self._places)
        while len(self.writes) < self._count and open_places:
            place = self._dice.choices(open_places, [place.appeal for place in open_places])[0]
            place.room -= 1
            if not place.room:
                open_places.remove(place)
            self._answer(place)

    def _answer(self, place: _Place) -> None:
        post = place.post
        day = post.day + self._dice.lognormvariate(-2.6, 1.1)
        if day >= END:
            return
        writer = self._passer_by(post, post.language, day, place.people)
        if writer is None:
            return
        text = self._short(post.language, place.kinds, writer, place.texts)
        if text is None:
            return
        place.people.add(writer.username)
        self._write(
            day=day, who=writer.username, text=text, language=post.language, topic=post.topic, parent=post.key
        )

    def _passer_by(self, post: Write, language: str, day: float, but: set[str]) -> Person | None:
        """Somebody who may see a post and speaks its language, rather a follower."""

        def weight(person: Person) -> float:
            name = person.username
            if name in but or language not in person.languages or person.private:
                return 0
            follows = self._society.follows(name, post.who, day)
            return self._society.activity[name] * (0.2 + 4 * follows + (post.topic in person.topics))

        return next(iter(drawn(self._dice, self.viewers(post, day), weight, 1)), None)

    def viewers(self, post: Write, day: float) -> list[Person]:
        """Who may see a post by then, its author apart."""
        society, author = self._society, self._by_name[post.who]
        close = author.private or post.visibility == "followers"
        root = post
        while root.parent is not None:
            root = self.writes[root.parent]
            close = close or root.visibility == "followers" or self._by_name[root.who].private
        owners = {post.who, root.who} if close else set()
        may: Callable[[Person], bool] = lambda person: all(  # noqa: E731
            owner == person.username or society.follows(person.username, owner, day) for owner in owners
        )
        return [
            person
            for person in society.people
            if person is not author and society.here(person, day) and may(person)
        ]

    def _short(self, language: str, kinds: tuple[str, ...], writer: Person, taken: set[str]) -> str | None:
        """A short answer that neither this writer nor this place has had, rather a seldom one."""
        texts = [text for kind in kinds for text in self._corpus.small.get((language, kind), ())]
        fresh = [text for text in texts if text not in taken and (writer.username, text) not in self._repeats]
        if not fresh:
            return None
        few = min(self._used[text] for text in fresh)
        text = self._dice.choice([text for text in fresh if self._used[text] <= few + 1])
        self._used[text] += 1
        self._repeats.add((writer.username, text))
        taken.add(text)
        return worded(text, writer, language=language, names={}, dice=self._dice)

    def sorted_keys(self) -> None:
        """Number the posts by time, so that keys say the order."""
        order = sorted(range(len(self.writes)), key=lambda key: self.writes[key].day)
        new = {old: index for index, old in enumerate(order)}
        self.writes = [
            replace(
                self.writes[old],
                key=new[old],
                parent=None if (up := self.writes[old].parent) is None else new[up],
                quote=None if (of := self.writes[old].quote) is None else new[of],
            )
            for old in order
        ]
        self.edits = [replace(edit, key=new[edit.key]) for edit in self.edits]
        self.pins = [replace(pin, key=new[pin.key]) for pin in self.pins]
        self.appeal = {new[key]: value for key, value in self.appeal.items()}


def _slip(text: str, dice: Random) -> tuple[str, str]:
    """A word of the text as fingers in a hurry type it, and as it is; empty when there is none."""
    words = _WORD.findall(text)
    if not words:
        return "", ""
    word = dice.choice(words)
    at = dice.randrange(1, len(word) - 2)
    return f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}", word


def _kinds(root: Write) -> tuple[str, ...]:
    """Kinds of short answers that fit below a post."""
    if "plain" in root.marks:
        return ()
    for mark in ("sad", "funny", "event"):
        if mark in root.marks:
            return (mark,)
    if root.options:
        return ("poll",)
    if "ask" in root.marks:
        return ("question",)
    return () if "?" in root.text[-60:] else ("share",)
