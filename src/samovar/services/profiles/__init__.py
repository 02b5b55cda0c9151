"""How people present themselves."""

from samovar.contracts.identity import IDENTITY, UserDeleted, UserRegistered
from samovar.contracts.media import MEDIA
from samovar.contracts.personal import PERSONAL
from samovar.contracts.profiles import PROFILES, ProfileUpdated
from samovar.kernel.inbox import listeners
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.profiles import events
from samovar.services.profiles.clients import Accounts, Files
from samovar.services.profiles.jobs import jobs
from samovar.services.profiles.rpc import PersonalRpc, ProfilesRpc
from samovar.services.profiles.service import ProfilesService
from samovar.services.profiles.settings import ProfilesSettings


def build(kit: Kit) -> Built:
    service = ProfilesService(kit, Accounts(kit.peers), Files(kit.peers))
    return Built(
        rpc={"profiles": ProfilesRpc(service), "personal:profiles": PersonalRpc(service)},
        listeners=listeners(events, service),
        jobs=jobs(service),
    )


SERVICE = Service(
    name="profiles",
    serves=(Serves(PROFILES), Serves(PERSONAL, "profiles")),
    uses=(IDENTITY, MEDIA),
    emits=(ProfileUpdated,),
    hears=(UserRegistered, UserDeleted),
    settings=ProfilesSettings,
    personal_data="Display name, bio, the rows of the profile, language and theme.",
    build=build,
)
