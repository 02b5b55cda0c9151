"""What posts does later."""

from typing import Any

from samovar.kernel.jobs import Jobs
from samovar.services.posts.service import PostsService
from samovar.services.posts.service.common import POLL_END, SWEEP


def jobs(service: PostsService) -> Jobs:
    """Handlers by name; keys are post ids."""

    async def poll_end(key: str, _: Any) -> None:
        await service.voting.end(int(key))

    async def sweep(key: str, _: Any) -> None:
        await service.removing.sweep(int(key))

    return Jobs({POLL_END: poll_end, SWEEP: sweep})
