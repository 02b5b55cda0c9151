"""What the families of use cases share."""

from collections.abc import Sequence
from typing import Final

from samovar.contracts.common import Audience, Scope
from samovar.contracts.items import ItemChanged
from samovar.contracts.posts import PostCreated
from samovar.kernel.context import Call
from samovar.kernel.kit import Kit
from samovar.services.posts.domain.post import OPEN, Post

#: The kind of content this service keeps.
KIND: Final = "post"
POLL_END: Final = "poll_end"
SWEEP: Final = "sweep"


class Pace:
    """Bounds how often one person writes."""

    def __init__(self, kit: Kit) -> None:
        self._limiter = kit.limiter

    async def keep(self, call: Call) -> None:
        """Raises RateLimited when they go too fast."""
        await self._limiter.demand("post", call)


def audience_of(post: Post) -> Audience:
    """Who may see it, as a value for others."""
    people = () if post.visibility in OPEN else post.people
    return Audience(scope=Scope(post.visibility), owner_id=post.author_id, people=people)


def item_changed(post: Post, freed: Sequence[int] = ()) -> ItemChanged:
    """Tells others what they keep of a post; `freed` files no longer stand in it."""
    return ItemChanged(
        kind=KIND,
        id=post.id,
        author_id=post.author_id,
        audience=audience_of(post),
        tags=tuple(post.tags or ()),
        hidden=post.hidden,
        media_ids=tuple(post.media_ids or ()),
        freed_media_ids=tuple(freed),
    )


def post_created(post: Post, quoted_author: int | None) -> PostCreated:
    """Tells those concerned of a post."""
    return PostCreated(
        post_id=post.id,
        author_id=post.author_id,
        visibility=Scope(post.visibility),
        in_reply_to_id=post.reply_to_id,
        in_reply_to_author_id=post.reply_to_author_id,
        quote_of_id=post.quote_of_id,
        quoted_author_id=quoted_author,
        mentioned_ids=tuple(user_id for user_id, _ in post.mentions or ()),
        created_at=post.created_at,
        root_id=post.root_id,
    )
