"""Use cases of graph, one file per family."""

from samovar.kernel.kit import Kit
from samovar.services.graph.clients import Accounts
from samovar.services.graph.service.blocks import Blocks
from samovar.services.graph.service.follows import Follows
from samovar.services.graph.service.lists import Lists
from samovar.services.graph.service.people import People
from samovar.services.graph.service.relations import Relations
from samovar.services.graph.service.ties import Ties


class GraphService:
    """All of graph's use cases."""

    def __init__(self, kit: Kit, accounts: Accounts) -> None:
        ties = Ties(kit, accounts)
        self.relations = Relations(kit)
        self.follows = Follows(kit, ties)
        self.blocks = Blocks(kit, ties)
        self.lists = Lists(kit, accounts)
        self.people = People(kit, ties)
