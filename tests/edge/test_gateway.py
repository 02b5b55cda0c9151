"""What every request meets at the gateway."""

import pytest

from tests.world import PASSWORD, World


async def register(world: World, name: str = "anna") -> str:
    answer = await world.http().post(
        "/api/auth/register", json={"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    )
    assert answer.status_code == 201, answer.text
    await world.drain()
    return str(answer.json()["access_token"])


async def test_answers_carry_security_headers_and_a_request_id(world: World) -> None:
    answer = await world.http().get("/api/site")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]


async def test_a_second_get_with_the_etag_is_not_sent_again(world: World) -> None:
    http = world.http()
    first = await http.get("/api/timelines/public")
    second = await http.get("/api/timelines/public", headers={"if-none-match": first.headers["etag"]})
    assert first.status_code == 200 and second.status_code == 304 and second.content == b""


@pytest.mark.parametrize(
    "token",
    ["x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "Zm9v" * 2000,
     "eyJhbGciOiJIUzI1NiIsImtpZCI6Ii4uLy4uL2V0Yy9wYXNzd2QifQ.eyJzdWIiOiIxIn0.c2ln"],
)  # fmt: skip
async def test_a_worthless_token_is_refused_without_detail(world: World, token: str) -> None:
    answer = await world.http(token).get("/api/feed")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unauthenticated"


async def test_unknown_fields_wrong_types_and_odd_bodies_are_clear_refusals(world: World) -> None:
    http = world.http(await register(world))
    for body in (
        {"text": "x", "colour": "red"},
        {"text": 5},
        {},
        [],
        {"text": "x", "visibility": "everyone"},
    ):
        answer = await http.post("/api/posts", json=body)
        assert answer.status_code == 400, (body, answer.text)
        assert answer.json()["errors"]
    for raw in (b"\xff\xfe", b"{", b'{"text": "\xff"}', b"null"):
        answer = await http.post("/api/posts", content=raw, headers={"content-type": "application/json"})
        assert answer.status_code == 400, (raw, answer.text)
    assert (await http.get("/api/posts/not-an-id")).status_code == 404
    assert (await http.get("/api/nowhere")).status_code == 404
    assert (await http.patch("/api/posts/1")).status_code == 405


async def test_a_large_body_is_refused(world: World) -> None:
    http = world.http(await register(world))
    answer = await http.post("/api/posts", json={"text": "x" * 1_100_000})
    assert answer.status_code == 413 and answer.json()["code"] == "too_large"


async def test_another_site_cannot_act_through_a_cookie(world: World) -> None:
    await register(world)
    browser = world.browser()
    signed = await browser.post("/login", data={"name": "anna", "password": PASSWORD})
    assert signed.status_code == 303, signed.text
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "", "origin": "https://evil.example"},
    ):
        answer = await browser.post("/api/posts", json={"text": "forged"}, headers=headers)
        assert answer.status_code == 403 and answer.json()["code"] == "cross_site"
    assert (await browser.post("/api/posts", json={"text": "mine"})).status_code == 201


@pytest.mark.settings(SAMOVAR_EDGE__SIGN_INS_PER_MINUTE="3")
async def test_too_many_requests_are_told_when_to_come_back(world: World) -> None:
    http = world.http()
    for _ in range(3):
        answer = await http.post("/api/auth/login", json={"username": "nobody", "password": "x" * 10})
        assert answer.status_code == 401
    answer = await http.post("/api/auth/login", json={"username": "nobody", "password": "x" * 10})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0 and answer.headers["ratelimit-remaining"] == "0"


async def test_health_and_metrics(world: World) -> None:
    http = world.http()
    assert (await http.get("/livez")).status_code == 200
    assert (await http.get("/readyz")).json() == {"ready": True, "problems": []}
    world.house.health.draining = True
    assert (await http.get("/readyz")).status_code == 503
    assert "samovar_http_requests_total" in (await http.get("/metrics")).text


async def test_an_idempotency_key_makes_one_post(world: World) -> None:
    http = world.http(await register(world), **{"idempotency-key": "abc"})
    first, second = [await http.post("/api/posts", json={"text": "once"}) for _ in range(2)]
    assert first.json()["id"] == second.json()["id"]
    other = await http.post("/api/posts", json={"text": "twice"})
    assert other.status_code == 409


async def test_nasty_text_is_stored_and_shown_as_text(world: World) -> None:
    http = world.http(await register(world))
    nasty = "<script>alert(1)</script> ' OR 1=1 -- \u202egnp.exe {{7*7}} <img src=x onerror=alert(1)>"
    post = (await http.post("/api/posts", json={"text": nasty})).json()
    assert "<script" not in post["html"] and "<img" not in post["html"]
    assert "' OR 1=1 -- " in post["text"]
    long = await http.post("/api/posts", json={"text": "🫖" * 200_000})
    assert long.status_code == 400 and "text" in long.json()["errors"]


async def test_a_blocked_network_is_not_served(world: World) -> None:
    await register(world)
    admin = world.as_(1, "admin").limits
    shut = await admin.block(network="127.0.0.1", until=world.clock.now() + 60_000_000)
    assert shut.stand == "block"
    for path in ("/api/site", "/", "/api/timelines/public"):
        answer = await world.http().get(path)
        assert answer.status_code == 403, path
    assert (await world.http().get("/api/site")).json()["code"] == "blocked"
    assert (await world.http().get("/readyz")).status_code == 200
    world.clock.advance(60)
    assert (await world.http().get("/api/site")).status_code == 200


async def test_operators_change_what_the_gateway_limits(world: World) -> None:
    admin = world.as_(1, "admin").limits
    await admin.set_rule(action="read", rule="2 at once, 1 a minute")
    answers = [await world.http().get("/api/site") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["ratelimit-limit"] for answer in answers] == ["2"] * 3
    assert answers[2].headers["retry-after"] == "60"
    await admin.set_rule(action="search", rule="1 at once, 1 a minute")
    searched = [(await world.http().get("/api/search?q=tea")).status_code for _ in range(2)]
    assert searched[1] == 429
    await admin.allow(network="127.0.0.0/8")
    assert (await world.http().get("/api/site")).status_code == 200
