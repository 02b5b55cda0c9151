"""What has been said so far, and who may see it."""

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Final

from samovar.app.demo.acts import Edit, Pin, Write
from samovar.app.demo.clock import DAYS
from samovar.app.demo.corpus import Person
from samovar.app.demo.society import END, Society

#: So much begins in the last hours before the end.
_JUST_NOW: Final = 0.025
_NONE: Final[Mapping[str, str]] = {}


class Talk:
    """Posts with what happens to some of them; threads and chatter add to it."""

    def __init__(self, society: Society, dice: Random) -> None:
        self.society = society
        self.dice = dice
        self.by_name = {person.username: person for person in society.people}
        self.writes: list[Write] = []
        self.edits: list[Edit] = []
        self.pins: list[Pin] = []
        #: How well each post goes down, by its key.
        self.appeal: dict[int, float] = {}
        #: In how many threads each member has spoken.
        self.said: Counter[str] = Counter()

    def a_day(self) -> float:
        """A day to begin something: there is more of it as more people come, and always some just now."""
        if self.dice.random() < _JUST_NOW:
            return self.dice.uniform(DAYS - 0.12, END)
        return min(0.5 + (DAYS - 0.5) * float(self.dice.random() ** 0.75), END)

    def write(
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
        self.appeal[post.key] = self.dice.lognormvariate(0, 0.7)
        return post

    def edit(self, post: Write, text: str, after: float) -> None:
        """Change it that many days later, if the story still lasts then."""
        if post.day + after < END:
            self.edits.append(Edit(day=post.day + after, who=post.who, key=post.key, text=text))

    def viewers(self, post: Write, day: float) -> list[Person]:
        """Who may see a post by then, its author apart."""
        society, author = self.society, self.by_name[post.who]
        owners: set[str] = set()
        above: Write | None = post
        while above is not None:
            if above.visibility == "followers":
                # What answers it is shown to the answering one's own followers only.
                owners |= {above.who, post.who}
            elif self.by_name[above.who].private:
                owners.add(above.who)
            above = None if above.parent is None else self.writes[above.parent]
        return [
            person
            for person in society.people
            if person is not author
            and society.here(person, day)
            and all(
                owner == person.username or society.follows(person.username, owner, day) for owner in owners
            )
        ]
