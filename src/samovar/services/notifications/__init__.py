"""What people are told about: the inbox, preferences, devices and reminders."""

from samovar.contracts.notifications import NOTIFICATIONS, InboxChanged
from samovar.contracts.personal import PERSONAL
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.notifications.rpc import NotificationsRpc, PersonalRpc


def build(kit: Kit) -> Built:
    return Built(rpc={"notifications": NotificationsRpc(), "personal:notifications": PersonalRpc()})


SERVICE = Service(
    name="notifications",
    serves=(Serves(NOTIFICATIONS), Serves(PERSONAL, "notifications")),
    emits=(InboxChanged,),
    personal_data="What a person was told about and by whom, their preferences, devices and reminders.",
    build=build,
)
