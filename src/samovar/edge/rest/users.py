"""`/api/users`: profiles, and who follows, blocks and mutes whom."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, JSONBody

from samovar.contracts.graph import Relationship
from samovar.contracts.profiles import Field, FieldList
from samovar.edge.edge import Edge
from samovar.edge.gateway.routing import Router
from samovar.edge.present.people import People, PersonList, PersonView, RelationshipView, relationship_view
from samovar.edge.present.posts import PostPageView
from samovar.edge.present.timelines import Timelines
from samovar.edge.rest.auth import Body
from samovar.edge.rest.common import Cursor, Limit, Reference, get, post, put
from samovar.edge.rest.posts import reference
from samovar.kernel.authz import signed_in
from samovar.kernel.context import current_call
from samovar.kernel.errors import Forbidden


class FieldBody(Body):
    """One row of a profile's table."""

    name: str
    value: str


class ProfileBody(Body):
    """Absent fields stay as they are."""

    display_name: str | None = None
    bio: str | None = None
    fields: list[FieldBody] | None = None
    locale: str | None = None
    theme: str | None = None
    #: Only accepted followers see what one posts.
    private: bool | None = None
    #: Nobody sees the lists of followers and followees.
    hide_followers: bool | None = None
    #: A picture of one's own; an empty text takes it away.
    avatar_id: str | None = None
    #: The same for the top of one's page.
    header_id: str | None = None


class PrivacyView(msgspec.Struct, kw_only=True, frozen=True):
    """Who may see what one posts and whom one follows."""

    private: bool
    hide_followers: bool


def _picture(text: str | None, field: str) -> int | None:
    return 0 if text == "" else reference(text, field)


def routes(edge: Edge, people: People, timelines: Timelines) -> Router:
    """The routes below /api/users."""
    graph = edge.graph

    @get("/{user:str}", summary="A person")
    async def show(user: Reference) -> PersonView:
        return await people.one(user)

    @put("/{user:str}", summary="Change one's own profile and privacy")
    async def change(user: Reference, data: JSONBody[ProfileBody]) -> PersonView:
        profile = await people.find(user)
        if signed_in(current_call()) != profile.id:
            raise Forbidden
        await edge.profiles.update(
            display_name=data.display_name, bio=data.bio, locale=data.locale, theme=data.theme,
            fields=None if data.fields is None else FieldList(
                items=tuple(Field(name=f.name, value=f.value) for f in data.fields)
            ),
            avatar_media_id=_picture(data.avatar_id, "avatar_id"),
            header_media_id=_picture(data.header_id, "header_id"),
        )  # fmt: skip
        if data.private is not None or data.hide_followers is not None:
            await graph.set_privacy(private=data.private, hide_followers=data.hide_followers)
        return await people.one(str(profile.id))

    @get("/{user:str}/posts", summary="What a person posted and passed on")
    async def posts(
        user: Reference, cursor: Cursor = "", limit: Limit = 20, replies: FromQuery[bool] = False
    ) -> PostPageView:
        profile = await people.find(user)
        return await timelines.show(
            await edge.feed.person(user_id=profile.id, with_replies=replies, cursor=cursor, limit=limit)
        )

    @get("/{user:str}/followers", summary="Who follows a person")
    async def followers(user: Reference, cursor: Cursor = "", limit: Limit = 20) -> PersonList:
        profile = await people.find(user)
        page = await graph.followers(user_id=profile.id, cursor=cursor, limit=limit)
        return PersonList(items=await people.show_ids(page.user_ids), next=page.next or None)

    @get("/{user:str}/following", summary="Whom a person follows")
    async def following(user: Reference, cursor: Cursor = "", limit: Limit = 20) -> PersonList:
        profile = await people.find(user)
        page = await graph.following(user_id=profile.id, cursor=cursor, limit=limit)
        return PersonList(items=await people.show_ids(page.user_ids), next=page.next or None)

    @get("/{user:str}/relationship", summary="How one stands to a person")
    async def relationship(user: Reference) -> RelationshipView:
        signed_in(current_call())
        profile = await people.find(user)
        return relationship_view((await graph.relations(user_ids=[profile.id])).items[0])

    def act(name: str, summary: str, method: Callable[..., Awaitable[Relationship]]) -> HTTPRouteHandler:
        @post(
            f"/{{user:str}}/{name}",
            status_code=200,
            summary=summary,
            name=f"user_{name}",
            operation_id=f"user_{name}",
        )
        async def handler(user: Reference) -> RelationshipView:
            signed_in(current_call())
            profile = await people.find(user)
            return relationship_view(await method(user_id=profile.id))

        return handler

    def late(name: str) -> Callable[..., Awaitable[Any]]:
        async def call(**arguments: Any) -> Any:
            return await getattr(graph, name)(**arguments)

        return call

    actions = [
        act(path, summary, late(method))
        for path, summary, method in (
            ("follow", "Follow, or ask to", "follow"),
            ("unfollow", "Follow no more", "unfollow"),
            ("block", "Block", "block"),
            ("unblock", "Block no more", "unblock"),
            ("mute", "Mute", "mute"),
            ("unmute", "Mute no more", "unmute"),
            ("accept", "Let somebody follow who asked to", "accept"),
            ("reject", "Don't let them", "reject"),
            ("remove-follower", "Take a follower away", "remove_follower"),
        )
    ]
    return Router(
        "/users", tags=["users"],
        route_handlers=[show, change, posts, followers, following, relationship, *actions],
    )  # fmt: skip


def own_routes(edge: Edge, people: People) -> Router:
    """Lists that only their owner sees, below /api/me."""

    def page(path: str, summary: str, name: str) -> HTTPRouteHandler:
        @get(path, summary=summary, name=f"own_{name}", operation_id=f"own_{name}")
        async def handler(cursor: Cursor = "", limit: Limit = 20) -> PersonList:
            signed_in(current_call())
            found = await getattr(edge.graph, name)(cursor=cursor, limit=limit)
            return PersonList(items=await people.show_ids(found.user_ids), next=found.next or None)

        return handler

    @get("/suggestions", summary="People one may want to follow")
    async def suggestions(limit: Limit = 5) -> PersonList:
        signed_in(current_call())
        found = await edge.graph.suggestions(limit=limit)
        return PersonList(items=await people.show_ids(found.user_ids), next=None)

    @get("/privacy", summary="One's privacy")
    async def privacy() -> PrivacyView:
        signed_in(current_call())
        found = await edge.graph.get_privacy()
        return PrivacyView(private=found.private, hide_followers=found.hide_followers)

    return Router(
        "/me",
        tags=["me"],
        route_handlers=[
            page("/follow-requests", "Who asks to follow", "requests"),
            page("/blocked", "Whom one blocks", "blocked"),
            page("/muted", "Whom one mutes", "muted"),
            suggestions,
            privacy,
        ],
    )
