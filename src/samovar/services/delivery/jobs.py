"""What delivery does later."""

from typing import Any

from samovar.kernel.jobs import Jobs
from samovar.services.delivery.service import Delivery


def jobs_of(service: Delivery) -> Jobs:
    """Handlers by name."""

    async def prune(key: str, payload: Any) -> None:
        await service.log.prune()

    return Jobs({"prune": prune}, every={"prune": 6 * 3600})
