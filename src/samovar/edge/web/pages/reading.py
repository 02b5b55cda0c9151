"""Pages to read: the first page, explore, tags, posts, bookmarks."""

from typing import Any

import litestar
from litestar import Response
from litestar.params import FromPath

from samovar.contracts.common import ItemRef
from samovar.edge.present.posts import PostView
from samovar.edge.present.times import rfc3339
from samovar.edge.seen import saw
from samovar.edge.web.pages.frame import Frame, Req, is_htmx, redirect
from samovar.kernel.context import current_call
from samovar.kernel.errors import AppError, NotFound
from samovar.kernel.ids import parse_id


def cursor_of(request: Req) -> str:
    return str(request.query_params.get("cursor", ""))[:200]


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge, lists = frame.edge, frame.lists

    async def listing(request: Req, template: str, shown: Any, **more: Any) -> Response[str]:
        """A page with a list, or only its next items."""
        if is_htmx(request) and cursor_of(request):
            return await frame.fragment(request, "post_list.html", items=shown.items, next=shown.next)
        # People who stand in the column already need not stand beside it.
        aside = await frame.aside(people=0) if more.get("people") else await frame.aside()
        return await frame.page(request, template, items=shown.items, next=shown.next, aside=aside, **more)

    @litestar.get("/", include_in_schema=False)
    async def first(request: Req) -> Response[str]:
        me = await frame.me(request)
        if me is None:
            shown = await lists.show(await edge.feed.public(cursor=cursor_of(request), limit=20))
            return await listing(request, "landing.html", shown)
        shown = await lists.home(cursor_of(request), 20)
        return await listing(request, "home.html", shown, composer=await frame.composer())

    @litestar.get("/explore", include_in_schema=False)
    async def explore(request: Req) -> Response[str]:
        shown = await lists.show(await edge.feed.public(cursor=cursor_of(request), limit=20))
        trends = await edge.feed.trends(limit=20)
        tags = [{"name": trend.tag, "posts": trend.items} for trend in trends.items]
        return await listing(request, "explore.html", shown, tags=tags, **await for_you(request))

    async def for_you(request: Req) -> dict[str, Any]:
        """What a member may like to see, above the first page. Explore does not fail for it."""
        if current_call().actor is None or cursor_of(request):
            return {}
        try:
            people = await edge.search.recommend_people(limit=3)
            items = await edge.search.recommend_items(limit=3)
            return {
                "people": await frame.found.recommended_people(people.items),
                "recommended": await frame.found.recommended_items(items.items),
            }
        except AppError:
            return {}

    @litestar.get("/tags/{tag:str}", include_in_schema=False)
    async def by_tag(request: Req, tag: FromPath[str]) -> Response[str]:
        shown = await lists.show(await edge.feed.tag(tag=tag[:100], cursor=cursor_of(request), limit=20))
        return await listing(request, "tag.html", shown, tag=tag[:100])

    @litestar.get("/bookmarks", include_in_schema=False)
    async def bookmarks(request: Req) -> Response[str]:
        frame.need_member()
        page = await edge.posts.bookmarks(cursor=cursor_of(request), limit=20)
        items = await frame.posts.show(page.items)
        if is_htmx(request) and cursor_of(request):
            return await frame.fragment(request, "post_list.html", items=items, next=page.next or None)
        return await frame.page(
            request, "bookmarks.html", items=items, next=page.next or None, aside=await frame.aside()
        )

    @litestar.get("/gallery", include_in_schema=False)
    async def gallery(request: Req) -> Response[str]:
        found = await edge.media.gallery(cursor=cursor_of(request), limit=30)
        page = frame.media.page(found.items, found.next)
        if is_htmx(request) and cursor_of(request):
            return await frame.fragment(request, "wall.html", items=page.items, next=page.next)
        return await frame.page(
            request, "gallery.html", items=page.items, next=page.next, aside=await frame.aside()
        )

    @litestar.get("/media-at/{media_id:str}", include_in_schema=False)
    async def place_of(media_id: FromPath[str]) -> Response[Any]:
        """Where a picture stands: its item's page, or the picture itself."""
        number = parse_id(media_id)
        if number is None:
            raise NotFound
        medium = await edge.media.get(id=number)
        if medium.item is not None and medium.item.kind == "post":
            return redirect((await one_post(frame, str(medium.item.id))).url)
        return redirect(frame.media.view(medium).url)

    @litestar.get("/about", include_in_schema=False)
    async def about(request: Req) -> Response[str]:
        return await frame.page(request, "about.html")

    return [first, explore, by_tag, bookmarks, gallery, place_of, about]


