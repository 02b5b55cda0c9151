"""What this context is for, in a sentence."""

from samovar.contracts.limits import LIMITS, NoteKept
from samovar.contracts.personal import PERSONAL
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.limits.rpc import LimitsRpc, PersonalRpc
from samovar.services.limits.service import LimitsService


def build(kit: Kit) -> Built:
    service = LimitsService(kit)
    return Built(rpc={"limits": LimitsRpc(service), "personal:limits": PersonalRpc(service)})


SERVICE = Service(
    name="limits",
    serves=(Serves(LIMITS), Serves(PERSONAL, "limits")),
    emits=(NoteKept,),
    personal_data="notes",
    build=build,
)
