"""Push services that refuse, hang and lie, and subscriptions that lead where they should not."""

import json

import pytest

from samovar.adapters.outside import is_public
from samovar.contracts.delivery import AddressGone
from tests.outside.web import Browser, Reply, WebServer, web_server
from tests.services.delivery.helpers import Ear, became, letter, send
from tests.world import World

VALUES = {"title": "Boris replied", "text": "Tea is ready", "url": "/posts/5"}
IMPATIENT = pytest.mark.settings(SAMOVAR_DELIVERY__TIME_LIMIT_SECONDS=0.5)


def push(browser: Browser, number: int = 1, **more: object):  # type: ignore[no-untyped-def]
    return letter(
        f"test:{number}:push", channel="push", address=browser.subscription, template="notification",
        category="replied", **({"data": VALUES} | more),
    )  # fmt: skip


@pytest.mark.parametrize("status", [404, 410])
async def test_a_subscription_is_dead(house: World, web: WebServer, status: int) -> None:
    browser, ear = Browser(web), Ear(house)
    web.answer = lambda request: Reply(status, b"gone")
    await send(house, push(browser))
    assert (await became(house, "test:1:push")).state == "bounced"
    assert ear.heard == [AddressGone(user_id=7, channel="push", address=browser.endpoint)]
    await send(house, push(browser, 2))
    assert (await became(house, "test:2:push")).state == "suppressed" and len(web.requests) == 1


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (Reply(413, b"too long"), "failed"),
        (Reply(403, b"wrong key"), "failed"),
        (Reply(302, b"", (("location", "http://127.0.0.1:1/"),)), "failed"),
        (Reply(500, b"x" * 1_000_000), "deferred"),
        (Reply(201, b"\xff" * 1_000_000), "accepted"),
    ],
)
async def test_a_push_service_refuses(house: World, web: WebServer, reply: Reply, state: str) -> None:
    web.answer = lambda request: reply
    await send(house, push(Browser(web)))
    sent = await became(house, "test:1:push")
    assert sent.state == state and len(sent.reason) <= 320 and len(web.requests) == 1


async def test_it_says_when_to_come_again(house: World, web: WebServer) -> None:
    web.answer = lambda request: Reply(429, b"slowly", (("retry-after", "600"),))
    await send(house, push(Browser(web)))
    sent = await became(house, "test:1:push")
    assert sent.state == "deferred" and sent.due_at == house.clock.now() + 600_000_000
    web.answer = lambda request: Reply(429, b"never", (("retry-after", "999999999"),))
    house.clock.advance(600)
    await house.drain()
    sent = await became(house, "test:1:push")
    # It may not put us off for ever.
    assert sent.due_at <= house.clock.now() + 3600 * 1_000_000
    web.answer = lambda request: Reply()
    house.clock.advance(3600)
    await house.drain()
    assert (await became(house, "test:1:push")).state == "accepted"


@IMPATIENT
async def test_a_push_service_that_hangs_rests_and_others_go_on(house: World, web: WebServer) -> None:
    web.answer = lambda request: None
    async with web_server() as other:
        bad = [push(Browser(web, f"/push/{n}"), n) for n in range(12)]
        good = Browser(other)
        await send(house, *bad, push(good, 100))
        assert [note["title"] for note in good.got] == ["Boris replied"]
    # After some failures it was left alone: the rest was put off without a try.
    assert 5 <= len(web.requests) < 12
    tried = [(await became(house, f"test:{n}:push")) for n in range(12)]
    assert {sent.state for sent in tried} == {"deferred"}
    assert any(sent.reason == "its provider rests" and not sent.attempts for sent in tried)
    web.answer = lambda request: Reply()
    for _ in range(3):
        house.clock.advance(600)
        await house.drain()
    assert {(await became(house, f"test:{n}:push")).state for n in range(12)} == {"accepted"}


async def test_a_long_text_is_cut_until_it_fits(house: World, web: WebServer) -> None:
    browser = Browser(web)
    await send(house, push(browser, data={**VALUES, "title": "Т" * 500, "text": "Чай " * 1200}))
    (got,) = browser.got
    assert got["body"].startswith("Чай Чай") and len(web.requests[0].body) <= 4096


@pytest.mark.parametrize(
    "keys",
    [
        {"p256dh": "x", "auth": "y"},
        {"p256dh": "A" * 87, "auth": "A" * 22},
        {"p256dh": "BA" * 44, "auth": "AAAA"},
    ],
)
async def test_keys_that_are_none(house: World, web: WebServer, keys: dict[str, str]) -> None:
    address = json.dumps({"endpoint": web.url + "/push/1", "keys": keys})
    await send(house, letter("test:1:push", channel="push", address=address))
    assert (await became(house, "test:1:push")).state == "bounced" and web.requests == []


@pytest.mark.settings(SAMOVAR_DELIVERY__PUSH_PRIVATE_HOSTS="")
@pytest.mark.parametrize(
    "endpoint",
    [
        "http://example.org/push",
        "https://127.0.0.1:{port}/push",
        "https://localhost:{port}/push",
        "https://[::1]:{port}/push",
        "https://[::ffff:127.0.0.1]:{port}/push",
        "https://2130706433:{port}/push",
        "https://0x7f.1:{port}/push",
        "https://10.0.0.1/push",
        "https://169.254.169.254/latest/meta-data",
        "https://user@127.0.0.1:{port}/push",
        "https://[::1/push",
        "ftp://example.org/push",
        "file:///etc/passwd",
        "https:///push",
        "//127.0.0.1/push",
    ],
)
async def test_subscriptions_lead_nowhere_inside(house: World, web: WebServer, endpoint: str) -> None:
    browser = Browser(web)
    browser.endpoint = endpoint.replace("{port}", str(web.port))
    await send(house, push(browser))
    sent = await became(house, "test:1:push")
    assert sent.state == "failed" and web.requests == []


def test_what_is_public() -> None:
    inside = (
        "127.0.0.1 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 224.0.0.1 "
        "255.255.255.255 ::1 :: fe80::1 fe80::1%eth0 fc00::1 ::ffff:10.0.0.1 64:ff9b::a00:1 "
        "2002:7f00:1:: ff02::1 2001::1"
    )
    for number in inside.split():
        assert not is_public(number), number
    for number in ("8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"):
        assert is_public(number), number


async def test_the_key_is_sealed_and_stays(house: World) -> None:
    key = (await house.stranger.delivery.vapid_key()).key
    assert len(key) == 87 and (await house.stranger.delivery.vapid_key()).key == key
    (row,) = (await house.stored())["delivery_key"]
    assert row["public"] == key and len(row["sealed"]) > 43
