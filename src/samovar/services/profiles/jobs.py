"""What profiles do right after a commit."""

from typing import Any

from samovar.kernel.jobs import Jobs
from samovar.services.profiles.service import ProfilesService


def jobs(service: ProfilesService) -> Jobs:
    """A handler of events may not touch the cache; this job does it once the event's effect is stored."""

    async def uncache(key: str, payload: Any) -> None:
        await service.uncache(int(key))

    return Jobs({"uncache": uncache})
