"""What moderation does later."""

from typing import Any

from samovar.kernel.jobs import Jobs
from samovar.services.moderation.domain import Subject
from samovar.services.moderation.service import ModerationService
from samovar.services.moderation.service.common import END, JUDGE, LOOK, SETTLE, TELL, THANK


def jobs_of(service: ModerationService) -> Jobs:
    """Handlers by name."""

    async def settle(key: str, _: Any) -> None:
        await service.settling.settle(_subject(key))

    async def end(key: str, _: Any) -> None:
        decision_id, _colon, type = key.partition(":")
        await service.settling.end(int(decision_id), type)

    async def tell(key: str, _: Any) -> None:
        await service.settling.tell(key)

    async def thank(key: str, payload: Any) -> None:
        await service.reporting.thank(int(key), payload)

    async def look(key: str, _: Any) -> None:
        await service.ruling.look(int(key))

    async def judge(key: str, _: Any) -> None:
        await service.ruling.judge_later(_subject(key))

    async def prune(key: str, _: Any) -> None:
        await service.casework.prune()

    async def measure(key: str, _: Any) -> None:
        await service.measure()

    return Jobs(
        {SETTLE: settle, END: end, TELL: tell, THANK: thank, LOOK: look, JUDGE: judge, "prune": prune,
         "measure": measure},
        every={"prune": 24 * 3600, "measure": 60},
    )  # fmt: skip


def _subject(key: str) -> Subject:
    kind, _, number = key.rpartition(":")
    return Subject(kind, int(number))
