"""What this context is for, in a sentence."""

from samovar.contracts.personal import PERSONAL
from samovar.contracts.search import SEARCH, NoteKept
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.search.rpc import PersonalRpc, SearchRpc
from samovar.services.search.service import SearchService


def build(kit: Kit) -> Built:
    service = SearchService(kit)
    return Built(rpc={"search": SearchRpc(service), "personal:search": PersonalRpc(service)})


SERVICE = Service(
    name="search",
    serves=(Serves(SEARCH), Serves(PERSONAL, "search")),
    emits=(NoteKept,),
    personal_data="notes",
    build=build,
)
