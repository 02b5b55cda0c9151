"""Who follows, blocks and mutes whom, and who is private."""

from samovar.contracts.graph import (
    GRAPH,
    FollowAccepted,
    FollowCreated,
    FollowRemoved,
    FollowRequested,
    FollowRequestRemoved,
    PrivacyChanged,
    UserBlocked,
    UserMuted,
)
from samovar.contracts.identity import IDENTITY, UserDeleted, UserRegistered
from samovar.contracts.personal import PERSONAL
from samovar.kernel.inbox import listeners
from samovar.kernel.kit import Kit
from samovar.kernel.limiter import policy
from samovar.kernel.service import Built, Serves, Service
from samovar.services.graph import events
from samovar.services.graph.clients import Accounts
from samovar.services.graph.jobs import jobs
from samovar.services.graph.rpc import GraphRpc, PersonalRpc
from samovar.services.graph.service import GraphService
from samovar.services.graph.settings import GraphSettings


def build(kit: Kit) -> Built:
    service = GraphService(kit, Accounts(kit.peers))
    return Built(
        rpc={"graph": GraphRpc(service), "personal:graph": PersonalRpc(service)},
        listeners=listeners(events, service),
        jobs=jobs(service),
    )


SERVICE = Service(
    name="graph",
    serves=(Serves(GRAPH), Serves(PERSONAL, "graph")),
    uses=(IDENTITY,),
    emits=(
        FollowCreated,
        FollowRemoved,
        FollowRequested,
        FollowRequestRemoved,
        FollowAccepted,
        UserBlocked,
        UserMuted,
        PrivacyChanged,
    ),
    hears=(UserRegistered, UserDeleted),
    settings=GraphSettings,
    limits=lambda settings: {"follow": policy(settings.follow_burst, settings.follows_per_minute)},
    personal_data="Whom a person follows, blocks and mutes and who does so to them; their privacy choices.",
    build=build,
)
