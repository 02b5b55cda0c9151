"""What feed needs of graph: how a viewer stands to those who bring lines."""

from collections.abc import Iterable, Mapping

from samovar.contracts.graph import GRAPH, Relationship
from samovar.kernel.peers import Peers, lazy

#: As many as graph answers for at once.
MOST = 200


class People:
    """How people stand to each other."""

    def __init__(self, peers: Peers) -> None:
        self._graph = lazy(peers, GRAPH)

    async def relations(self, user_ids: Iterable[int]) -> Mapping[int, Relationship]:
        """How the caller stands to each of these people, at most 200; the rest is left out."""
        asked = tuple(user_ids)[:MOST]
        if not asked:
            return {}
        answer = await self._graph.relations(user_ids=asked)
        return {relation.user_id: relation for relation in answer.items}
