"""What notifications asks of other contexts, in its own words."""

from collections.abc import Collection, Mapping, Sequence

from samovar.contracts.delivery import DELIVERY, Outgoing
from samovar.contracts.graph import GRAPH, Pair, Relationship
from samovar.contracts.items import ITEMS, Card
from samovar.contracts.posts import POSTS
from samovar.contracts.profiles import PROFILES
from samovar.kernel.errors import Invalid
from samovar.kernel.peers import Peers, lazy

#: As many as the others answer for at once.
PAIRS, RELATIONS, IDS = 500, 200, 100


class Graph:
    """How people stand to each other."""

    def __init__(self, peers: Peers) -> None:
        self._api = lazy(peers, GRAPH)

    async def stands(self, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], Relationship]:
        """How the first of each pair stands to the second. For the system."""
        found: dict[tuple[int, int], Relationship] = {}
        asked = list(pairs)
        for start in range(0, len(asked), PAIRS):
            some = asked[start : start + PAIRS]
            answer = await self._api.stands(pairs=tuple(Pair(user_id=a, other_id=b) for a, b in some))
            found.update(zip(some, answer.items, strict=True))
        return found

    async def relations(self, user_ids: Sequence[int]) -> Mapping[int, Relationship]:
        """How the caller stands to these people."""
        if not user_ids:
            return {}
        answer = await self._api.relations(user_ids=tuple(user_ids[:RELATIONS]))
        return {relation.user_id: relation for relation in answer.items}


class Items:
    """Every kind of content, by its name."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self._kinds: frozenset[str] | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds there are."""
        if self._kinds is None:
            self._kinds = frozenset(self._peers.instances(ITEMS))
        return self._kinds

    async def cards(self, kind: str, ids: Sequence[int]) -> Mapping[int, Card]:
        """Those of the items that the caller may see."""
        if kind not in self.kinds or not ids:
            return {}
        found = await self._peers.get(ITEMS, kind).get_many(ids=tuple(ids[:IDS]))
        return {card.id: card for card in found.items}

    async def of_kinds(self, items: Collection[tuple[str, int]]) -> dict[tuple[str, int], Card]:
        """The same for items of several kinds: one call for each kind and hundred of them."""
        by_kind: dict[str, list[int]] = {}
        for kind, item_id in items:
            by_kind.setdefault(kind, []).append(item_id)
        found: dict[tuple[str, int], Card] = {}
        for kind, ids in by_kind.items():
            for start in range(0, len(ids), IDS):
                cards = await self.cards(kind, ids[start : start + IDS])
                found.update({(kind, item_id): card for item_id, card in cards.items()})
        return found


class People:
    """Names of people, and the language they read."""

    def __init__(self, peers: Peers) -> None:
        self._profiles = lazy(peers, PROFILES)

    async def names(self, ids: Collection[int]) -> dict[int, str]:
        """What people are called; those who are gone are left out."""
        found: dict[int, str] = {}
        asked = list(ids)
        for start in range(0, len(asked), IDS):
            page = await self._profiles.get_many(ids=tuple(asked[start : start + IDS]))
            found.update({one.id: one.display_name or one.username for one in page.items})
        return found

    async def locales(self, ids: Collection[int]) -> dict[int, str]:
        """The language that people chose for themselves."""
        found: dict[int, str] = {}
        asked = list(ids)
        for start in range(0, len(asked), IDS):
            page = await self._profiles.get_many(ids=tuple(asked[start : start + IDS]))
            found.update({one.id: one.locale for one in page.items if one.locale})
        return found


class Voters:
    """Who voted."""

    def __init__(self, peers: Peers) -> None:
        self._api = lazy(peers, POSTS)

    async def some(self, post_id: int, cursor: str) -> tuple[Sequence[int], str]:
        """Some of those who voted in a post's poll, and where to go on; empty at the end."""
        page = await self._api.voters(id=post_id, cursor=cursor, limit=IDS)
        return page.user_ids, page.next


class Delivery:
    """What takes messages to people outside."""

    def __init__(self, peers: Peers) -> None:
        self._api = lazy(peers, DELIVERY)

    async def send(self, messages: Sequence[Outgoing]) -> list[str]:
        """Hand messages over; each id is sent once. Answers the ids of those that delivery does not take:
        they hold up nobody else's."""
        refused: list[str] = []
        for start in range(0, len(messages), IDS):
            refused += await self._hand_over(messages[start : start + IDS])
        return refused

    async def _hand_over(self, messages: Sequence[Outgoing]) -> list[str]:
        try:
            await self._api.send(messages=tuple(messages))
        except Invalid:
            if len(messages) == 1:
                return [messages[0].id]
            half = len(messages) // 2
            return [*await self._hand_over(messages[:half]), *await self._hand_over(messages[half:])]
        return []

    async def allow(self, user_id: int, channel: str, categories: Sequence[str]) -> None:
        """A person wants messages of these kinds again: the few that they switched on just now."""
        for category in categories:
            await self._allow(user_id, channel, category)

    async def _allow(self, user_id: int, channel: str, category: str) -> None:
        await self._api.allow(user_id=user_id, channel=channel, category=category)
