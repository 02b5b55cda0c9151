"""What each person is told while it happens: a numbered log each, and signals that wake the edges."""

from samovar.contracts.graph import GRAPH, FollowCreated, FollowRemoved, UserBlocked
from samovar.contracts.identity import UserDeleted
from samovar.contracts.items import (
    ITEMS,
    ItemChanged,
    ItemCreated,
    ItemRemoved,
    ItemShared,
    ItemUnshared,
)
from samovar.contracts.notifications import InboxChanged
from samovar.contracts.personal import PERSONAL
from samovar.contracts.posts import PollEnded
from samovar.contracts.reactions import ReactionAdded, ReactionRemoved
from samovar.contracts.realtime import REALTIME
from samovar.kernel.inbox import listeners
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.realtime import events
from samovar.services.realtime.clients import Graph, Items
from samovar.services.realtime.jobs import jobs_of
from samovar.services.realtime.rpc import PersonalRpc, RealtimeRpc
from samovar.services.realtime.service import Heard, Logs, Places
from samovar.services.realtime.settings import Settings


def build(kit: Kit) -> Built:
    graph = Graph(kit.peers)
    logs = Logs(kit, graph)
    places = Places(kit, Items(kit.peers), graph)
    return Built(
        rpc={"realtime": RealtimeRpc(logs, places), "personal:realtime": PersonalRpc(logs)},
        listeners=listeners(events, Heard(kit, logs)),
        jobs=jobs_of(logs),
    )


SERVICE = Service(
    name="realtime",
    serves=(Serves(REALTIME), Serves(PERSONAL, "realtime")),
    uses=(GRAPH, ITEMS),
    hears=(
        ItemCreated,
        ItemChanged,
        ItemRemoved,
        ItemShared,
        ItemUnshared,
        ReactionAdded,
        ReactionRemoved,
        PollEnded,
        InboxChanged,
        FollowCreated,
        FollowRemoved,
        UserBlocked,
        UserDeleted,
    ),
    settings=Settings,
    personal_data="Ids only: what somebody was told of lately, whom they follow, when they were here.",
    build=build,
)
