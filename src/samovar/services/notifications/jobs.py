"""What notifications does later."""

from typing import Any

from samovar.kernel.jobs import Jobs
from samovar.services.notifications.service import NotificationsService
from samovar.services.notifications.service.choosing import DIGEST
from samovar.services.notifications.service.leaving import FORGET_ITEM, FORGET_PAIR, FORGET_USER, PRUNE
from samovar.services.notifications.service.making import TELL
from samovar.services.notifications.service.sending import POLL, REMIND


def jobs(service: NotificationsService) -> Jobs:
    """Handlers by name."""
    leaving, sending, telling = service.leaving, service.sending, service.telling

    async def tell(key: str, _: Any) -> None:
        await telling.tell()

    async def digest(key: str, _: Any) -> None:
        await telling.digest(int(key))

    async def remind(key: str, payload: Any) -> None:
        await sending.remind_now(key, payload)

    async def poll(key: str, payload: Any) -> None:
        await sending.tell_of_poll(int(key), *payload)

    async def forget_item(key: str, _: Any) -> None:
        kind, _colon, item_id = key.rpartition(":")
        await leaving.forget_item(kind, int(item_id))

    async def forget_pair(key: str, _: Any) -> None:
        user_id, other_id = key.split(":")
        await leaving.forget_pair(int(user_id), int(other_id))

    async def forget_user(key: str, _: Any) -> None:
        await leaving.forget_user(int(key))

    async def prune(key: str, _: Any) -> None:
        await leaving.prune()

    return Jobs(
        {
            TELL: tell,
            DIGEST: digest,
            REMIND: remind,
            POLL: poll,
            FORGET_ITEM: forget_item,
            FORGET_PAIR: forget_pair,
            FORGET_USER: forget_user,
            PRUNE: prune,
        },
        every={PRUNE: 3600},
    )
