"""Who is there, since when, and who follows whom."""

import math
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Final, TypeVar

from samovar.app.demo.acts import Accept, Act, Follow, Join
from samovar.app.demo.clock import DAYS
from samovar.app.demo.corpus import Person

T = TypeVar("T")
#: The end, a little before now.
END: Final = DAYS - 0.002
#: So many were there on the first day.
FOUNDERS: Final = 12
#: The member whom visitors may sign in as.
GUIDE: Final = "anna"


def drawn(dice: Random, items: Iterable[T], weight: Callable[[T], float], count: int) -> list[T]:
    """Some of the items without repeating, heavier ones more likely (Efraimidis and Spirakis)."""
    keyed = [
        (dice.random() ** (1 / heft), index, item)
        for index, item in enumerate(items)
        if (heft := weight(item)) > 0
    ]
    keyed.sort(reverse=True)
    return [item for _, _, item in keyed[:count]]


class Society:
    """The members and their ties; days tell since when."""

    def __init__(self, people: Sequence[Person], dice: Random) -> None:
        self.people = people
        self._dice = dice
        self.joined = self._joins()
        #: How much of what one says is heard, and how much one says: few have much of it.
        self.appeal = {person.username: min(6.0, dice.paretovariate(1.6)) for person in people}
        self.activity = {person.username: min(5.0, dice.lognormvariate(0, 0.75)) for person in people}
        if GUIDE in self.appeal:
            self.appeal[GUIDE], self.activity[GUIDE] = 6.0, 3.0
        #: For each member whom they follow, and who follows them, since which day.
        self.following: dict[str, dict[str, float]] = {person.username: {} for person in people}
        self.followers: dict[str, dict[str, float]] = {person.username: {} for person in people}
        self.acts: list[Act] = [
            Join(day=self.joined[person.username], who=person.username, person=person) for person in people
        ]
        self._follow()

    def _joins(self) -> dict[str, float]:
        dice, days = self._dice, {}
        last = len(self.people) - 1
        for index, person in enumerate(self.people):
            if index < FOUNDERS:
                day = 0.01 + index * 0.02
            elif index >= last - 1:
                day = dice.uniform(DAYS - 3, DAYS - 0.4)
            elif dice.random() < 0.62:
                day = dice.uniform(0.3, 5)
            else:
                day = dice.uniform(5, DAYS - 4)
            days[person.username] = day
        return days

    def _follow(self) -> None:
        dice = self._dice
        for person in self.people:
            wished = 30 if person.username == GUIDE else int(min(40, max(4, dice.lognormvariate(2.55, 0.55))))
            for other in drawn(dice, self.people, self._wish_of(person), wished):
                since = max(self.joined[person.username], self.joined[other.username])
                wait = dice.expovariate(4) if dice.random() < 0.65 else dice.uniform(0, DAYS - since)
                self._tie(person, other, since + 0.01 + wait)
        for person in self.people:
            for username, since in list(self.followers[person.username].items()):
                if username not in self.following[person.username] and dice.random() < 0.5 / (
                    0.5 + self.appeal[person.username] ** 0.7
                ):
                    other = next(one for one in self.people if one.username == username)
                    self._tie(person, other, since + dice.expovariate(0.8))

    def _wish_of(self, person: Person) -> Callable[[Person], float]:
        def wish(other: Person) -> float:
            if other is person:
                return 0
            shared = sum(topic in person.topics for topic in other.topics)
            liking = self.appeal[other.username] * (0.25 + 1.6 * shared)
            if any(language in other.languages for language in person.languages):
                return liking
            return liking * (0.25 if "languages" in (*person.topics, *other.topics) else 0.04)

        return wish

    def _tie(self, person: Person, other: Person, day: float) -> None:
        """Follow, and if the other is private, be let in or not."""
        if day >= END:
            return
        one, two = person.username, other.username
        self.acts.append(Follow(day=day, who=one, whom=two))
        if other.private:
            day += self._dice.expovariate(2)
            if day >= END or self._dice.random() < 0.2:
                return
            self.acts.append(Accept(day=day, who=two, whom=one))
        self.following[one][two] = self.followers[two][one] = day

    def follows(self, who: str, whom: str, day: float) -> bool:
        """Whether one of them follows the other by then."""
        return self.following[who].get(whom, math.inf) < day

    def here(self, person: Person, day: float) -> bool:
        """Whether somebody has joined by then."""
        return self.joined[person.username] + 0.05 < day
