"""Pages of people, and what one does to them: follow, block, mute. Addresses begin with @."""

from typing import Any, Final

import litestar
from litestar import Response
from litestar.params import FromPath

from samovar.edge.present.avatar import avatar_svg
from samovar.edge.present.people import PersonView
from samovar.edge.present.posts import PostView
from samovar.edge.seen import saw
from samovar.edge.web.pages.aside import aside_key
from samovar.edge.web.pages.frame import Frame, Req, form_of, is_htmx, local, redirect
from samovar.edge.web.pages.reading import cursor_of, history_page, one_post, post_page, reactions_page
from samovar.edge.web.static_files import FOR_EVER
from samovar.kernel.context import current_call
from samovar.kernel.errors import NotFound
from samovar.kernel.ids import parse_id

ACTS: Final = frozenset(
    {"follow", "unfollow", "block", "unblock", "mute", "unmute", "accept", "reject", "remove_follower"}
)


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge, people = frame.edge, frame.people

    async def person_of(handle: str) -> PersonView:
        if not handle.startswith("@"):
            raise NotFound
        return await people.one(handle)

    @litestar.get("/{handle:str}", include_in_schema=False)
    async def person(request: Req, handle: FromPath[str]) -> Response[str]:
        return await person_page(request, await person_of(handle), "posts")

    async def person_page(request: Req, shown: PersonView, tab: str) -> Response[str]:
        page = await edge.feed.person(
            user_id=int(shown.id), with_replies=tab == "replies", cursor=cursor_of(request), limit=20
        )
        listed = await frame.lists.show(page)
        if is_htmx(request) and cursor_of(request):
            return await frame.fragment(request, "post_list.html", items=listed.items, next=listed.next)
        saw(request, "person", int(shown.id))
        pinned: tuple[PostView, ...] = ()
        if tab == "posts" and not cursor_of(request):
            pinned = await frame.posts.show((await edge.posts.pinned(user_id=int(shown.id))).items)
        kept = {post.id for post in pinned}
        account = (await edge.identity.get_many(ids=(int(shown.id),))).items
        relation, own = shown.relationship, current_call().actor == int(shown.id)
        hidden = shown.private and not own and not (relation is not None and relation.following)
        return await frame.page(
            request, "person.html", person=shown, tab=tab, pinned=pinned, hidden=hidden,
            suspended=bool(account) and account[0].suspended,
            items=[item for item in listed.items if item.id not in kept], next=listed.next,
            aside=await frame.aside(),
        )  # fmt: skip

    @litestar.get("/{handle:str}/{second:str}", include_in_schema=False)
    async def below_person(request: Req, handle: FromPath[str], second: FromPath[str]) -> Response[Any]:
        if second == "with_replies":
            return await person_page(request, await person_of(handle), "replies")
        if second == "media":
            return await pictures_page(request, await person_of(handle))
        if second in ("followers", "following"):
            return await people_page(request, await person_of(handle), second)
        post = await one_post(frame, second)
        if handle != f"@{post.author.username}":
            return redirect(post.url)
        return await post_page(frame, request, int(post.id))

    @litestar.get("/{handle:str}/{second:str}/{third:str}", include_in_schema=False)
    async def below_post(
        request: Req, handle: FromPath[str], second: FromPath[str], third: FromPath[str]
    ) -> Response[str]:
        if not handle.startswith("@") or third not in ("history", "reactions"):
            raise NotFound
        post = await one_post(frame, second)
        show = history_page if third == "history" else reactions_page
        return await show(frame, request, post)

    async def pictures_page(request: Req, shown: PersonView) -> Response[str]:
        found = await edge.media.of_user(user_id=int(shown.id), cursor=cursor_of(request), limit=30)
        page = frame.media.page(found.items, found.next)
        if is_htmx(request) and cursor_of(request):
            return await frame.fragment(request, "wall.html", items=page.items, next=page.next)
        return await frame.page(
            request, "person.html", person=shown, tab="media", items=page.items, next=page.next,
            aside=await frame.aside(),
        )  # fmt: skip

    async def people_page(request: Req, shown: PersonView, which: str) -> Response[str]:
        method = edge.graph.followers if which == "followers" else edge.graph.following
        hidden = False
        items: tuple[PersonView, ...] = ()
        following = ""
        try:
            page = await method(user_id=int(shown.id), cursor=cursor_of(request), limit=30)
            items, following = await people.show_ids(page.user_ids), page.next
        except NotFound:
            hidden = True
        if is_htmx(request) and cursor_of(request):
            return await frame.fragment(request, "people_list.html", items=items, next=following or None)
        return await frame.page(
            request,
            "people.html",
            list=which,
            person=shown,
            items=items,
            next=following or None,
            hidden=hidden,
        )

    @litestar.get("/requests", include_in_schema=False)
    async def requests(request: Req) -> Response[str]:
        frame.need_member()
        page = await edge.graph.requests(cursor=cursor_of(request), limit=30)
        items = await people.show_ids(page.user_ids)
        if is_htmx(request) and cursor_of(request):
            return await frame.fragment(
                request, "people_list.html", items=items, next=page.next or None, requests=True
            )
        return await frame.page(
            request, "people.html", list="requests", person=None, items=items, next=page.next or None
        )

    @litestar.post("/users/{user_id:str}/{act:str}", status_code=200, include_in_schema=False)
    async def do(request: Req, user_id: FromPath[str], act: FromPath[str]) -> Response[Any]:
        frame.need_member()
        number = parse_id(user_id)
        if number is None or act not in ACTS:
            raise NotFound
        form = await form_of(request)
        await getattr(edge.graph, act)(user_id=number)
        await edge.cache.drop(aside_key())
        if is_htmx(request):
            if act in ("accept", "reject"):
                return Response("", media_type="text/html")
            size = form.get("size", "small")
            return await frame.fragment(
                request, "follow_button.html", person=await people.one(user_id),
                size=size if size in ("mini", "small", "large") else "small",
                here=local(form.get("back", "/")),
            )  # fmt: skip
        return redirect(local(form.get("back", "/")))

    @litestar.get("/avatars/{name:str}", include_in_schema=False)
    async def avatar(name: FromPath[str]) -> Response[bytes]:
        """Drawn from the name; the address changes with the profile, so it is kept for ever."""
        user_id, _, rest = name.partition(".")
        number = parse_id(user_id)
        if number is None or not rest.endswith("svg"):
            raise NotFound
        found = await edge.profiles.get_many(ids=[number])
        if not found.items:
            raise NotFound
        profile = found.items[0]
        return Response(
            avatar_svg(profile.id, profile.display_name or profile.username).encode(),
            media_type="image/svg+xml",
            headers={"cache-control": FOR_EVER.decode()},
        )

    return [person, below_person, below_post, requests, do, avatar]
