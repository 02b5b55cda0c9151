"""What people in the sample community looked at: whoever answers a post has opened it, whoever follows
somebody has been on their page, and some only read. It is told as an edge tells it."""

import random
from collections.abc import Mapping
from typing import Final

from samovar.app.demo.acts import Act, Bookmark, Follow, React, Repost, Vote, Write
from samovar.app.house import House
from samovar.contracts.analytics import ANALYTICS, Seen
from samovar.kernel.context import Call, calling

#: The most that is told at once.
_BATCH: Final = 500
#: How many strangers read along with a member who acts.
_STRANGERS: Final = (0, 0, 1, 1, 2, 3)


class Looks:
    """Gathers looks, and tells of them."""

    def __init__(self, house: House, seed: int = 5) -> None:
        self._house = house
        self._dice = random.Random(seed)
        self._seen: list[Seen] = []

    def note(self, act: Act, at: int, people: Mapping[str, int], posts: Mapping[int, int]) -> None:
        """What an act shows that its author looked at."""
        who = people.get(act.who, 0)
        match act:
            case React() | Vote() | Bookmark() | Repost():
                self._look("post", posts.get(act.key, 0), who, at)
            case Write(parent=int(parent)):
                self._look("post", posts.get(parent, 0), who, at)
            case Follow():
                self._look("person", people.get(act.whom, 0), who, at)

    def _look(self, kind: str, item_id: int, who: int, at: int) -> None:
        for actor in (who, *[0] * self._dice.choice(_STRANGERS)):
            self._add("viewed", kind, item_id, actor, at)
        if kind == "post" and self._dice.random() < 0.04:
            self._add("clicked", kind, item_id, who, at)

    def _add(self, name: str, kind: str, item_id: int, actor: int, at: int) -> None:
        if item_id:
            self._seen.append(
                Seen(id=self._house.ids(), name=name, at=at, actor_id=actor, kind=kind, item_id=item_id)
            )

    async def tell(self) -> None:
        """Tell of all that was noted."""
        seen, self._seen = self._seen, []
        analytics = self._house.peers.get(ANALYTICS)
        with calling(Call(caller="edge", system=True)):
            for start in range(0, len(seen), _BATCH):
                await analytics.record(seen=tuple(seen[start : start + _BATCH]))
