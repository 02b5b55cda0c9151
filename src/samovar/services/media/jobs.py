"""What media does later."""

from typing import Any

from samovar.kernel.context import current_call
from samovar.kernel.jobs import Jobs
from samovar.services.media.service import MediaService
from samovar.services.media.service.common import COLLECT, ERASE, MAKE, SWEEP


def jobs(service: MediaService) -> Jobs:
    """Handlers by name; keys are ids of files or people."""

    async def make(key: str, _: Any) -> None:
        await service.making.make(int(key))

    async def sweep(key: str, _: Any) -> None:
        await service.removing.sweep(int(key))

    async def erase(key: str, _: Any) -> None:
        await service.removing.erase(current_call(), int(key))

    async def collect(key: str, _: Any) -> None:
        await service.removing.collect()

    return Jobs({MAKE: make, SWEEP: sweep, ERASE: erase, COLLECT: collect}, every={COLLECT: 3600})
