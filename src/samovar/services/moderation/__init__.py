"""What this context is for, in a sentence."""

from samovar.contracts.moderation import MODERATION, NoteKept
from samovar.contracts.personal import PERSONAL
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.moderation.rpc import ModerationRpc, PersonalRpc
from samovar.services.moderation.service import ModerationService


def build(kit: Kit) -> Built:
    service = ModerationService(kit)
    return Built(rpc={"moderation": ModerationRpc(service), "personal:moderation": PersonalRpc(service)})


SERVICE = Service(
    name="moderation",
    serves=(Serves(MODERATION), Serves(PERSONAL, "moderation")),
    emits=(NoteKept,),
    personal_data="notes",
    build=build,
)
