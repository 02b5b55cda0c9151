"""What logs does from time to time."""

from typing import Any

from samovar.kernel.jobs import Jobs
from samovar.services.logs.service import LogsService

EVERY = 3600


def jobs(service: LogsService) -> Jobs:
    """Handlers and schedules."""

    async def trim(_: str, __: Any) -> None:
        await service.trim()

    return Jobs(handlers={"trim": trim}, every={"trim": EVERY})
