"""Timelines over every kind of content."""

from samovar.contracts.feed import FEED
from samovar.contracts.graph import GRAPH, FollowCreated, FollowRemoved
from samovar.contracts.identity import UserDeleted
from samovar.contracts.items import ItemChanged, ItemCreated, ItemRemoved, ItemShared, ItemUnshared
from samovar.contracts.personal import PERSONAL
from samovar.kernel.inbox import listeners
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.feed import events
from samovar.services.feed.clients import People
from samovar.services.feed.jobs import jobs_of
from samovar.services.feed.rpc import FeedRpc, PersonalRpc
from samovar.services.feed.service import Projection, Timelines
from samovar.services.feed.settings import FeedSettings


def build(kit: Kit) -> Built:
    projection = Projection(kit)
    timelines = Timelines(kit, People(kit.peers))
    return Built(
        rpc={"feed": FeedRpc(timelines), "personal:feed": PersonalRpc(projection)},
        listeners=listeners(events, projection),
        jobs=jobs_of(projection),
    )


SERVICE = Service(
    name="feed",
    serves=(Serves(FEED), Serves(PERSONAL, "feed")),
    uses=(GRAPH,),
    hears=(
        ItemCreated,
        ItemChanged,
        ItemRemoved,
        ItemShared,
        ItemUnshared,
        FollowCreated,
        FollowRemoved,
        UserDeleted,
    ),
    settings=FeedSettings,
    personal_data="Ids only: who brought which items, who follows whom, who is named in closed items.",
    build=build,
)
