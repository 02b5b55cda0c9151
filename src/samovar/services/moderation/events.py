"""What moderation hears."""

from samovar.contracts.items import ItemJudged
from samovar.kernel.inbox import hears
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Tx
from samovar.services.moderation.service import ModerationService


@hears(ItemJudged)
async def judged(service: ModerationService, event: ItemJudged, tx: Tx, envelope: Envelope) -> None:
    """The rules said something of an item, or nobody could be asked."""
    await service.ruling.judged(tx, event)
