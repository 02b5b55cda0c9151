"""The use cases of delivery, one file per family."""

from samovar.kernel.kit import Kit
from samovar.services.delivery.clients import People
from samovar.services.delivery.service.desk import Desk
from samovar.services.delivery.service.links import Links
from samovar.services.delivery.service.log import Log
from samovar.services.delivery.service.pump import Pump
from samovar.services.delivery.service.taking import Taking
from samovar.services.delivery.service.vapid import Vapid
from samovar.services.delivery.service.writing import Writing


class Delivery:
    """All of them over one desk."""

    def __init__(self, kit: Kit, people: People) -> None:
        desk = Desk(kit)
        self.links = Links(desk)
        self.log = Log(desk)
        self.vapid = Vapid(desk)
        writing = Writing(desk, people, self.links, self.vapid)
        #: The channels that messages can leave by.
        self.channels = writing.channels()
        self.taking = Taking(desk, self.channels)
        self.pumps = tuple(Pump(desk, writing, self.log, channel) for channel in self.channels)


__all__ = ["Delivery"]
