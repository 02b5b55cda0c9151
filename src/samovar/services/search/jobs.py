"""What search does later."""

from typing import Any, Final

from samovar.kernel.jobs import Jobs
from samovar.services.search.service import SearchService
from samovar.services.search.service.heard import AUTHOR

PRUNE: Final = "prune"


def jobs(service: SearchService) -> Jobs:
    """Handlers by name."""

    async def author(key: str, _: Any) -> None:
        await service.hearing.mark_author(int(key))

    async def prune(key: str, _: Any) -> None:
        await service.hearing.prune()

    return Jobs({AUTHOR: author, PRUNE: prune}, every={PRUNE: 24 * 3600})
