"""Addresses proved and changed, passwords changed and reset: all by letters."""

import pytest

from samovar.contracts.identity import (
    EmailTaken,
    LinkExpired,
    TokenInvalid,
    WrongCredentials,
    WrongOtp,
    WrongPassword,
)
from samovar.kernel.errors import Invalid, RateLimited
from tests.services.identity.helpers import from_, letters, link, sign_in, text_of
from tests.services.identity.test_second_factor import turn_on
from tests.world import PASSWORD, World

NEW = "another quiet kettle"


async def test_an_address_is_proved_by_its_letter(world: World) -> None:
    anna = await world.person("anna")
    token = link(world, "anna@example.org", "verify")
    await world.stranger.identity.verify_email(token=token)
    assert (await anna.identity.me()).email_verified
    with pytest.raises(LinkExpired):
        await world.stranger.identity.verify_email(token=token)
    # There is nothing more to verify, so no letter.
    await anna.identity.send_verification()
    await world.drain()
    assert len(letters(world, "anna@example.org")) == 1


async def test_a_fresh_letter_ends_the_old_link(world: World) -> None:
    anna = await world.person("anna")
    old = link(world, "anna@example.org", "verify")
    world.clock.advance(1)
    await anna.identity.send_verification()
    await world.drain()
    fresh = link(world, "anna@example.org", "verify")
    assert fresh != old
    with pytest.raises(LinkExpired):
        await world.stranger.identity.verify_email(token=old)
    world.clock.advance(24 * 3600 + 1)
    with pytest.raises(LinkExpired):
        await world.stranger.identity.verify_email(token=fresh)
    for _ in range(10):
        try:
            await anna.identity.send_verification()
        except RateLimited:
            break
    else:
        pytest.fail("letters without end")


@pytest.mark.parametrize("token", ["", "x", "x" * 10_000, "\x00"])
async def test_tokens_that_are_none(world: World, token: str) -> None:
    with pytest.raises(LinkExpired):
        await world.stranger.identity.verify_email(token=token)
    with pytest.raises(LinkExpired):
        await world.stranger.identity.reset_password(token=token, password=NEW)


async def test_a_forgotten_password(world: World) -> None:
    anna = await world.person("anna")
    _, codes = await turn_on(world, anna)
    answers = [
        await world.stranger.identity.forgot_password(name=name) for name in ("nobody", "ANNA", "x" * 9999)
    ]
    assert answers[0] == answers[1] == answers[2]
    await world.drain()
    token = link(world, "anna@example.org", "reset")
    with pytest.raises(Invalid):
        await world.stranger.identity.reset_password(token=token, password="12345678")
    await world.stranger.identity.reset_password(token=token, password=NEW)
    with pytest.raises(LinkExpired):
        await world.stranger.identity.reset_password(token=token, password=NEW)
    # All sessions are over, the old password too, and the second factor stays.
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.resolve_session(session_id=anna.call.session or 0)
    with pytest.raises(WrongCredentials):
        await sign_in(world.stranger, "anna", otp=codes[0])
    with pytest.raises(WrongOtp):
        await sign_in(world.stranger, "anna", NEW, otp="nothing")
    grant = await sign_in(world.stranger, "anna", NEW, otp=codes[0])
    # Who could read the letter holds the address.
    assert grant.account.email_verified
    await world.drain()
    assert "password was changed" in letters(world, "anna@example.org")[-1]["Subject"]


async def test_a_reset_link_lives_an_hour_and_a_newer_one_does_not_break_it(world: World) -> None:
    await world.person("anna")
    await world.stranger.identity.forgot_password(name="anna@example.org")
    await world.drain()
    first = link(world, "anna@example.org", "reset")
    world.clock.advance(10)
    await world.stranger.identity.forgot_password(name="anna")
    await world.drain()
    second = link(world, "anna@example.org", "reset")
    await world.stranger.identity.reset_password(token=first, password=NEW)
    with pytest.raises(LinkExpired):
        await world.stranger.identity.reset_password(token=second, password=NEW)
    await world.stranger.identity.forgot_password(name="anna")
    await world.drain()
    world.clock.advance(3601)
    with pytest.raises(LinkExpired):
        await world.stranger.identity.reset_password(
            token=link(world, "anna@example.org", "reset"), password=NEW
        )


