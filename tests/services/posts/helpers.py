"""Shorthands for tests that need posts."""

from collections.abc import Sequence
from typing import Any

from samovar.contracts.common import Scope
from samovar.contracts.posts import Post
from samovar.kernel.contract import Event, decode
from samovar.kernel.outbox import Envelope
from tests.world import Person, World


async def write(person: Person, text: str = "Tea is ready", scope: Scope = Scope.PUBLIC, **more: Any) -> Post:
    """Have a person publish a post."""
    return await person.posts.create(text=text, visibility=scope, **{"language": "en"} | more)


async def seen(person: Person, *posts: Post) -> list[int]:
    """Which of these posts a person sees, by their places in the arguments."""
    found = await person.posts.get_many(ids=tuple(post.id for post in posts))
    ids = [post.id for post in posts]
    return [ids.index(post.id) for post in found.items]


async def fresh(person: Person, post: Post) -> Post:
    """A post as it is now for a person."""
    return (await person.posts.get_many(ids=(post.id,))).items[0]


async def befriend(follower: Person, *people: Person) -> None:
    """Have somebody follow people, who may be private."""
    for person in people:
        await follower.graph.follow(user_id=person.id)
        privacy = await person.graph.get_privacy()
        if privacy.private:
            await person.graph.accept(user_id=follower.id)


class Ear:
    """Another service's listener: remembers events of some types, each once."""

    def __init__(self, world: World, *types: type[Event]) -> None:
        self._types = {kind.TYPE: kind for kind in types}
        self._taken: set[int] = set()
        self.heard: list[Any] = []
        types = frozenset(self._types)
        sources = [
            service.name for service in world.house.services if types & {e.TYPE for e in service.emits}
        ]
        world.house.backends.bus.subscribe("ear", types, frozenset(sources), self._take)

    async def _take(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            if envelope.type in self._types and envelope.id not in self._taken:
                self._taken.add(envelope.id)
                self.heard.append(decode(envelope.payload, self._types[envelope.type]))

    def of(self, kind: type[Event]) -> list[Any]:
        """What was heard of one type."""
        return [event for event in self.heard if type(event) is kind]
