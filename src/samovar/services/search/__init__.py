"""Full text over every kind of content, people and tags; what somebody may like to see."""

from samovar.contracts.graph import GRAPH, FollowCreated, FollowRemoved, PrivacyChanged
from samovar.contracts.identity import UserDeleted, UserRegistered
from samovar.contracts.items import ITEMS, ItemChanged, ItemCreated, ItemRemoved
from samovar.contracts.personal import PERSONAL
from samovar.contracts.profiles import PROFILES, ProfileUpdated
from samovar.contracts.reactions import REACTIONS, ReactionAdded
from samovar.contracts.search import SEARCH
from samovar.kernel.inbox import listeners
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.search import events
from samovar.services.search.clients import Kinds, Ties
from samovar.services.search.jobs import jobs
from samovar.services.search.rpc import PersonalRpc, SearchRpc
from samovar.services.search.service import SearchService
from samovar.services.search.settings import SearchSettings


def build(kit: Kit) -> Built:
    """Put the service together."""
    service = SearchService(kit, Kinds(kit.peers), Ties(kit.peers))
    return Built(
        rpc={"search": SearchRpc(service), "personal:search": PersonalRpc(service)},
        listeners=listeners(events, service),
        jobs=jobs(service),
        loops=(service.projector,),
    )


SERVICE = Service(
    name="search",
    serves=(Serves(SEARCH), Serves(PERSONAL, "search")),
    uses=(GRAPH, ITEMS, PROFILES, REACTIONS),
    hears=(
        ItemCreated, ItemChanged, ItemRemoved, ReactionAdded, UserRegistered, UserDeleted, ProfileUpdated,
        PrivacyChanged, FollowCreated, FollowRemoved,
    ),
    settings=SearchSettings,
    personal_data="Searches that somebody keeps; the tags they write about and like.",
    build=build,
)  # fmt: skip
