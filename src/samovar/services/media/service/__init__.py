"""The use cases of media, one file per family."""

from samovar.kernel.kit import Kit
from samovar.services.media.clients import Items
from samovar.services.media.service.judging import Judging
from samovar.services.media.service.making import Making
from samovar.services.media.service.placing import Placing
from samovar.services.media.service.reading import Reading
from samovar.services.media.service.removing import Removing
from samovar.services.media.service.uploading import Uploading
from samovar.services.media.settings import Settings
from samovar.services.media.workshop.pool import pool_of


class MediaService:
    """All of them."""

    def __init__(self, kit: Kit) -> None:
        self.settings: Settings = kit.settings
        pool = pool_of(max(1, self.settings.workers), self.settings.worker_bytes)
        self.reading = Reading(kit, Items(kit.peers))
        self.uploading = Uploading(kit, pool)
        self.making = Making(kit, pool)
        self.removing = Removing(kit)
        self.placing = Placing(kit, self.removing)
        self.judging = Judging(kit, self.reading)
