"""What this context is for, in a sentence."""

from samovar.contracts.logs import LOGS, NoteKept
from samovar.contracts.personal import PERSONAL
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.logs.rpc import LogsRpc, PersonalRpc
from samovar.services.logs.service import LogsService


def build(kit: Kit) -> Built:
    service = LogsService(kit)
    return Built(rpc={"logs": LogsRpc(service), "personal:logs": PersonalRpc(service)})


SERVICE = Service(
    name="logs",
    serves=(Serves(LOGS), Serves(PERSONAL, "logs")),
    emits=(NoteKept,),
    personal_data="notes",
    bulk=True,
    build=build,
)
