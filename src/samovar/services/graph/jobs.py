"""What graph does a moment later, because one write should stay short."""

from typing import Any

from samovar.kernel.jobs import Jobs
from samovar.services.graph.service import GraphService


def jobs(service: GraphService) -> Jobs:
    """Accepting the many who asked an account that opened, and forgetting the many ties of one that goes."""

    async def accept(key: str, payload: Any) -> None:
        await service.people.accept_waiting(int(key))

    async def forget(key: str, payload: Any) -> None:
        await service.people.forget(int(key))

    return Jobs({"accept": accept, "forget": forget})
