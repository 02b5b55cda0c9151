"""What people do about posts: reactions, votes, reposts, bookmarks."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from samovar.app.demo.acts import Act, Bookmark, React, Repost, Vote, Write
from samovar.app.demo.corpus import Person
from samovar.app.demo.society import END, GUIDE, Society, drawn
from samovar.app.demo.talk import Talk

#: Which reactions are given to what, with how often.
_MOODS: Final[Mapping[str, Mapping[str, int]]] = {
    "sad": {"sad": 5, "like": 4, "thanks": 1},
    "warm": {"like": 7, "thanks": 3},
    "funny": {"laugh": 8, "like": 3},
    "event": {"like": 6, "thanks": 5},
    "info": {"like": 5, "thanks": 6},
    "pin": {"like": 6, "thanks": 4, "wow": 1},
    "": {"like": 15, "laugh": 3, "thanks": 2, "wow": 1},
}


class Echo:
    """Fills `acts`."""

    def __init__(self, society: Society, talk: Talk, dice: Random) -> None:
        self._society = society
        self._talk = talk
        self._dice = dice
        self._by_name = talk.by_name
        self.acts: list[Act] = []
        scale = min(1.0, len(society.people) / 40)
        for post in talk.writes:
            heard = talk.appeal[post.key] * (0.6 + society.appeal[post.who] / 4) * scale
            self._reactions(post, heard * (4.2 if post.parent is None else 1.0))
            if post.options:
                self._votes(post, heard)
            if post.parent is None and self._open(post):
                self._shares(post, heard)

    def _some(self, expected: float) -> int:
        """A number around what is expected, now and then a much larger one."""
        return int(self._dice.gammavariate(1.3, expected / 1.3) + 0.5)

    def _open(self, post: Write) -> bool:
        return post.visibility == "public" and not self._by_name[post.who].private

    def _liking(self, post: Write) -> Callable[[Person], float]:
        def weight(person: Person) -> float:
            name = person.username
            follows = self._society.follows(name, post.who, post.day + 0.5)
            if post.language not in person.languages and not follows:
                return 0
            reads = 1 if post.language in person.languages else 0.15
            return self._society.activity[name] * reads * (0.2 + 4 * follows + (post.topic in person.topics))

        return weight

    def _reactions(self, post: Write, expected: float) -> None:
        dice = self._dice
        mood = next((mark for mark in _MOODS if mark and mark in post.marks), "")
        types = _MOODS[mood]
        people = drawn(dice, self._talk.viewers(post, post.day), self._liking(post), self._some(expected))
        for person in people:
            day = post.day + dice.lognormvariate(-2.3, 1.3)
            if day < END:
                kind = dice.choices(list(types), list(types.values()))[0]
                self.acts.append(React(day=day, who=person.username, key=post.key, type=kind))

    def _votes(self, post: Write, heard: float) -> None:
        dice = self._dice
        liking = [dice.uniform(0.3, 3) for _ in post.options]
        for person in drawn(
            dice, self._talk.viewers(post, post.day), self._liking(post), 6 + self._some(heard * 9)
        ):
            day = post.day + dice.uniform(0.01, post.poll_days - 0.2) * dice.random()
            if day < END and post.language in person.languages:
                choice = dice.choices(range(len(post.options)), liking)[0]
                self.acts.append(Vote(day=day, who=person.username, key=post.key, choices=(choice,)))

    def _shares(self, post: Write, heard: float) -> None:
        dice = self._dice
        viewers = self._talk.viewers(post, post.day)
        for expected, make in ((0.3, Repost), (0.28, Bookmark)):
            for person in drawn(dice, viewers, self._liking(post), self._some(heard * expected)):
                day = post.day + dice.lognormvariate(-1.6, 1.2)
                private = person.private and make is Repost
                if day < END and post.language in person.languages and not private:
                    self.acts.append(make(day=day, who=person.username, key=post.key))
        guide = self._by_name.get(GUIDE)
        if guide and post.who != GUIDE and post.topic in guide.topics and dice.random() < 0.04:
            day = max(post.day, self._society.joined[GUIDE]) + 0.3
            known = any(
                isinstance(act, Bookmark) and act.who == GUIDE and act.key == post.key
                for act in self.acts[-40:]
            )
            if day < END and not known:
                self.acts.append(Bookmark(day=day, who=GUIDE, key=post.key))
