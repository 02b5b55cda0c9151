"""The second factor."""

import pyotp
import pytest

from samovar.contracts.identity import OtpRequired, WrongCredentials, WrongOtp, WrongPassword
from samovar.kernel.errors import Conflict, RateLimited
from samovar.services.identity.domain import totp_step
from tests.services.identity.helpers import from_, letters, sign_in
from tests.world import PASSWORD, Person, World


@pytest.mark.parametrize(
    ("time", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_vectors_of_rfc_6238(time: int, code: str) -> None:
    """The RFC gives eight digits; the usual six are the last ones."""
    code_at = pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").generate_otp
    step = time // 30
    assert totp_step(code_at, code, time * 1_000_000, 0) == step
    assert totp_step(code_at, code, (time + 30) * 1_000_000, 0) == step
    assert totp_step(code_at, code, (time - 30) * 1_000_000, 0) == step
    assert totp_step(code_at, code, (time + 60) * 1_000_000, 0) is None
    assert totp_step(code_at, code, time * 1_000_000, step) is None


def code(world: World, secret: str) -> str:
    return pyotp.TOTP(secret).generate_otp(world.clock.now() // 30_000_000)


async def turn_on(world: World, who: Person) -> tuple[str, tuple[str, ...]]:
    begun = await who.identity.begin_otp(password=PASSWORD)
    return begun.secret, (await who.identity.confirm_otp(code=code(world, begun.secret))).codes


async def test_on_and_off(world: World) -> None:
    anna = await world.person("anna")
    with pytest.raises(WrongPassword):
        await anna.identity.begin_otp(password="a wild guess")
    begun = await anna.identity.begin_otp(password=PASSWORD)
    assert begun.uri.startswith("otpauth://totp/Samovar:anna?secret=")
    # Not in force until it is proved.
    assert (await sign_in(world.stranger, "anna")).access_token
    with pytest.raises(WrongOtp):
        await anna.identity.confirm_otp(code="000000")
    codes = (await anna.identity.confirm_otp(code=code(world, begun.secret))).codes
    assert len(set(codes)) == 10
    me = await anna.identity.me()
    assert me.otp_enabled and me.recovery_codes_left == 10
    assert not (await world.stranger.identity.get_many(ids=[anna.id])).items[0].otp_enabled
    with pytest.raises(Conflict):
        await anna.identity.begin_otp(password=PASSWORD)
    for wrong in (None, "", "  "):
        with pytest.raises(OtpRequired):
            await sign_in(world.stranger, "anna", otp=wrong)
    with pytest.raises(WrongCredentials):
        await sign_in(world.stranger, "anna", "a wild guess", otp="000000")
    world.clock.advance(30)
    spaced = code(world, begun.secret)
    assert (await sign_in(world.stranger, "anna", otp=f"{spaced[:3]} {spaced[3:]}")).access_token
    world.clock.advance(30)
    with pytest.raises(WrongPassword):
        await anna.identity.disable_otp(password="a wild guess", code=code(world, begun.secret))
    await anna.identity.disable_otp(password=PASSWORD, code=code(world, begun.secret))
    me = await anna.identity.me()
    assert not me.otp_enabled and me.recovery_codes_left == 0
    assert (await sign_in(world.stranger, "anna")).access_token
    await world.drain()
    subjects = [letter["Subject"] for letter in letters(world, "anna@example.org")]
    assert any("is on" in subject for subject in subjects) and any(
        "is off" in subject for subject in subjects
    )


async def test_a_code_works_once(world: World) -> None:
    anna = await world.person("anna")
    secret, _ = await turn_on(world, anna)
    with pytest.raises(WrongOtp):
        # The code that turned it on is used up too.
        await sign_in(world.stranger, "anna", otp=code(world, secret))
    world.clock.advance(60)
    await sign_in(world.stranger, "anna", otp=code(world, secret))
    with pytest.raises(WrongOtp):
        await sign_in(world.stranger, "anna", otp=code(world, secret))


async def test_a_recovery_code_works_once(world: World) -> None:
    anna = await world.person("anna")
    _, codes = await turn_on(world, anna)
    assert (await sign_in(world.stranger, "anna", otp=codes[0].upper().replace("-", " "))).access_token
    assert (await anna.identity.me()).recovery_codes_left == 9
    with pytest.raises(WrongOtp):
        await sign_in(world.stranger, "anna", otp=codes[0])
    fresh = (await anna.identity.renew_recovery_codes(password=PASSWORD)).codes
    with pytest.raises(WrongOtp):
        await sign_in(world.stranger, "anna", otp=codes[1])
    assert (await sign_in(world.stranger, "anna", otp=fresh[1])).access_token
    # Of somebody else they are worth nothing.
    boris = await world.person("boris")
    await turn_on(world, boris)
    with pytest.raises(WrongOtp):
        await sign_in(world.stranger, "boris", otp=fresh[2])


async def test_codes_can_not_be_guessed(world: World) -> None:
    anna = await world.person("anna")
    secret, _ = await turn_on(world, anna)
    home = from_(world, "198.51.100.1")
    world.clock.advance(3600)
    await sign_in(home, "anna", otp=code(world, secret))
    refused = 0
    for number in range(40):
        try:
            await sign_in(from_(world, f"192.0.2.{number}"), "anna", otp="000000")
        except RateLimited:
            refused += 1
        except WrongOtp:
            pass
    assert refused >= 15
    world.clock.advance(60)
    assert (await sign_in(home, "anna", otp=code(world, secret))).access_token


async def test_without_the_second_factor_there_are_no_codes(world: World) -> None:
    anna = await world.person("anna")
    with pytest.raises(Conflict):
        await anna.identity.renew_recovery_codes(password=PASSWORD)
    with pytest.raises(Conflict):
        await anna.identity.confirm_otp(code="000000")
