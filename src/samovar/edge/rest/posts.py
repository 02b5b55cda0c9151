"""`/api/posts`."""

from collections.abc import Sequence
from typing import Literal

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from samovar.contracts.common import Scope
from samovar.contracts.posts import MediaIds, PollDraft, Post
from samovar.edge.edge import Edge
from samovar.edge.gateway.routing import Router
from samovar.edge.present.people import People, PersonList
from samovar.edge.present.posts import PostPageView, Posts, PostView
from samovar.edge.present.timelines import Timelines
from samovar.edge.present.times import rfc3339
from samovar.edge.rest.auth import Body
from samovar.edge.rest.common import Cursor, Done, ItemId, Limit, Verb, delete, get, item_id, post, put
from samovar.kernel.authz import signed_in
from samovar.kernel.context import current_call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.ids import parse_id


class PollBody(Body):
    """A poll to attach."""

    options: list[str]
    #: Seconds.
    expires_in: int
    multiple: bool = False


class PostBody(Body):
    """A post to publish."""

    text: str
    visibility: Literal["public", "unlisted", "followers", "mentioned"] = "public"
    in_reply_to_id: str | None = None
    quote_of_id: str | None = None
    content_warning: str | None = None
    language: str = ""
    poll: PollBody | None = None
    media_ids: tuple[str, ...] = ()


class EditBody(Body):
    """What a post is to say from now on; absent fields stay as they are."""

    text: str
    content_warning: str | None = None
    language: str | None = None
    media_ids: tuple[str, ...] | None = None


class VoteBody(Body):
    """A vote in a poll."""

    #: Indices of options, from 0.
    choices: list[int]


class ThreadPage(msgspec.Struct, kw_only=True, frozen=True):
    """A post with what is above and below it."""

    ancestors: tuple[PostView, ...]
    post: PostView
    #: Parents before children, oldest first.
    descendants: tuple[PostView, ...]
    next: str | None


class VersionView(msgspec.Struct, kw_only=True, frozen=True):
    """A post as it once was."""

    text: str
    html: str
    content_warning: str
    created_at: str


class VersionListView(msgspec.Struct, kw_only=True, frozen=True):
    """All versions, oldest first."""

    items: tuple[VersionView, ...]
    next: str | None = None


def reference(text: str | None, field: str) -> int | None:
    """An id in a body. Raises Invalid naming the field."""
    if text is None:
        return None
    value = parse_id(text)
    if value is None:
        raise Invalid(fields={field: "This is not an id."})
    return value


def file_ids(texts: Sequence[str]) -> tuple[int, ...]:
    """Ids of files in a body. Raises Invalid."""
    return tuple(reference(text, "media_ids") or 0 for text in texts)


