"""Figures: what happened, how often, and to whose things; for operators and for authors."""

from samovar.contracts.analytics import ANALYTICS
from samovar.contracts.items import ITEMS
from samovar.contracts.personal import PERSONAL
from samovar.kernel.inbox import listeners
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.analytics import events
from samovar.services.analytics.jobs import jobs
from samovar.services.analytics.rpc import AnalyticsRpc, PersonalRpc
from samovar.services.analytics.service import AnalyticsService
from samovar.services.analytics.settings import AnalyticsSettings


def build(kit: Kit) -> Built:
    """Put the service together."""
    service = AnalyticsService(kit)
    return Built(
        rpc={"analytics": AnalyticsRpc(service), "personal:analytics": PersonalRpc(service)},
        listeners=listeners(events, service),
        jobs=jobs(service),
        loops=(service.gathering,),
    )


SERVICE = Service(
    name="analytics",
    serves=(Serves(ANALYTICS), Serves(PERSONAL, "analytics")),
    uses=(ITEMS,),
    hears=tuple(events.TELLS),
    settings=AnalyticsSettings,
    personal_data="Facts of what a person did and looked at, and the figures files they asked for.",
    bulk=True,
    build=build,
)
