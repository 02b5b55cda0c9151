"""What posts hears."""

from samovar.contracts.identity import UserDeleted
from samovar.kernel.inbox import hears
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Tx
from samovar.services.posts.service import PostsService


@hears(UserDeleted)
async def hide_posts(service: PostsService, event: UserDeleted, tx: Tx, envelope: Envelope) -> None:
    """An account is going: its posts are invisible from now on."""
    await service.erasing.leave(tx, event.user_id)
