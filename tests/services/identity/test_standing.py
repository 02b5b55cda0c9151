"""How accounts stand, roles of the community's own, and finding people."""

import pytest

from samovar.contracts.identity import LastAdmin, Standing, Suspended, TokenInvalid
from samovar.kernel.authz import may
from samovar.kernel.context import Call
from samovar.kernel.errors import Forbidden, Invalid, NotFound
from tests.world import PASSWORD, Person, World


async def staff(world: World, name: str, *roles: str) -> Person:
    person = await world.person(name, "user", *roles)
    await world.system.identity.set_roles(user_id=person.id, roles=list(roles))
    return person


async def carried(world: World, person: Person) -> Call:
    """A call as the edge makes it for somebody's session."""
    session = await world.system.identity.resolve_session(session_id=person.call.session or 0)
    return Call(actor=session.user_id, roles=session.roles)


async def test_standing_is_moderations_to_decide(world: World) -> None:
    anna, chief = await world.person("anna"), await staff(world, "chief", "admin")
    for person in (anna, chief, world.stranger):
        with pytest.raises(NotFound):
            await person.identity.set_standing(user_id=anna.id, standing=Standing(state="banned"), notice="/")
    with pytest.raises(Invalid):
        await world.system.identity.set_standing(
            user_id=anna.id, standing=Standing(state="boiled"), notice=""
        )
    await world.system.identity.set_standing(
        user_id=anna.id, standing=Standing(state="suspended"), notice="/decisions/1?key=2"
    )
    with pytest.raises(TokenInvalid):
        await carried(world, anna)
    with pytest.raises(Suspended) as refused:
        await world.stranger.identity.login(
            name="anna", password=PASSWORD, otp=None, device="", browser=False
        )
    assert refused.value.data == {"until": 0, "notice": "/decisions/1?key=2"}
    await world.system.identity.set_standing(user_id=77, standing=Standing(state="banned"), notice="")


async def test_a_role_of_ones_own_carries_its_permissions_everywhere(world: World) -> None:
    anna, chief = await world.person("anna"), await staff(world, "chief", "admin")
    await chief.identity.save_role(
        name="gardener", permissions=["content.mark", "reports.see"], fixed=False, people=0
    )
    given = await chief.identity.set_roles(user_id=anna.id, roles=["gardener"])
    assert given.roles == ("user", "gardener")
    assert set(given.permissions) == {"content.mark", "reports.see"}
    call = await carried(world, anna)
    assert may(call, "reports.see")
    assert not may(call, "content.hide")
    roles = {role.name: role for role in (await chief.identity.roles()).items}
    assert (roles["gardener"].people, roles["gardener"].fixed, roles["admin"].fixed) == (1, False, True)

    await chief.identity.save_role(name="gardener", permissions=["content.hide"], fixed=False, people=0)
    assert may(await carried(world, anna), "content.hide")
    await chief.identity.remove_role(name="gardener")
    call = await carried(world, anna)
    assert call.roles == ("user",)
    assert not may(call, "content.hide")


async def test_nobody_grants_above_their_own(world: World) -> None:
    anna, chief = await world.person("anna"), await staff(world, "chief", "admin")
    # May give roles, but little else.
    warden = world.as_(anna.id, "user", "+accounts.roles", "+reports.see")
    with pytest.raises(Forbidden):
        await warden.identity.save_role(name="boss", permissions=["content.hide"], fixed=False, people=0)
    await warden.identity.save_role(name="reader", permissions=["reports.see"], fixed=False, people=0)
    boris = await world.person("boris")
    await warden.identity.set_roles(user_id=boris.id, roles=["reader"])
    for role in ("moderator", "admin", "support"):
        with pytest.raises(Forbidden):
            await warden.identity.set_roles(user_id=boris.id, roles=[role])
    with pytest.raises(Forbidden):
        # Nor takes from those above.
        await warden.identity.set_roles(user_id=chief.id, roles=[])
    await chief.identity.save_role(name="boss", permissions=["content.hide"], fixed=False, people=0)
    with pytest.raises(Forbidden):
        await warden.identity.remove_role(name="boss")


async def test_the_last_admin_stays(world: World) -> None:
    chief = await staff(world, "chief", "admin")
    with pytest.raises(LastAdmin):
        await chief.identity.set_roles(user_id=chief.id, roles=["moderator"])
    second = await staff(world, "second", "admin")
    await second.identity.set_roles(user_id=chief.id, roles=["moderator"])


async def test_wrong_roles_are_refused(world: World) -> None:
    anna, chief = await world.person("anna"), await staff(world, "chief", "admin")
    for name, permissions in (
        ("admin", ["reports.see"]), ("A b", ["reports.see"]), ("x", ["reports.see"]), ("cook", []),
        ("cook", ["kettle.boil"]),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            await chief.identity.save_role(name=name, permissions=permissions, fixed=False, people=0)
    with pytest.raises(Invalid):
        await chief.identity.set_roles(user_id=anna.id, roles=["+content.hide"])
    with pytest.raises(Invalid):
        await chief.identity.remove_role(name="moderator")
    with pytest.raises(NotFound):
        await anna.identity.roles()
    with pytest.raises(Forbidden):
        await world.as_(77, "moderator").identity.roles()


async def test_people_are_found_by_parts_of_names_and_addresses(world: World) -> None:
    for name in ("anna", "joanna", "boris"):
        await world.person(name, drain=False)
    marta = await staff(world, "marta", "moderator")
    find = {"filter": "", "cursor": "", "limit": 10}
    found = await marta.identity.find(text="ANN", **find)
    assert [one.account.username for one in found.items] == ["joanna", "anna"]
    (one,) = (await marta.identity.find(text="boris@example", **find)).items
    assert (one.email, one.sessions, one.standing.state) == ("boris@example.org", 1, "")
    assert [
        one.account.username
        for one in (await marta.identity.find(text="", **find | {"filter": "staff"})).items
    ] == ["marta"]
    assert (await marta.identity.find(text="%", **find)).items == ()
    first = await marta.identity.find(text="", **find | {"limit": 2})
    second = await marta.identity.find(text="", **find | {"limit": 2, "cursor": first.next})
    assert len({one.account.id for one in (*first.items, *second.items)}) == 4
    assert second.next == ""
    for person, refusal in ((await world.person("clara"), NotFound), (world.stranger, NotFound)):
        with pytest.raises(refusal):
            await person.identity.find(text="anna", **find)
    with pytest.raises(Invalid):
        await marta.identity.find(text="", **find | {"filter": "nice"})
