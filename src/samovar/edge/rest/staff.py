"""`/api/moderation/people` and `roles`: accounts and who may do what, as staff handle them."""

from typing import Annotated, Any

import msgspec
from litestar.params import FromQuery, JSONBody

from samovar.edge.edge import Edge
from samovar.edge.gateway.routing import Router
from samovar.edge.present import desk_views as views
from samovar.edge.present.desk import Desk, role_view
from samovar.edge.rest.auth import Body
from samovar.edge.rest.common import Cursor, Done, ItemId, Limit, delete, get, post, put
from samovar.edge.rest.moderation import Name, TextBody, staff_id


class RolesBody(Body):
    """The roles that somebody is to have, beside that of every member."""

    roles: Annotated[list[str], msgspec.Meta(max_length=60)]


class RoleBody(Body):
    """What a role may do."""

    permissions: Annotated[list[str], msgspec.Meta(max_length=60)]


def routes(edge: Edge, desk: Desk) -> Router:
    """Accounts and roles as staff handle them, below /api/moderation/people and roles."""
    identity, api = edge.identity, edge.moderation

    @get("/people", summary="Accounts by a part of their name or e-mail address")
    async def find(
        q: FromQuery[str] = "", filter: FromQuery[str] = "", cursor: Cursor = "", limit: Limit = 20
    ) -> views.DossierPageView:
        page = await identity.find(text=q[:100], filter=filter[:20], cursor=cursor, limit=limit)
        return views.DossierPageView(items=await desk.dossiers(page.items), next=page.next or None)

    @get("/people/{person:str}/notes", summary="Notes about somebody")
    async def notes(person: ItemId) -> views.NoteListView:
        found = await api.notes_of(person_id=staff_id(person))
        return views.NoteListView(items=await desk.notes(found.items))

    @post("/people/{person:str}/notes", status_code=200, summary="Note something about somebody")
    async def note(person: ItemId, data: JSONBody[TextBody]) -> views.NoteView:
        found = await api.add_note(case_id=0, person_id=staff_id(person), text=data.text)
        return (await desk.notes([found]))[0]

    @put("/people/{person:str}/roles", summary="Give somebody their roles")
    async def give(person: ItemId, data: JSONBody[RolesBody]) -> views.DossierView:
        number = staff_id(person, "accounts.roles")
        return (await desk.dossiers([await give_roles(edge, number, data.roles)]))[0]

    @get("/roles", summary="All roles and what they may do")
    async def roles() -> views.RoleListView:
        return views.RoleListView(items=tuple(map(role_view, (await identity.roles()).items)))

    @put("/roles/{name:str}", summary="Make a role of the community's own, or change it")
    async def save(name: Name, data: JSONBody[RoleBody]) -> views.RoleView:
        return role_view(await save_role(edge, name, data.permissions))

    @delete("/roles/{name:str}", status_code=200, summary="Remove such a role")
    async def remove(name: Name) -> Done:
        await remove_role(edge, name)
        return Done()

    return Router(
        "/moderation", tags=["moderation"],
        route_handlers=[find, notes, note, give, roles, save, remove],
    )  # fmt: skip


async def give_roles(edge: Edge, person_id: int, roles: list[str]) -> Any:
    """Give somebody their roles and note it in the log; answers their dossier."""
    before = await edge.identity.dossiers(ids=(person_id,))
    account = await edge.identity.set_roles(user_id=person_id, roles=tuple(roles))
    was = before.items[0].account.roles if before.items else ()
    if account.roles != was:
        await edge.moderation.record(
            action="roles.set", person_id=person_id, why="", before=", ".join(was),
            after=", ".join(account.roles),
        )  # fmt: skip
    return (await edge.identity.dossiers(ids=(person_id,))).items[0]


async def save_role(edge: Edge, name: str, permissions: list[str]) -> Any:
    """Make a role or change it, and note it in the log."""
    before = {role.name: role for role in (await edge.identity.roles()).items}.get(name)
    role = await edge.identity.save_role(name=name, permissions=tuple(permissions), fixed=False, people=0)
    await edge.moderation.record(
        action="role.saved", person_id=0, why=name, before=", ".join(before.permissions) if before else "",
        after=", ".join(role.permissions),
    )  # fmt: skip
    return role


async def remove_role(edge: Edge, name: str) -> None:
    """Remove a role, and note it in the log."""
    await edge.identity.remove_role(name=name)
    await edge.moderation.record(action="role.removed", person_id=0, why=name, before="", after="")