async def test_reset_letters_do_not_flood_a_member(world: World) -> None:
    await world.person("anna")
    for number in range(30):
        await from_(world, f"192.0.2.{number}").identity.forgot_password(name="anna")
        await world.drain()
    resets = [letter for letter in letters(world, "anna@example.org") if "new password" in letter["Subject"]]
    assert len(resets) == 5


async def test_a_verify_link_resets_nothing(world: World) -> None:
    await world.person("anna")
    with pytest.raises(LinkExpired):
        await world.stranger.identity.reset_password(
            token=link(world, "anna@example.org", "verify"), password=NEW
        )


async def test_changing_the_password_ends_other_sessions(world: World) -> None:
    anna = await world.person("anna")
    other = await sign_in(world.stranger, "anna")
    with pytest.raises(WrongPassword) as refusal:
        await anna.identity.change_password(password="a wild guess", new_password=NEW)
    assert "password" in refusal.value.fields
    with pytest.raises(Invalid) as weak:
        await anna.identity.change_password(password=PASSWORD, new_password="anna@example.org")
    assert "new_password" in weak.value.fields
    await anna.identity.change_password(password=PASSWORD, new_password=NEW)
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.refresh(refresh_token=other.refresh_token)
    assert [item.id for item in (await anna.identity.sessions()).items] == [anna.call.session]
    with pytest.raises(WrongCredentials):
        await sign_in(world.stranger, "anna")
    assert (await sign_in(world.stranger, "anna", NEW)).access_token


async def test_a_new_address_is_in_force_when_proved(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await world.stranger.identity.forgot_password(name="anna")
    await world.drain()
    reset = link(world, "anna@example.org", "reset")
    with pytest.raises(WrongPassword):
        await anna.identity.change_email(password="a wild guess", email="new@example.org")
    with pytest.raises(Invalid):
        await anna.identity.change_email(password=PASSWORD, email="no address")
    with pytest.raises(EmailTaken):
        await anna.identity.change_email(password=PASSWORD, email="BORIS@example.org")
    await anna.identity.change_email(password=PASSWORD, email="new@example.org")
    me = await anna.identity.me()
    assert (me.email, me.pending_email) == ("anna@example.org", "new@example.org")
    await world.drain()
    await world.stranger.identity.verify_email(token=link(world, "new@example.org", "verify"))
    me = await anna.identity.me()
    assert (me.email, me.email_verified, me.pending_email) == ("new@example.org", True, "")
    await world.drain()
    assert "was changed" in letters(world, "anna@example.org")[-1]["Subject"]
    assert (await sign_in(world.stranger, "new@example.org")).account.id == anna.id
    with pytest.raises(WrongCredentials):
        await sign_in(world.stranger, "anna@example.org")
    # What went to the old address opens nothing any more, and it is free for others.
    with pytest.raises(LinkExpired):
        await world.stranger.identity.reset_password(token=reset, password=NEW)
    await boris.identity.change_email(password=PASSWORD, email="anna@example.org")


async def test_a_change_of_address_can_be_taken_back(world: World) -> None:
    anna = await world.person("anna")
    await anna.identity.change_email(password=PASSWORD, email="new@example.org")
    await world.drain()
    token = link(world, "new@example.org", "verify")
    await anna.identity.change_email(password=PASSWORD, email="anna@example.org")
    assert (await anna.identity.me()).pending_email == ""
    with pytest.raises(LinkExpired):
        await world.stranger.identity.verify_email(token=token)
    assert (await anna.identity.me()).email == "anna@example.org"


async def test_two_may_want_one_address_and_the_first_to_prove_it_gets_it(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.identity.change_email(password=PASSWORD, email="new@example.org")
    await world.drain()
    first = link(world, "new@example.org", "verify")
    world.clock.advance(1)
    await boris.identity.change_email(password=PASSWORD, email="new@example.org")
    await world.drain()
    second = link(world, "new@example.org", "verify")
    await world.stranger.identity.verify_email(token=second)
    with pytest.raises(EmailTaken):
        await world.stranger.identity.verify_email(token=first)
    assert (await boris.identity.me()).email == "new@example.org"


async def test_letters_are_in_the_language_of_the_member(world: World) -> None:
    await world.stranger.identity.register(
        username="vera", email="vera@example.org", password=PASSWORD, locale="ru-RU", device="", browser=False
    )
    await world.drain()
    letter = letters(world, "vera@example.org")[0]
    assert letter["Subject"] == "Подтвердите адрес почты - Samovar"
    assert "http://localhost:8000/verify/" in text_of(letter)
