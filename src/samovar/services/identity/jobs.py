"""What identity does later: letters, erasures, tidying."""

from typing import Any

from samovar.kernel.jobs import Jobs
from samovar.services.identity.service import Identity


def jobs_of(service: Identity) -> Jobs:
    """What identity does later."""

    async def letter(key: str, payload: Any) -> None:
        await service.addresses.deliver(int(key))

    async def forgot(key: str, payload: Any) -> None:
        await service.addresses.answer_forgotten(key, payload)

    async def erase(key: str, payload: Any) -> None:
        await service.leaving.erase_everywhere(int(key), (payload or {}).get("tries", 0))

    async def tend(key: str, payload: Any) -> None:
        await service.leaving.tend()

    handlers = {"letter": letter, "forgot": forgot, "erase": erase, "tend": tend}
    return Jobs(handlers, every={"tend": 3600})
