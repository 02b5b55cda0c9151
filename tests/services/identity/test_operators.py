"""What operators and admins do to accounts."""

import pytest

from samovar.contracts.identity import TokenInvalid, WrongCredentials
from samovar.kernel.errors import Forbidden, Invalid, NotFound, Unauthenticated
from tests.services.identity.helpers import sign_in
from tests.world import World

NEW = "another quiet kettle"


async def test_roles(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris", "user", "admin")
    account = await world.system.identity.set_roles(user_id=boris.id, roles=["admin"])
    assert account.roles == ("user", "admin") and account.email == ""
    assert (await boris.identity.set_roles(user_id=anna.id, roles=["moderator", "moderator"])).roles == (
        "user",
        "moderator",
    )
    assert (await world.stranger.identity.resolve_session(session_id=anna.call.session or 0)).roles == (
        "user",
        "moderator",
    )
    assert (await sign_in(world.stranger, "anna")).account.roles == ("user", "moderator")
    for roles in (["king"], [""], ["admin", "king"]):
        with pytest.raises(Invalid):
            await boris.identity.set_roles(user_id=anna.id, roles=roles)
    with pytest.raises(NotFound):
        await boris.identity.set_roles(user_id=5, roles=["user"])
    with pytest.raises(Forbidden):
        await anna.identity.set_roles(user_id=anna.id, roles=["admin"])
    with pytest.raises(Forbidden):
        await world.as_(anna.id, "user", "moderator").identity.set_roles(user_id=anna.id, roles=["admin"])
    with pytest.raises(Unauthenticated):
        await world.stranger.identity.set_roles(user_id=anna.id, roles=["admin"])
    assert (await world.system.identity.set_roles(user_id=boris.id, roles=[])).roles == ("user",)


async def test_setting_a_password_ends_all_sessions(world: World) -> None:
    anna = await world.person("anna")
    with pytest.raises(Forbidden):
        await anna.identity.set_password(user_id=anna.id, password=NEW)
    with pytest.raises(Invalid):
        await world.system.identity.set_password(user_id=anna.id, password="12345678")
    with pytest.raises(NotFound):
        await world.system.identity.set_password(user_id=5, password=NEW)
    await world.system.identity.set_password(user_id=anna.id, password=NEW)
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.resolve_session(session_id=anna.call.session or 0)
    with pytest.raises(WrongCredentials):
        await sign_in(world.stranger, "anna")
    assert (await sign_in(world.stranger, "anna", NEW)).access_token
