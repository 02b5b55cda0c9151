"""What limits does from time to time."""

from typing import Any

from samovar.kernel.jobs import Jobs
from samovar.services.limits.service import LimitsService

EVERY = 3600


def jobs(service: LimitsService) -> Jobs:
    """Handlers and schedules."""

    async def forget(_: str, __: Any) -> None:
        await service.forget_expired()

    return Jobs(handlers={"forget": forget}, every={"forget": EVERY})
