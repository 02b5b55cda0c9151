"""What this context is for, in a sentence."""

from samovar.contracts.analytics import ANALYTICS, NoteKept
from samovar.contracts.personal import PERSONAL
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.analytics.rpc import AnalyticsRpc, PersonalRpc
from samovar.services.analytics.service import AnalyticsService


def build(kit: Kit) -> Built:
    service = AnalyticsService(kit)
    return Built(rpc={"analytics": AnalyticsRpc(service), "personal:analytics": PersonalRpc(service)})


SERVICE = Service(
    name="analytics",
    serves=(Serves(ANALYTICS), Serves(PERSONAL, "analytics")),
    emits=(NoteKept,),
    personal_data="notes",
    bulk=True,
    build=build,
)