def routes(edge: Edge, people: People, shown: Posts, lists: Timelines) -> Router:
    """The routes below /api/posts."""
    posts = edge.posts

    @post("/", summary="Publish a post")
    async def create(data: JSONBody[PostBody]) -> PostView:
        signed_in(current_call())
        poll = data.poll
        made = await posts.create(
            text=data.text,
            visibility=Scope(data.visibility),
            in_reply_to_id=reference(data.in_reply_to_id, "in_reply_to_id"),
            quote_of_id=reference(data.quote_of_id, "quote_of_id"),
            content_warning=data.content_warning,
            language=data.language,
            poll=None
            if poll is None
            else PollDraft(options=tuple(poll.options), expires_in=poll.expires_in, multiple=poll.multiple),
            media_ids=file_ids(data.media_ids),
        )
        await lists.note_made(made.id)
        return await shown.one(made)

    @get("/{post_id:str}", summary="A post")
    async def show(post_id: ItemId) -> PostView:
        number = item_id(post_id)
        found = await shown.by_ids([number])
        if number not in found:
            raise NotFound
        return found[number]

    @put("/{post_id:str}", summary="Change one's own post")
    async def edit(post_id: ItemId, data: JSONBody[EditBody]) -> PostView:
        signed_in(current_call())
        files = data.media_ids
        made = await posts.edit(
            id=item_id(post_id), text=data.text, content_warning=data.content_warning, language=data.language,
            media=None if files is None else MediaIds(ids=file_ids(files)),
        )  # fmt: skip
        return await shown.one(made)

    @delete("/{post_id:str}", status_code=200, summary="Delete one's own post")
    async def remove(post_id: ItemId) -> Done:
        signed_in(current_call())
        await posts.delete(id=item_id(post_id))
        return Done()

    @get("/{post_id:str}/thread", summary="What is above and below a post")
    async def thread(post_id: ItemId, cursor: Cursor = "", limit: Limit = 50) -> ThreadPage:
        view = await posts.thread(id=item_id(post_id), cursor=cursor, limit=limit)
        every = {v.id: v for v in await shown.show([*view.ancestors, view.post, *view.descendants])}
        if str(view.post.id) not in every:
            raise NotFound
        return ThreadPage(
            ancestors=tuple(every[str(p.id)] for p in view.ancestors if str(p.id) in every),
            post=every[str(view.post.id)],
            descendants=tuple(every[str(p.id)] for p in view.descendants if str(p.id) in every),
            next=view.next or None,
        )

    @get("/{post_id:str}/history", summary="All versions of a post")
    async def history(post_id: ItemId) -> VersionListView:
        versions = await posts.history(id=item_id(post_id))
        return VersionListView(
            items=tuple(
                VersionView(
                    text=v.text,
                    html=v.html,
                    content_warning=v.content_warning,
                    created_at=rfc3339(v.created_at),
                )
                for v in versions.items
            )
        )

    @post("/{post_id:str}/votes", status_code=200, summary="Vote in a poll")
    async def vote(post_id: ItemId, data: JSONBody[VoteBody]) -> PostView:
        signed_in(current_call())
        return await shown.one(await posts.vote(id=item_id(post_id), choices=tuple(data.choices)))

    @get("/{post_id:str}/reposts", summary="Who passed it on")
    async def reposters(post_id: ItemId, cursor: Cursor = "", limit: Limit = 20) -> PersonList:
        page = await posts.reposters(id=item_id(post_id), cursor=cursor, limit=limit)
        return PersonList(items=await people.show_ids(page.user_ids), next=page.next or None)

    @get("/{post_id:str}/quotes", summary="Quotes of a post")
    async def quotes(post_id: ItemId, cursor: Cursor = "", limit: Limit = 20) -> PostPageView:
        page = await posts.quotes(id=item_id(post_id), cursor=cursor, limit=limit)
        return PostPageView(items=await shown.show(page.items), next=page.next or None)

    def act(verb: Verb, path: str, name: str, summary: str) -> HTTPRouteHandler:

        @verb(
            f"/{{post_id:str}}/{path}",
            status_code=200,
            summary=summary,
            name=f"post_{name}",
            operation_id=f"post_{name}",
        )
        async def handler(post_id: ItemId) -> PostView:
            signed_in(current_call())
            made: Post = await getattr(posts, name)(id=item_id(post_id))
            return await shown.one(made)

        return handler

    actions = [
        act(post, "repost", "repost", "Pass a post on"),
        act(delete, "repost", "unrepost", "Take that back"),
        act(post, "bookmark", "bookmark", "Keep for oneself"),
        act(delete, "bookmark", "unbookmark", "Keep no more"),
        act(post, "pin", "pin", "Pin to one's page"),
        act(delete, "pin", "unpin", "Unpin"),
    ]
    return Router(
        "/posts", tags=["posts"],
        route_handlers=[create, show, edit, remove, thread, history, vote, reposters, quotes, *actions],
    )  # fmt: skip


def bookmark_routes(edge: Edge, shown: Posts) -> Router:
    """The list of one's bookmarks, at /api/bookmarks."""

    @get("/", summary="One's bookmarks")
    async def bookmarks(cursor: Cursor = "", limit: Limit = 20) -> PostPageView:
        signed_in(current_call())
        page = await edge.posts.bookmarks(cursor=cursor, limit=limit)
        return PostPageView(items=await shown.show(page.items), next=page.next or None)

    return Router("/bookmarks", tags=["posts"], route_handlers=[bookmarks])
