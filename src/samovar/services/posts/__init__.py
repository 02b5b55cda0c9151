"""Short posts: threads, quotes, reposts, polls, bookmarks."""

from samovar.contracts.graph import GRAPH
from samovar.contracts.identity import IDENTITY, UserDeleted
from samovar.contracts.items import (
    ITEMS,
    ItemChanged,
    ItemCreated,
    ItemJudged,
    ItemRemoved,
    ItemShared,
    ItemUnshared,
)
from samovar.contracts.media import MEDIA
from samovar.contracts.moderation import MODERATION
from samovar.contracts.personal import PERSONAL
from samovar.contracts.posts import (
    POSTS,
    PollEnded,
    PostCreated,
    PostDeleted,
    PostEdited,
    PostReposted,
)
from samovar.kernel.inbox import listeners
from samovar.kernel.kit import Kit
from samovar.kernel.limiter import policy
from samovar.kernel.service import Built, Serves, Service
from samovar.services.posts import events
from samovar.services.posts.jobs import jobs
from samovar.services.posts.rpc import ItemsRpc, PersonalRpc, PostsRpc
from samovar.services.posts.service import PostsService
from samovar.services.posts.settings import Settings


def build(kit: Kit) -> Built:
    """Put the service together."""
    service = PostsService(kit)
    return Built(
        rpc={
            "posts": PostsRpc(service),
            "items:post": ItemsRpc(service),
            "personal:posts": PersonalRpc(service),
        },
        listeners=listeners(events, service),
        jobs=jobs(service),
    )


SERVICE = Service(
    name="posts",
    serves=(Serves(POSTS), Serves(ITEMS, "post"), Serves(PERSONAL, "posts")),
    uses=(GRAPH, IDENTITY, MEDIA, MODERATION),
    emits=(
        PostCreated, PostEdited, PostDeleted, PostReposted, PollEnded,
        ItemCreated, ItemChanged, ItemRemoved, ItemShared, ItemUnshared, ItemJudged,
    ),
    hears=(UserDeleted,),
    settings=Settings,
    limits=lambda settings: {"post": policy(settings.create_burst, settings.create_per_minute)},
    personal_data="Posts with their former versions, reposts, votes in polls, bookmarks, pins.",
    build=build,
)  # fmt: skip