async def post_page(frame: Frame, request: Req, post_id: int) -> Response[str]:
    """A post with its thread."""
    view = await frame.edge.posts.thread(id=post_id, limit=60, cursor=cursor_of(request))
    every = {
        shown.id: shown for shown in await frame.posts.show([*view.ancestors, view.post, *view.descendants])
    }
    post = every.get(str(post_id))
    if post is None:
        raise NotFound
    ancestors = [every[str(p.id)] for p in view.ancestors if str(p.id) in every]
    replies = _with_depth([every[str(p.id)] for p in view.descendants if str(p.id) in every], str(post_id))
    if is_htmx(request) and cursor_of(request):
        return await frame.fragment(request, "reply_list.html", replies=replies, next=view.next or None)
    saw(request, "post", post_id)
    me = await frame.me(request)
    composer = None
    if me is not None:
        composer = await frame.composer(
            "reply", in_reply_to=post, visibility=post.visibility, text=greeting(post, me.username),
            content_warning=post.content_warning,
        )  # fmt: skip
    missing = post.in_reply_to is not None and not ancestors
    return await frame.page(
        request, "post.html", post=post, ancestors=ancestors, replies=replies, next=view.next or None,
        composer=composer, missing_parent=missing, aside=await frame.aside(),
    )  # fmt: skip


def greeting(post: PostView, own_name: str) -> str:
    """A reply begins with the names of those it is to, but for one's own."""
    names = [post.author.username, *(mention.username for mention in post.mentions)]
    others = [name for name in dict.fromkeys(names) if name != own_name]
    return (
        "".join(f"@{name} " for name in others) if post.visibility == "mentioned" or len(others) > 1 else ""
    )


def _with_depth(posts: list[PostView], root: str) -> list[dict[str, Any]]:
    depths = {root: 0}
    found = []
    for post in posts:
        parent = post.in_reply_to.id if post.in_reply_to is not None else root
        depths[post.id] = depths.get(parent, 0) + 1
        found.append({"post": post, "depth": depths[post.id]})
    return found


async def history_page(frame: Frame, request: Req, post: PostView) -> Response[str]:
    """All versions of a post."""
    found = await frame.edge.posts.history(id=int(post.id))
    versions = [
        {"html": v.html, "content_warning": v.content_warning, "at": rfc3339(v.created_at)}
        for v in reversed(found.items)
    ]
    return await frame.page(request, "history.html", post=post, versions=versions)


async def reactions_page(frame: Frame, request: Req, post: PostView) -> Response[str]:
    """Who reacted to a post and who passed it on."""
    edge, tab = frame.edge, str(request.query_params.get("tab", "all"))[:40]
    cursor = cursor_of(request)
    if tab == "reposts":
        page = await edge.posts.reposters(id=int(post.id), cursor=cursor, limit=40)
        pairs, following = [(user_id, "") for user_id in page.user_ids], page.next
    else:
        kind = "" if tab == "all" else tab
        try:
            who = await edge.reactions.who(
                item=ItemRef(kind="post", id=int(post.id)), type=kind, cursor=cursor, limit=40
            )
        except AppError as error:
            raise NotFound from error
        pairs, following = [(reactor.user_id, reactor.type) for reactor in who.items], who.next
    authors = await frame.people.authors([user_id for user_id, _ in pairs])
    items = [{"person": authors[user_id], "type": kind} for user_id, kind in pairs if user_id in authors]
    context: dict[str, Any] = {"post": post, "tab": tab, "items": items, "next": following or None}
    if is_htmx(request) and cursor:
        return await frame.fragment(request, "reaction_list.html", **context)
    return await frame.page(request, "reactions.html", **context)


async def one_post(frame: Frame, text: str) -> PostView:
    """A post by the id in an address. Raises NotFound."""
    number = parse_id(text)
    found = await frame.posts.by_ids([number]) if number is not None else {}
    if number is None or number not in found:
        raise NotFound
    return found[number]
