"""Sessions: proved, used, refreshed, ended."""

import asyncio
import json

import jwt
import pytest

from samovar.contracts.identity import TokenInvalid
from samovar.kernel.errors import NotFound, Unauthenticated
from tests.services.identity.helpers import from_, sign_in, statements
from tests.world import PASSWORD, Person, World

DAY = 86400


def claims_of(world: World, token: str, jwks: tuple[str, ...]) -> dict[str, object]:
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(jwt.PyJWK(json.loads(text)) for text in jwks if json.loads(text)["kid"] == kid)
    claims: dict[str, object] = jwt.decode(
        token, key, algorithms=["EdDSA"], audience="samovar", issuer="http://localhost:8000",
        options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "jti", "sub"]},
    )  # fmt: skip
    return claims


async def test_an_access_token_tells_who_and_which_session(world: World) -> None:
    anna = await world.person("anna")
    grant = await sign_in(world.stranger, "anna")
    assert jwt.get_unverified_header(grant.access_token)["typ"] == "at+jwt"
    jwks = (await world.stranger.identity.keys()).jwks
    claims = claims_of(world, grant.access_token, jwks)
    now = world.clock.now() // 1_000_000
    assert claims["sub"] == str(anna.id) and claims["sid"] == str(grant.session_id)
    assert claims["roles"] == ["user"] and claims["username"] == "anna"
    assert claims["iat"] == now and claims["exp"] == now + 900
    assert set(json.loads(jwks[0])) == {"kty", "crv", "x", "kid", "alg", "use"}


async def test_keys_change_and_old_tokens_stay_good(world: World) -> None:
    await world.person("anna")
    first = json.loads((await world.stranger.identity.keys()).jwks[0])["kid"]
    world.clock.advance(31 * DAY)
    await world.drain()
    # Shown first, used later.
    shown = [json.loads(text)["kid"] for text in (await world.stranger.identity.keys()).jwks]
    assert shown[0] == first and len(shown) == 2
    old = await sign_in(world.stranger, "anna")
    world.clock.advance(3700)
    new = await sign_in(world.stranger, "anna")
    jwks = (await world.stranger.identity.keys()).jwks
    assert json.loads(jwks[0])["kid"] != first
    assert claims_of(world, old.access_token, jwks) and claims_of(world, new.access_token, jwks)
    world.clock.advance(2 * DAY)
    await world.drain()
    assert first not in [json.loads(text)["kid"] for text in (await world.stranger.identity.keys()).jwks]


async def test_resolving_is_one_statement(world: World) -> None:
    anna = await world.person("anna")
    grant = await sign_in(world.stranger, "anna", browser=True)
    with statements(world, 1):
        session = await world.stranger.identity.resolve_cookie(token=grant.cookie_token)
    assert (session.id, session.user_id, session.username, session.roles) == (
        grant.session_id,
        anna.id,
        "anna",
        ("user",),
    )
    assert session.browser and session.device == "test" and session.address == "203.0.113.7"
    with statements(world, 1):
        assert (await world.stranger.identity.resolve_session(session_id=grant.session_id)).user_id == anna.id
    for token in ("", "x", "x" * 5000, grant.cookie_token + "x"):
        with pytest.raises(TokenInvalid):
            await world.stranger.identity.resolve_cookie(token=token)
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.resolve_session(session_id=1)


async def noted(person: Person, world: World) -> None:
    """Wait until the use of a session now is written down, which happens behind the answer."""
    async with asyncio.timeout(5):
        while True:
            sessions = (await person.identity.sessions()).items
            if world.clock.now() in [session.last_seen_at for session in sessions]:
                return
            await asyncio.sleep(0.005)


async def test_use_keeps_a_session_alive_and_idleness_ends_it(world: World) -> None:
    anna = await world.person("anna")
    grant = await sign_in(world.stranger, "anna", browser=True)
    for _ in range(5):
        world.clock.advance(29 * DAY)
        session = await from_(world, "198.51.100.9").identity.resolve_cookie(token=grant.cookie_token)
        await noted(anna, world)
    seen = (await anna.identity.sessions()).items[0]
    assert seen.last_seen_at == world.clock.now() and seen.address == "198.51.100.9"
    # However much it is used, it ends after 180 days.
    assert seen.expires_at > session.created_at
    world.clock.advance(29 * DAY)
    await world.stranger.identity.resolve_cookie(token=grant.cookie_token)
    await noted(anna, world)
    world.clock.advance(7 * DAY)
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.resolve_cookie(token=grant.cookie_token)
    other = await sign_in(world.stranger, "anna", browser=True)
    world.clock.advance(30 * DAY)
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.resolve_cookie(token=other.cookie_token)


async def test_refresh_rotates(world: World) -> None:
    await world.person("anna")
    grant = await sign_in(world.stranger, "anna")
    for _ in range(3):
        world.clock.advance(1000)
        fresh = await world.stranger.identity.refresh(refresh_token=grant.refresh_token)
        assert fresh.refresh_token != grant.refresh_token and fresh.session_id == grant.session_id
        assert fresh.access_token != grant.access_token and fresh.account.email == "anna@example.org"
        grant = fresh


