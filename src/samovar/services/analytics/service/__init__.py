"""All use cases of analytics, by family."""

from samovar.kernel.facts.rollups import RollUps
from samovar.kernel.kit import Kit
from samovar.services.analytics.clients import Items
from samovar.services.analytics.service.choosing import Choosing
from samovar.services.analytics.service.exporting import Exporting
from samovar.services.analytics.service.figures import Figures
from samovar.services.analytics.service.gathering import Gathering
from samovar.services.analytics.tables import FACTS


class AnalyticsService:
    """Facts come in by `gathering`, and go out as `figures` and files."""

    def __init__(self, kit: Kit) -> None:
        items = Items(kit.peers)
        rollups = RollUps(kit.db, FACTS)
        counted = kit.facts or rollups
        self.gathering = Gathering(kit, rollups, kit.facts, items)
        self.figures = Figures(kit, counted, items)
        self.choosing = Choosing(kit, rollups, self.gathering)
        self.exporting = Exporting(kit, counted)
