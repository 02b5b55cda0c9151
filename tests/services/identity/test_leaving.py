"""Deleted accounts: out of sight at once, erased soon after, everywhere."""

from typing import Any

import pytest

from samovar.contracts.identity import (
    IDENTITY,
    LastAdmin,
    TokenInvalid,
    UsernameTaken,
    WrongCredentials,
    WrongPassword,
)
from samovar.contracts.personal import PERSONAL
from samovar.kernel.errors import Conflict, NotFound
from tests.services.identity.helpers import letters, sign_in
from tests.services.identity.test_accounts import register
from tests.services.identity.test_second_factor import turn_on
from tests.world import PASSWORD, World


class Keeper:
    """Stands before a keeper of personal data and fails for a while."""

    def __init__(self, fails: int) -> None:
        self.fails = fails
        self.erased: list[int] = []

    async def erase(self, *, user_id: int) -> None:
        self.fails -= 1
        if self.fails >= 0:
            raise ConnectionError
        self.erased.append(user_id)


def stand_in(world: World, fails: int) -> Keeper:
    """Make the erasure by the others' fail so many times."""
    peers: Any = world.house.kits["identity"].peers
    keeper = Keeper(fails)
    peers._owner["personal:far"] = "far"
    peers._stubs["personal:far"] = keeper
    return keeper


async def test_a_deleted_account_is_gone_at_once(world: World) -> None:
    anna = await world.person("anna")
    boris = await world.person("boris")
    other = await sign_in(world.stranger, "anna", browser=True)
    with pytest.raises(WrongPassword):
        await anna.identity.delete_account(password="a wild guess")
    await anna.identity.delete_account(password=PASSWORD)
    assert (await boris.identity.get_many(ids=[anna.id])).items == ()
    assert (await boris.identity.by_username(usernames=["anna"])).items == ()
    for refused in (
        anna.identity.me(),
        sign_in(world.stranger, "anna"),
        world.stranger.identity.resolve_cookie(token=other.cookie_token),
    ):
        with pytest.raises((TokenInvalid, WrongCredentials)):
            await refused
    ended = await world.stranger.identity.revoked_since(since=0)
    assert {other.session_id, anna.call.session} <= set(ended.session_ids)


async def test_the_last_admin_stays(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await world.system.identity.set_roles(user_id=anna.id, roles=["admin"])
    with pytest.raises(LastAdmin):
        await anna.identity.delete_account(password=PASSWORD)
    await world.system.identity.set_roles(user_id=boris.id, roles=["admin"])
    await anna.identity.delete_account(password=PASSWORD)
    assert (await boris.identity.get_many(ids=[anna.id])).items == ()


async def test_nothing_of_a_deleted_account_is_left(world: World) -> None:
    anna = await world.person("anna_karenina")
    await turn_on(world, anna)
    await anna.identity.change_email(password=PASSWORD, email="anna.new@example.org")
    keeper = stand_in(world, fails=0)
    await anna.identity.delete_account(password=PASSWORD)
    await world.drain()
    assert keeper.erased == [anna.id]
    # Letters that waited are not sent any more.
    assert letters(world, "anna.new@example.org") == []
    stored = {table: rows for table, rows in (await world.stored()).items() if table.startswith("identity_")}
    left = {table: rows for table, rows in stored.items() if "karenina" in repr(rows) or "anna" in repr(rows)}
    assert left == {}
    assert len([row for row in stored["identity_erasure"] if row["done_at"] is not None]) == 1


async def test_erasure_is_repeated_until_all_have_confirmed(world: World) -> None:
    anna = await world.person("anna")
    keeper = stand_in(world, fails=15)
    await anna.identity.delete_account(password=PASSWORD)
    for _ in range(30):
        await world.drain()
        world.clock.advance(3700)
    assert keeper.erased == [anna.id]


async def test_a_name_is_kept_for_a_month_and_the_address_is_free(world: World) -> None:
    anna = await world.person("anna")
    await anna.identity.delete_account(password=PASSWORD)
    with pytest.raises(UsernameTaken):
        await register(world.stranger, "Anna", "other@example.org")
    await register(world.stranger, "anna2", "anna@example.org")
    await world.drain()
    with pytest.raises(UsernameTaken):
        await register(world.stranger, "Anna", "other@example.org")
    world.clock.advance(30 * 86400 + 1)
    await world.drain()
    again = await register(world.stranger, "anna", "other@example.org")
    assert again.account.id != anna.id


async def test_only_the_system_erases_and_only_what_is_deleted(world: World) -> None:
    anna = await world.person("anna")
    with pytest.raises(NotFound):
        await anna.of(PERSONAL, "identity").erase(user_id=anna.id)
    with pytest.raises(Conflict):
        await world.system.of(PERSONAL, "identity").erase(user_id=anna.id)
    await world.system.of(PERSONAL, "identity").erase(user_id=5)
    assert (await anna.identity.me()).username == "anna"
    with pytest.raises(NotFound):
        await anna.identity.erase_account(user_id=anna.id)


async def test_an_operator_deletes_without_a_password_and_again_after_a_restore(world: World) -> None:
    anna = await world.person("anna")
    keeper = stand_in(world, fails=0)
    system = world.system.of(IDENTITY, "")
    await system.erase_account(user_id=anna.id)
    assert (await world.stranger.identity.get_many(ids=[anna.id])).items == ()
    await world.drain()
    await system.erase_account(user_id=anna.id)
    await world.drain()
    assert keeper.erased == [anna.id, anna.id]
