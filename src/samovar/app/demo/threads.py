"""The corpus's conversations, each with members for its letters and a day to begin."""

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

from samovar.app.demo.acts import Pin, Write
from samovar.app.demo.corpus import Line, Person, Thread, mentioned, worded
from samovar.app.demo.society import END, drawn
from samovar.app.demo.tags import tagged
from samovar.app.demo.talk import Talk

#: So much is first sent with two letters in the wrong order, and corrected soon.
_SLIPS: Final = 0.02
_WORD: Final = re.compile(r"(?<![\w@#/.])[^\W\d_]{6,}(?![\w/.@])")


class Threads:
    """Has as many of the conversations as fit into a number of posts."""

    def __init__(self, talk: Talk, threads: Sequence[Thread], budget: int) -> None:
        self._talk = talk
        self._society = talk.society
        self._dice = talk.dice
        order = list(threads)
        self._dice.shuffle(order)
        for thread in order:
            if sum(1 for _ in thread.root.all()) <= budget:
                budget -= self._hold(thread)

    def _hold(self, thread: Thread) -> int:
        """Have it said; answers how many posts it made."""
        talk, marks, day = self._talk, thread.root.marks, self._talk.a_day()
        if "day" in marks:
            day = float(marks["day"]) + self._dice.uniform(-0.1, 0.1)
        elif marks.get("who") in talk.by_name:
            day = max(day, self._society.joined[marks["who"]] + 0.2)
        cast = self._cast(thread, day) if day < END else None
        if cast is None:
            return 0
        before = len(talk.writes)
        self._say(thread, thread.root, cast, day, None)
        for person in cast.values():
            talk.said[person.username] += 1
        return len(talk.writes) - before

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
        society, said, author = self._society, self._talk.said, cast.get("A")
        taken = {person.username for person in cast.values()}
        languages = {line.language for line in own}
        answered = any(line.replies for line in own) or len(own) > 1
        meant = self._talk.by_name.get(next((line.marks["who"] for line in own if "who" in line.marks), ""))
        if meant and meant.username not in taken and society.here(meant, day) and not meant.private:
            return meant

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
            name, knows = person.username, thread.topic in person.topics
            drive = society.activity[name] / float((3 + said[name]) ** 0.5)
            if author is None:
                return drive * (1 if knows else 0.001)
            follows = society.follows(name, author.username, day)
            followed = society.follows(author.username, name, day)
            return drive * (0.3 + 3 * follows + followed + 1.5 * knows)

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
        if parent is None:
            text = tagged(text, thread.language, thread.topic, dice)
        wrong, _, right = marks.get("typo", "").partition(">")
        if not marks and dice.random() < _SLIPS:
            wrong, right = _slip(text, dice)
        post = self._talk.write(
            day=day, who=names[line.speaker], text=text.replace(right, wrong, 1) if right else text,
            language=line.language, topic=thread.topic, parent=parent.key if parent else None,
            visibility="unlisted" if "unlisted" in marks else "public", warning=marks.get("cw", ""),
            options=tuple(marks["poll"].split("|")) if "poll" in marks else (),
            poll_days=int(marks.get("days", 2)), marks=marks,
        )  # fmt: skip
        if wrong != right:
            self._talk.edit(post, text, dice.uniform(0.004, 0.02))
        if "later" in marks:
            self._talk.edit(post, f"{text}\n\n{marks['later']}", dice.uniform(0.5, 2))
        if "pin" in marks:
            self._talk.pins.append(Pin(day=min(day + 0.01, END), who=post.who, key=post.key))
        at = day
        for reply in line.replies:
            # Whoever adds to their own words has had time to do something in between.
            own = reply.speaker == line.speaker
            at += dice.uniform(0.3, 1.3) if own else min(0.8, dice.lognormvariate(-3.9, 1.2))
            if at >= END:
                return
            self._say(thread, reply, cast, at, post)


def _slip(text: str, dice: Random) -> tuple[str, str]:
    """A word of the text as fingers in a hurry type it, and as it is; empty when there is none."""
    words = _WORD.findall(text)
    if not words:
        return "", ""
    word = dice.choice(words)
    at = dice.randrange(1, len(word) - 2)
    return f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}", word