async def test_a_reused_refresh_token_ends_the_session(world: World) -> None:
    anna = await world.person("anna")
    told: list[bytes] = []
    world.house.kits["identity"].pubsub.subscribe("identity.revoked", told.append)
    stolen = await sign_in(world.stranger, "anna")
    fresh = await world.stranger.identity.refresh(refresh_token=stolen.refresh_token)
    world.clock.advance(11)
    before = world.clock.now()
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.refresh(refresh_token=stolen.refresh_token)
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.refresh(refresh_token=fresh.refresh_token)
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.resolve_session(session_id=stolen.session_id)
    assert told == [str(stolen.session_id).encode()]
    assert (await world.stranger.identity.revoked_since(since=before)).session_ids == (stolen.session_id,)
    # Her other session lives.
    assert (
        await world.stranger.identity.resolve_session(session_id=anna.call.session or 0)
    ).user_id == anna.id


async def test_a_lost_answer_can_be_asked_for_again(world: World) -> None:
    await world.person("anna")
    grant = await sign_in(world.stranger, "anna")
    lost = await world.stranger.identity.refresh(refresh_token=grant.refresh_token)
    world.clock.advance(9)
    again = await world.stranger.identity.refresh(refresh_token=grant.refresh_token)
    assert again.refresh_token == lost.refresh_token
    # Once the successor was used, the old one is stolen goods, however soon.
    await world.stranger.identity.refresh(refresh_token=again.refresh_token)
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.refresh(refresh_token=grant.refresh_token)
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.resolve_session(session_id=grant.session_id)


async def test_two_refreshes_at_once_agree(world: World) -> None:
    await world.person("anna")
    grant = await sign_in(world.stranger, "anna")
    pairs = await asyncio.gather(
        *(world.stranger.identity.refresh(refresh_token=grant.refresh_token) for _ in range(5))
    )
    assert len({pair.refresh_token for pair in pairs}) == 1


@pytest.mark.parametrize(
    "token", ["", "a.b.c", "1.1.x", "1.1", "9" * 30 + ".1.x", "٣.1.x", "1.1." + "x" * 500]
)
async def test_forged_refresh_tokens(world: World, token: str) -> None:
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.refresh(refresh_token=token)


async def test_a_forged_proof_ends_nothing(world: World) -> None:
    await world.person("anna")
    grant = await sign_in(world.stranger, "anna")
    session, number, proof = grant.refresh_token.split(".")
    for forged in (
        f"{session}.{int(number) + 1}.{proof}",
        f"{session}.0.{proof}",
        f"{session}.{number}.{proof[:-1]}",
    ):
        with pytest.raises(TokenInvalid):
            await world.stranger.identity.refresh(refresh_token=forged)
    assert (await world.stranger.identity.refresh(refresh_token=grant.refresh_token)).access_token


async def test_refreshing_ends_after_ninety_days(world: World) -> None:
    await world.person("anna")
    grant = await sign_in(world.stranger, "anna")
    for _ in range(4):
        world.clock.advance(22 * DAY)
        grant = await world.stranger.identity.refresh(refresh_token=grant.refresh_token)
    world.clock.advance(3 * DAY)
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.refresh(refresh_token=grant.refresh_token)


async def test_logout_ends_the_session_at_once(world: World) -> None:
    anna = await world.person("anna")
    await anna.identity.logout()
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.resolve_session(session_id=anna.call.session or 0)
    with pytest.raises(Unauthenticated):
        await world.stranger.identity.logout()


async def test_the_list_of_sessions(world: World) -> None:
    anna = await world.person("anna")
    world.clock.advance(1)
    grant = await world.stranger.identity.login(
        name="anna", password=PASSWORD, device="Kettle\n\u202e 1.0 \x00", browser=True
    )
    items = (await anna.identity.sessions()).items
    assert [item.id for item in items] == [grant.session_id, anna.call.session]
    assert [item.current for item in items] == [False, True]
    assert items[0].device == "Kettle 1.0" and items[0].browser
    boris = await world.person("boris")
    with pytest.raises(NotFound):
        await boris.identity.revoke_session(session_id=grant.session_id)
    await anna.identity.revoke_session(session_id=grant.session_id)
    assert [item.id for item in (await anna.identity.sessions()).items] == [anna.call.session]
    with pytest.raises(TokenInvalid):
        await world.stranger.identity.resolve_cookie(token=grant.cookie_token)


async def test_ending_all_others(world: World) -> None:
    anna = await world.person("anna")
    others = [await sign_in(world.stranger, "anna") for _ in range(3)]
    await anna.identity.revoke_other_sessions()
    assert [item.id for item in (await anna.identity.sessions()).items] == [anna.call.session]
    ended = await world.stranger.identity.revoked_since(since=0)
    assert set(ended.session_ids) == {grant.session_id for grant in others}
    world.clock.advance(60)
    ended = await world.stranger.identity.revoked_since(since=ended.until)
    world.clock.advance(60)
    assert (await world.stranger.identity.revoked_since(since=ended.until)).session_ids == ()


@pytest.mark.settings(SAMOVAR_IDENTITY__MAX_SESSIONS="3")
async def test_the_longest_unused_session_makes_room(world: World) -> None:
    anna = await world.person("anna")
    for _ in range(3):
        world.clock.advance(1)
        await sign_in(world.stranger, "anna")
    items = (await anna.identity.sessions()).items
    assert len(items) == 3 and anna.call.session not in [item.id for item in items]


async def test_nothing_readable_is_stored(world: World) -> None:
    await world.person("anna")
    app, browser = await sign_in(world.stranger, "anna"), await sign_in(world.stranger, "anna", browser=True)
    await world.stranger.identity.forgot_password(name="anna")
    data = repr(await world.stored())
    assert "anna@example.org" in data
    for secret in (
        app.refresh_token,
        app.refresh_token.split(".")[2],
        app.access_token,
        browser.cookie_token,
        PASSWORD,
    ):
        assert secret not in data
