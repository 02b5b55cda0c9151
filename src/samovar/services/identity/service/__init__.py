"""The use cases of identity, one file per family."""

from samovar.kernel.kit import Kit
from samovar.services.identity.clients import Keepers, Post
from samovar.services.identity.service.addresses import Addresses
from samovar.services.identity.service.desk import Desk
from samovar.services.identity.service.entry import Entry
from samovar.services.identity.service.leaving import Leaving
from samovar.services.identity.service.people import People
from samovar.services.identity.service.second_factor import SecondFactor
from samovar.services.identity.service.sessions import Sessions
from samovar.services.identity.service.standing import RoleBook, Standing


class Identity:
    """All of them over one desk."""

    def __init__(self, kit: Kit, keepers: Keepers, post: Post) -> None:
        desk = Desk(kit)
        self.now = desk.now
        self.keys = desk.keys
        self.second = SecondFactor(desk)
        self.addresses = Addresses(desk, post)
        self.entry = Entry(desk, self.second, self.addresses)
        self.sessions = Sessions(desk)
        self.standing = Standing(desk, RoleBook(desk))
        self.people = People(desk, self.addresses, self.standing)
        self.leaving = Leaving(desk, keepers)


__all__ = ["Identity"]
