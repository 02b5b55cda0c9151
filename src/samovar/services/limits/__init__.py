"""How often who may do what: rules that operators change, and networks let through or kept out."""

from samovar.contracts.limits import LIMITS, NetworkListed, RuleChanged
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.limits.jobs import jobs
from samovar.services.limits.rpc import LimitsRpc
from samovar.services.limits.service import LimitsService
from samovar.services.limits.settings import LimitsSettings


def build(kit: Kit) -> Built:
    service = LimitsService(kit)
    return Built(rpc={"limits": LimitsRpc(service)}, jobs=jobs(service))


SERVICE = Service(
    name="limits",
    serves=(Serves(LIMITS),),
    emits=(RuleChanged, NetworkListed),
    settings=LimitsSettings,
    build=build,
)
