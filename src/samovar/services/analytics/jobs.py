"""What analytics does later."""

from typing import Any

from samovar.kernel.jobs import Jobs
from samovar.services.analytics.service import AnalyticsService
from samovar.services.analytics.service.exporting import EXPIRE, WRITE
from samovar.services.analytics.service.gathering import PRUNE


def jobs(service: AnalyticsService) -> Jobs:
    """Handlers by name."""

    async def write(key: str, _: Any) -> None:
        await service.exporting.write(int(key))

    async def expire(key: str, _: Any) -> None:
        await service.exporting.expire()

    async def prune(key: str, _: Any) -> None:
        await service.gathering.prune()

    return Jobs({WRITE: write, EXPIRE: expire, PRUNE: prune}, every={EXPIRE: 3600, PRUNE: 6 * 3600})
