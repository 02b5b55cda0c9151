"""Reactions on any item: one per person and item, of a configured set of types."""

from samovar.contracts.graph import GRAPH
from samovar.contracts.identity import UserDeleted
from samovar.contracts.items import ITEMS, ItemRemoved
from samovar.contracts.personal import PERSONAL
from samovar.contracts.reactions import REACTIONS, ReactionAdded, ReactionRemoved
from samovar.kernel.inbox import listeners
from samovar.kernel.kit import Kit
from samovar.kernel.limiter import policy
from samovar.kernel.service import Built, Serves, Service
from samovar.services.reactions import events
from samovar.services.reactions.clients import Graph, Items
from samovar.services.reactions.jobs import jobs
from samovar.services.reactions.rpc import PersonalRpc, ReactionsRpc
from samovar.services.reactions.service import ReactionsService
from samovar.services.reactions.settings import Settings


def build(kit: Kit) -> Built:
    """Put the service together."""
    service = ReactionsService(kit, Items(kit.peers), Graph(kit.peers))
    return Built(
        rpc={"reactions": ReactionsRpc(service), "personal:reactions": PersonalRpc(service)},
        listeners=listeners(events, service),
        jobs=jobs(service),
    )


SERVICE = Service(
    name="reactions",
    serves=(Serves(REACTIONS), Serves(PERSONAL, "reactions")),
    uses=(GRAPH, ITEMS),
    emits=(ReactionAdded, ReactionRemoved),
    hears=(ItemRemoved, UserDeleted),
    settings=Settings,
    limits=lambda settings: {"react": policy(settings.react_burst, settings.react_per_minute)},
    personal_data="Who reacted to what, how and when.",
    build=build,
)
