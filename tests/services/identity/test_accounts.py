"""Accounts: made, found, unique."""

import asyncio

import msgspec
import pytest

from samovar.contracts.identity import EmailTaken, RegistrationClosed, TokenInvalid, UsernameTaken
from samovar.kernel.context import Call
from samovar.kernel.errors import AppError, Conflict, Invalid, RateLimited, Unauthenticated
from samovar.kernel.kit import Site
from tests.services.identity.helpers import letters, statements
from tests.world import PASSWORD, Person, World


async def register(who: Person, username: str, email: str = "", password: str = PASSWORD, **more: object):  # type: ignore[no-untyped-def]
    arguments = {"locale": "en", "device": "", "browser": False} | more
    return await who.identity.register(
        username=username, email=email or f"{username}@example.org", password=password, **arguments
    )


async def test_a_new_member_sees_all_of_the_own_account(world: World) -> None:
    anna = await world.person("Anna_1")
    me = await anna.identity.me()
    assert (me.username, me.email, me.email_verified, me.roles) == (
        "Anna_1",
        "Anna_1@example.org",
        False,
        ("user",),
    )
    assert me.created_at == world.clock.now() and me.locale == "en"


async def test_others_see_no_address(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    with statements(world, 1):
        items = (await boris.identity.get_many(ids=[boris.id, anna.id, 5, anna.id])).items
    assert [item.username for item in items] == ["boris", "anna"]
    assert all(item.email == "" and item.pending_email == "" for item in items)
    with statements(world, 1):
        items = (await world.stranger.identity.by_username(usernames=["ANNA", "nobody", "ёж", "anna"])).items
    assert [item.id for item in items] == [anna.id]
    assert (await boris.identity.get_many(ids=[])).items == ()
    with pytest.raises(Invalid):
        await boris.identity.get_many(ids=range(1, 102))


@pytest.mark.parametrize(
    "username",
    [
        "a",
        "a" * 31,
        "анна",
        "an na",
        "anna!",
        "",
        "admin",
        "API",
        "Tags",
        "12345",
        "anna\n",
        "an\u202ena",
        "an\x00na",
    ],
)
async def test_names_that_can_not_be_taken(world: World, username: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await register(world.stranger, username, "x@example.org")
    assert set(refusal.value.fields) == {"username"}


@pytest.mark.parametrize(
    "email",
    [
        "",
        "anna",
        "anna@",
        "@example.org",
        "a@b@example.org",
        "a b@example.org",
        "a@" + "x" * 300 + ".org",
        "anna@localhost",
    ],
)
async def test_addresses_that_are_none(world: World, email: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await world.stranger.identity.register(
            username="anna", email=email, password=PASSWORD, locale="", device="", browser=False
        )
    assert set(refusal.value.fields) == {"email"}


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "x" * 257,
        "password",
        "Password123!",
        "qwertyuiop",
        "88888888",
        "пароль2024",
        "annabella",
        "Annabella77",
        "annabella@example.org",
        "samovar1!",
        "ａｎｎａｂｅｌｌａ",
    ],
)
async def test_passwords_that_are_too_easy(world: World, password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await register(world.stranger, "annabella", password=password)
    assert set(refusal.value.fields) == {"password"}


async def test_all_wrong_fields_are_named_at_once(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        await register(world.stranger, "!", "?", "1")
    assert set(refusal.value.fields) == {"username", "email", "password"}


async def test_names_and_addresses_are_unique_in_any_case(world: World) -> None:
    await world.person("anna")
    with pytest.raises(UsernameTaken) as name:
        await register(world.stranger, "ANNA", "other@example.org")
    assert "username" in name.value.fields
    with pytest.raises(EmailTaken) as address:
        await register(world.stranger, "anna2", "Anna@Example.ORG")
    assert "email" in address.value.fields


async def test_of_many_at_once_one_gets_the_name(world: World) -> None:
    tries = [register(world.stranger, "anna", f"a{n}@example.org") for n in range(8)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(result, AppError) for result in results) == 1
    assert sum(isinstance(result, UsernameTaken) for result in results) == 7


async def test_unicode_forms_of_a_password_are_one(world: World) -> None:
    await register(world.stranger, "anna", password="caf\u00e9 ouvert")
    grant = await world.stranger.identity.login(
        name="anna", password="cafe\u0301 ouvert", device="", browser=False
    )
    assert grant.access_token


async def test_a_retry_with_the_same_key_is_the_same_account(world: World) -> None:
    def with_key() -> Person:
        person = world.stranger
        person.call = Call(address="203.0.113.7", idempotency_key="k1")
        return person

    first = await register(with_key(), "anna")
    again = await register(with_key(), "anna")
    assert first.account.id == again.account.id
    assert (
        await world.stranger.identity.refresh(refresh_token=again.refresh_token)
    ).account.id == first.account.id
    # Not with another body, nor once the password is another.
    with pytest.raises(Conflict):
        await register(with_key(), "anna", password="another quiet kettle")
    anna = world.as_(first.account.id, session=first.session_id)
    await anna.identity.change_password(password=PASSWORD, new_password="another quiet kettle")
    with pytest.raises(Unauthenticated):
        await register(with_key(), "anna")
    await world.drain()
    assert len([1 for letter in letters(world, "anna@example.org") if "Confirm" in letter["Subject"]]) == 1


async def test_registration_can_be_closed(world: World) -> None:
    kit = world.house.kits["identity"]
    closed = Site(registrations_open=False)
    desk = world.house.built["identity"].rpc["identity"]._service.entry._desk
    desk.kit = msgspec.structs.replace(kit, site=closed)
    with pytest.raises(RegistrationClosed):
        await register(world.stranger, "anna")
    operator = await register(world.system, "admin", "root@example.org")
    # The operator vouches for the address, and may take a reserved name.
    assert operator.account.email_verified and operator.account.roles == ("user",)


@pytest.mark.settings(SAMOVAR_IDENTITY__REGISTER_BURST="3")
async def test_one_address_can_not_register_without_end(world: World) -> None:
    for number in range(3):
        await register(world.stranger, f"anna{number}")
    with pytest.raises(RateLimited) as refusal:
        await register(world.stranger, "anna9")
    assert (refusal.value.retry_after or 0) > 0
    world.clock.advance(refusal.value.retry_after or 0)
    await register(world.stranger, "anna9")


async def test_me_needs_somebody(world: World) -> None:
    with pytest.raises(Unauthenticated):
        await world.stranger.identity.me()
    with pytest.raises(TokenInvalid):
        await world.as_(77).identity.me()
