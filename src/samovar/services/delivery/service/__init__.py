"""The use cases of delivery, one file per family."""

from samovar.kernel.kit import Kit
from samovar.services.delivery.service.desk import Desk
from samovar.services.delivery.service.links import Links
from samovar.services.delivery.service.log import Log
from samovar.services.delivery.service.taking import Taking
from samovar.services.delivery.service.vapid import Vapid


class Delivery:
    """All of them over one desk."""

    def __init__(self, kit: Kit) -> None:
        desk = Desk(kit)
        self.taking = Taking(desk)
        self.links = Links(desk)
        self.log = Log(desk)
        self.vapid = Vapid(desk)
        #: The channels that messages can leave by.
        self.channels: tuple[str, ...] = ("email", "push")


__all__ = ["Delivery"]
