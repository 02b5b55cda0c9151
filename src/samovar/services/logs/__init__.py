"""The community's recent logs: kept within bounds, and found again by those who run it."""

from samovar.contracts.logs import LOGS
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.logs.jobs import jobs
from samovar.services.logs.rpc import LogsRpc
from samovar.services.logs.service import LogsService
from samovar.services.logs.settings import LogsSettings


def build(kit: Kit) -> Built:
    service = LogsService(kit)
    return Built(rpc={"logs": LogsRpc(service)}, jobs=jobs(service))


SERVICE = Service(
    name="logs",
    serves=(Serves(LOGS),),
    settings=LogsSettings,
    bulk=True,
    build=build,
)
