"""Use cases of search."""

from samovar.kernel.kit import Kit
from samovar.services.search.clients import Kinds, Ties
from samovar.services.search.service.building import Building
from samovar.services.search.service.finding import Finding
from samovar.services.search.service.heard import Hearing
from samovar.services.search.service.projecting import Projector
from samovar.services.search.service.recommending import Recommending
from samovar.services.search.service.saving import Saving
from samovar.services.search.service.suggesting import Suggesting


class SearchService:
    """All use cases, by family."""

    def __init__(self, kit: Kit, kinds: Kinds, ties: Ties) -> None:
        self.kinds = kinds
        self.building = Building(kit, kinds)
        self.projector = Projector(kit, kinds, self.building)
        self.hearing = Hearing(kit, kinds)
        self.finding = Finding(kit, kinds, ties)
        self.suggesting = Suggesting(kit, self.finding)
        self.saving = Saving(kit)
        self.recommending = Recommending(kit, kinds, ties)
