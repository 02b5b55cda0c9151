"""The use cases of moderation, one file per family."""

from samovar.kernel import telemetry
from samovar.kernel.clock import SECOND
from samovar.kernel.kit import Kit
from samovar.services.moderation.repository import cases, decisions
from samovar.services.moderation.service.book import Book
from samovar.services.moderation.service.casework import Casework
from samovar.services.moderation.service.common import Desk
from samovar.services.moderation.service.deciding import Deciding
from samovar.services.moderation.service.leaving import Leaving
from samovar.services.moderation.service.reporting import Reporting
from samovar.services.moderation.service.ruling import Ruling
from samovar.services.moderation.service.settling import Settling


class ModerationService:
    """All of them over one desk."""

    def __init__(self, kit: Kit) -> None:
        self.desk = Desk(kit)
        self.book = Book(self.desk)
        self.settling = Settling(self.desk, self.book)
        self.reporting = Reporting(self.desk)
        self.casework = Casework(self.desk, self.settling)
        self.deciding = Deciding(self.desk, self.book, self.settling)
        self.ruling = Ruling(self.desk, self.book, self.settling)
        self.leaving = Leaving(self.desk, self.book)

    async def measure(self) -> None:
        """Show operators what waits."""
        found, oldest, _, held, _ = await cases.waiting(self.desk.db)
        appeals, _ = await decisions.appeals_waiting(self.desk.db)
        now = self.desk.now()
        for what, number in (("cases", found), ("held", held), ("appeals", appeals)):
            telemetry.moderation_waiting.labels(what).set(number)
        telemetry.moderation_oldest.set((now - oldest) / SECOND if oldest else 0)


__all__ = ["ModerationService"]
