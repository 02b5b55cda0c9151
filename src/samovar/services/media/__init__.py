"""Pictures, films and animations: upload, forms for every screen, who may see them, review."""

from samovar.contracts.identity import UserDeleted
from samovar.contracts.items import ITEMS, ItemChanged, ItemCreated, ItemRemoved
from samovar.contracts.media import MEDIA, MediaDeleted, MediaUploaded
from samovar.contracts.personal import PERSONAL
from samovar.contracts.profiles import ProfileUpdated
from samovar.kernel.inbox import listeners
from samovar.kernel.kit import Kit
from samovar.kernel.limiter import policy
from samovar.kernel.service import Built, Serves, Service
from samovar.services.media import events
from samovar.services.media.jobs import jobs
from samovar.services.media.rpc import MediaRpc, PersonalRpc
from samovar.services.media.service import MediaService
from samovar.services.media.settings import Settings


def build(kit: Kit) -> Built:
    """Put the service together."""
    service = MediaService(kit)
    return Built(
        rpc={"media": MediaRpc(service), "personal:media": PersonalRpc(service)},
        listeners=listeners(events, service),
        jobs=jobs(service),
    )


SERVICE = Service(
    name="media",
    serves=(Serves(MEDIA), Serves(PERSONAL, "media")),
    uses=(ITEMS,),
    emits=(MediaUploaded, MediaDeleted),
    hears=(ItemCreated, ItemChanged, ItemRemoved, ProfileUpdated, UserDeleted),
    settings=Settings,
    limits=lambda settings: {"upload": policy(settings.upload_burst, settings.upload_per_minute)},
    personal_data="Pictures and films with descriptions, in all forms; originals with what cameras wrote.",
    build=build,
)
