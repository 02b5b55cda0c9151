"""Signing in, and keeping guessers out."""

import asyncio

import bcrypt
import pytest
from sqlalchemy import select, update

from samovar.contracts.identity import WrongCredentials, WrongPassword
from samovar.kernel.db import Query, QueryCounter, counting
from samovar.kernel.errors import RateLimited, Unavailable
from samovar.services.identity.tables import ACCOUNT
from tests.services.identity.helpers import from_, sign_in
from tests.world import World

HASHES = Query(select(ACCOUNT.c.password_hash))


async def test_by_name_or_address_in_any_case(world: World) -> None:
    anna = await world.person("Anna")
    for name in ("anna", "ANNA", " Anna@Example.org "):
        grant = await sign_in(world.stranger, name)
        assert grant.account.id == anna.id and grant.account.email == "Anna@example.org"
        assert (
            grant.access_token and grant.refresh_token and not grant.cookie_token and grant.expires_in == 900
        )


async def test_a_browser_gets_a_cookie(world: World) -> None:
    await world.person("anna")
    grant = await sign_in(world.stranger, "anna", browser=True)
    assert grant.cookie_token and not grant.access_token and not grant.refresh_token
    assert grant.expires_in == 30 * 86400


async def test_wrong_name_and_wrong_password_cost_and_say_the_same(world: World) -> None:
    await world.person("anna")
    answers, statements = [], []
    for name in ("anna", "nobody", "nobody@example.org"):
        counter = QueryCounter()
        token = counting.set(counter)
        with pytest.raises(WrongCredentials) as refusal:
            await sign_in(world.stranger, name, "not the password")
        counting.reset(token)
        answers.append(repr(refusal.value))
        statements.append(counter.log)
    assert len(set(answers)) == 1
    assert statements[0] == statements[1] == statements[2]


@pytest.mark.parametrize("name", ["", "\x00", "a" * 5000, "' or 1=1 --", "anna\x00", "%", "deleted:1"])
async def test_odd_names_are_just_wrong(world: World, name: str) -> None:
    await world.person("anna")
    with pytest.raises(WrongCredentials):
        await sign_in(world.stranger, name)


async def test_guesses_are_slowed_and_the_owner_is_not_locked_out(world: World) -> None:
    await world.person("anna")
    home = from_(world, "198.51.100.1")
    await sign_in(home, "anna")
    # One address has ten guesses at once ...
    thief = from_(world, "192.0.2.1")
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await sign_in(thief, "anna", "a wild guess")
    with pytest.raises(RateLimited) as refusal:
        await sign_in(thief, "anna")
    assert 0 < (refusal.value.retry_after or 0) <= 60
    # ... by whichever of her names, ...
    with pytest.raises(RateLimited):
        await sign_in(thief, "anna@example.org")
    # ... and all addresses together have sixty.
    refused = 0
    for number in range(2, 70):
        try:
            await sign_in(from_(world, f"192.0.2.{number}"), "anna", "a wild guess")
        except RateLimited:
            refused += 1
        except WrongCredentials:
            pass
    # Of the sixty she took one herself, and the first address ten.
    assert refused == 68 - 49
    # At home she still gets in.
    assert (await sign_in(home, "anna")).access_token
    # A while later everybody may try again.
    world.clock.advance(3600)
    with pytest.raises(WrongCredentials):
        await sign_in(thief, "anna", "a wild guess")


async def test_guessing_an_absent_name_is_slowed_alike(world: World) -> None:
    thief = from_(world, "192.0.2.1")
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await sign_in(thief, "nobody", "a wild guess")
    with pytest.raises(RateLimited):
        await sign_in(thief, "nobody", "a wild guess")


@pytest.mark.settings(SAMOVAR_IDENTITY__ADDRESS_BURST="15")
async def test_one_address_can_not_try_many_accounts(world: World) -> None:
    thief = from_(world, "2001:db8::1")
    for number in range(15):
        with pytest.raises(WrongCredentials):
            await sign_in(thief, f"member{number}")
    with pytest.raises(RateLimited):
        # The same household of IPv6.
        await sign_in(from_(world, "2001:db8::ffff"), "member99")
    with pytest.raises(WrongCredentials):
        await sign_in(from_(world, "2001:db8:0:1::1"), "member99")


async def test_a_stolen_session_can_not_guess_the_password(world: World) -> None:
    anna = await world.person("anna")
    for _ in range(10):
        with pytest.raises(WrongPassword):
            await anna.identity.change_password(password="a wild guess", new_password="another kettle")
    with pytest.raises(RateLimited):
        await anna.identity.change_password(password="a wild guess", new_password="another kettle")


async def test_imported_bcrypt_works_once_and_becomes_argon(world: World) -> None:
    await world.person("anna")
    db = world.house.kits["identity"].db
    old = bcrypt.hashpw(b"from the old place", bcrypt.gensalt(4)).decode()
    put = Query(update(ACCOUNT).values(password_hash=old))

    async def work(tx):  # type: ignore[no-untyped-def]
        await tx.run(put)

    await db.write(work)
    with pytest.raises(WrongCredentials):
        await sign_in(world.stranger, "anna")
    assert (await sign_in(world.stranger, "anna", "from the old place")).access_token
    assert (await db.value(HASHES)).startswith("$argon2id$")
    assert (await sign_in(world.stranger, "anna", "from the old place")).access_token


@pytest.mark.settings(
    SAMOVAR_IDENTITY__HASH_QUEUE="1",
    SAMOVAR_IDENTITY__HASH_WORKERS="1",
    SAMOVAR_IDENTITY__ARGON_MEMORY_KIB="16384",
)
async def test_too_many_at_once_are_asked_to_come_back(world: World) -> None:
    await world.person("anna")
    tries = [sign_in(from_(world, f"192.0.2.{number}"), "anna") for number in range(20)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert any(isinstance(result, Unavailable) for result in results)
    assert any(not isinstance(result, Exception) for result in results)
    assert (await sign_in(world.stranger, "anna")).access_token
