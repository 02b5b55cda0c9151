"""What realtime does later: logs stay short."""

from typing import Any

from samovar.kernel.jobs import Jobs
from samovar.services.realtime.service import Logs


def jobs_of(logs: Logs) -> Jobs:
    """Handlers by name."""

    async def trim(key: str, _: Any) -> None:
        await logs.trim()

    return Jobs({"trim": trim}, every={"trim": 600})
