"""What reactions does later."""

from typing import Any

from samovar.kernel.context import current_call
from samovar.kernel.jobs import Jobs
from samovar.services.reactions.domain import Item
from samovar.services.reactions.service import ERASE_ITEM, ERASE_USER, PRUNE, ReactionsService


def jobs(service: ReactionsService) -> Jobs:
    """Handlers by name."""

    async def erase_item(key: str, _: Any) -> None:
        kind, _colon, item_id = key.rpartition(":")
        await service.erase_item(Item(kind, int(item_id)))

    async def erase_user(key: str, _: Any) -> None:
        await service.erase_user(current_call(), int(key))

    async def prune(key: str, _: Any) -> None:
        await service.prune()

    return Jobs({ERASE_ITEM: erase_item, ERASE_USER: erase_user, PRUNE: prune}, every={PRUNE: 24 * 3600})
