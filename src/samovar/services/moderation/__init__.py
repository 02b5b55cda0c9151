"""Reports, cases, decisions, appeals, rules, and the log of who did what."""

from samovar.contracts.delivery import DELIVERY
from samovar.contracts.identity import IDENTITY
from samovar.contracts.items import ITEMS, ItemJudged
from samovar.contracts.moderation import MODERATION, DecisionMade, ReportMade
from samovar.contracts.notifications import NOTIFICATIONS
from samovar.contracts.personal import PERSONAL
from samovar.contracts.profiles import PROFILES
from samovar.kernel.inbox import listeners
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.moderation import events
from samovar.services.moderation.jobs import jobs_of
from samovar.services.moderation.rpc import ModerationRpc, PersonalRpc
from samovar.services.moderation.service import ModerationService
from samovar.services.moderation.settings import Settings


def build(kit: Kit) -> Built:
    """Put the service together."""
    service = ModerationService(kit)
    return Built(
        rpc={"moderation": ModerationRpc(service), "personal:moderation": PersonalRpc(service)},
        listeners=listeners(events, service),
        jobs=jobs_of(service),
    )


SERVICE = Service(
    name="moderation",
    serves=(Serves(MODERATION), Serves(PERSONAL, "moderation")),
    uses=(ITEMS, IDENTITY, PROFILES, NOTIFICATIONS, DELIVERY),
    emits=(ReportMade, DecisionMade),
    hears=(ItemJudged,),
    settings=Settings,
    personal_data="Reports by and about a person, evidence, decisions, appeals, notes; ids in the log.",
    build=build,
)
