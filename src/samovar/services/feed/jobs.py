"""What feed does later: what is too much for one write, and trimming."""

from typing import Any

from samovar.kernel.jobs import Jobs
from samovar.services.feed.domain import Spot
from samovar.services.feed.service import Projection


def jobs_of(service: Projection) -> Jobs:
    """What feed does later."""

    async def fan_out(key: str, payload: Any) -> None:
        await service.fan_out(Spot(*payload))

    async def fan_in(key: str, payload: Any) -> None:
        await service.fan_in(Spot(*payload))

    async def make_heavy(key: str, payload: Any) -> None:
        await service.make_heavy(int(key))

    async def hide(key: str, payload: Any) -> None:
        await service.hide(int(key))

    async def trim(key: str, payload: Any) -> None:
        await service.trim()

    handlers = {"fan_out": fan_out, "fan_in": fan_in, "make_heavy": make_heavy, "hide": hide, "trim": trim}
    return Jobs(handlers, every={"trim": 600})
