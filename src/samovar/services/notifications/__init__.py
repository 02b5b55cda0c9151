"""What people are told about: the inbox, preferences, devices and reminders."""

from samovar.contracts.delivery import DELIVERY, AddressGone, Resubscribed, Unsubscribed
from samovar.contracts.graph import (
    GRAPH,
    FollowAccepted,
    FollowCreated,
    FollowRemoved,
    FollowRequested,
    FollowRequestRemoved,
    UserBlocked,
    UserMuted,
)
from samovar.contracts.identity import UserDeleted
from samovar.contracts.items import ITEMS, ItemRemoved, ItemShared, ItemUnshared
from samovar.contracts.notifications import NOTIFICATIONS, InboxChanged
from samovar.contracts.personal import PERSONAL
from samovar.contracts.posts import POSTS, PollEnded, PostCreated, PostEdited
from samovar.contracts.profiles import PROFILES
from samovar.contracts.reactions import ReactionAdded, ReactionRemoved
from samovar.kernel.inbox import listeners
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.notifications import events
from samovar.services.notifications.jobs import jobs
from samovar.services.notifications.rpc import NotificationsRpc, PersonalRpc
from samovar.services.notifications.service import NotificationsService
from samovar.services.notifications.settings import Settings


def build(kit: Kit) -> Built:
    """Put the service together."""
    service = NotificationsService(kit)
    return Built(
        rpc={"notifications": NotificationsRpc(service), "personal:notifications": PersonalRpc(service)},
        listeners=listeners(events, service),
        jobs=jobs(service),
    )


SERVICE = Service(
    name="notifications",
    serves=(Serves(NOTIFICATIONS), Serves(PERSONAL, "notifications")),
    uses=(DELIVERY, GRAPH, ITEMS, POSTS, PROFILES),
    emits=(InboxChanged,),
    hears=(
        FollowCreated, FollowRemoved, FollowRequested, FollowRequestRemoved, FollowAccepted,
        UserBlocked, UserMuted, UserDeleted, PostCreated, PostEdited, PollEnded, ItemShared, ItemUnshared,
        ItemRemoved, ReactionAdded, ReactionRemoved, AddressGone, Unsubscribed, Resubscribed,
    ),
    settings=Settings,
    personal_data="What a person was told about and by whom, their preferences, devices and reminders.",
    build=build,
)  # fmt: skip
