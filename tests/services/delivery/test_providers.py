"""Firebase, Apple, Telegram and SMS, as servers on this machine that speak as they do."""

import json
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from samovar.contracts.delivery import AddressGone
from tests.outside.web import Reply, Request, WebServer
from tests.services.delivery.helpers import Ear, became, letter, send
from tests.world import World

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
RSA_PEM, EC_PEM = (
    key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode() for key in (RSA, EC)
)
ACCOUNT = json.dumps(
    {
        "type": "service_account", "project_id": "tea", "client_email": "bot@tea.example",
        "private_key": RSA_PEM, "token_uri": "{web}/token",
    }
)  # fmt: skip

firebase = pytest.mark.settings(SAMOVAR_DELIVERY__FCM_ACCOUNT=ACCOUNT, SAMOVAR_DELIVERY__FCM_URL="{web}/fcm")
apple = pytest.mark.settings(
    SAMOVAR_DELIVERY__APNS_KEY=EC_PEM, SAMOVAR_DELIVERY__APNS_KEY_ID="KEY1",
    SAMOVAR_DELIVERY__APNS_TEAM="TEAM1",
    SAMOVAR_DELIVERY__APNS_TOPIC="org.example.tea", SAMOVAR_DELIVERY__APNS_URL="{web}/apple",
)  # fmt: skip
telegram = pytest.mark.settings(
    SAMOVAR_DELIVERY__TELEGRAM_TOKEN="1:secret", SAMOVAR_DELIVERY__TELEGRAM_URL="{web}"
)


def message(channel: str, to: str, number: int = 1):  # type: ignore[no-untyped-def]
    values = {"title": "Boris replied", "text": "Чай готов", "url": "/posts/5"}
    return letter(
        f"test:{number}:{channel}", channel=channel, address=to, template="notification", category="reply",
        data=values, priority="high",
    )  # fmt: skip


def google(refusal: Reply | None = None):  # type: ignore[no-untyped-def]
    def answer(request: Request) -> Reply:
        if request.path == "/token":
            assertion = parse_qs(request.body.decode())["assertion"][0]
            claims = jwt.decode(
                assertion, RSA.public_key(), algorithms=["RS256"],
                options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
            )  # fmt: skip
            assert claims["iss"] == "bot@tea.example" and claims["scope"].endswith("firebase.messaging")
            return Reply(200, b'{"access_token": "ya29.tea", "expires_in": 3600}')
        assert request.headers["authorization"] == "Bearer ya29.tea"
        return refusal or Reply(200, b'{"name": "projects/tea/messages/42"}')

    return answer


@firebase
async def test_firebase_takes_a_message(house: World, web: WebServer) -> None:
    web.answer = google()
    await send(house, message("fcm", "device-1"), message("fcm", "device-2", 2))
    assert [request.path for request in web.requests].count("/token") == 1
    bodies = [json.loads(r.body)["message"] for r in web.requests if "/v1/projects/tea/" in r.path]
    assert {body["token"] for body in bodies} == {"device-1", "device-2"}
    assert bodies[0]["notification"] == {"title": "Boris replied", "body": "Чай готов"}
    assert bodies[0]["data"]["url"] == "http://localhost:8000/posts/5"
    sent = await became(house, "test:1:fcm")
    assert sent.state == "accepted" and sent.attempts[0].provider_id == "projects/tea/messages/42"
    assert sent.address == "***-1" or sent.address.startswith("***")
    # The token is asked for anew before it ends.
    house.clock.advance(3600)
    await send(house, message("fcm", "device-1", 3))
    assert [request.path for request in web.requests].count("/token") == 2


@firebase
async def test_firebase_knows_no_such_device(house: World, web: WebServer) -> None:
    error = {"error": {"code": 404, "message": "gone", "details": [{"errorCode": "UNREGISTERED"}]}}
    web.answer = google(Reply(404, json.dumps(error).encode()))
    ear = Ear(house)
    await send(house, message("fcm", "device-1"))
    assert ear.heard == [AddressGone(user_id=7, channel="fcm", address="device-1")]
    assert (await became(house, "test:1:fcm")).state == "bounced"


@apple
async def test_apple_takes_a_message(house: World, web: WebServer) -> None:
    web.answer = lambda request: Reply(200, headers=(("apns-id", "abc"),))
    await send(house, message("apns", "a1b2c3d4"))
    (request,) = web.requests
    assert request.path == "/apple/3/device/a1b2c3d4"
    token = request.headers["authorization"].removeprefix("bearer ")
    claims = jwt.decode(token, EC.public_key(), algorithms=["ES256"], options={"verify_iat": False})
    assert claims["iss"] == "TEAM1" and jwt.get_unverified_header(token)["kid"] == "KEY1"
    assert request.headers["apns-topic"] == "org.example.tea" and request.headers["apns-priority"] == "10"
    assert json.loads(request.body)["aps"]["alert"] == {"title": "Boris replied", "body": "Чай готов"}
    assert (await became(house, "test:1:apns")).attempts[0].provider_id == "abc"


@apple
@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (Reply(410, b'{"reason": "Unregistered"}'), "bounced"),
        (Reply(400, b'{"reason": "BadDeviceToken"}'), "bounced"),
        (Reply(400, b'{"reason": "PayloadEmpty"}'), "failed"),
        (Reply(403, b'{"reason": "InvalidProviderToken"}'), "deferred"),
        (Reply(503, b"<html>"), "deferred"),
        (Reply(200 + 99, b"\xff" * 100_000), "failed"),
    ],
)
async def test_apple_refuses(house: World, web: WebServer, reply: Reply, state: str) -> None:
    web.answer = lambda request: reply
    await send(house, message("apns", "a1b2c3d4"))
    assert (await became(house, "test:1:apns")).state == state


@telegram
@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (Reply(200, b'{"ok": true, "result": {"message_id": 9}}'), "accepted"),
        (Reply(403, b'{"ok": false, "description": "Forbidden: bot was blocked by the user"}'), "bounced"),
        (Reply(400, b'{"ok": false, "description": "Bad Request: chat not found"}'), "bounced"),
        (Reply(400, b'{"ok": false, "description": "Bad Request: message is too long"}'), "failed"),
        (Reply(401, b'{"ok": false, "description": "Unauthorized"}'), "deferred"),
        (Reply(429, b'{"ok": false, "parameters": {"retry_after": 5}}'), "deferred"),
        (Reply(200, b"nonsense"), "deferred"),
        (Reply(200, b"[" * 5000), "deferred"),
    ],
)
async def test_telegram(house: World, web: WebServer, reply: Reply, state: str) -> None:
    web.answer = lambda request: reply
    await send(house, message("telegram", "12345"))
    (request,) = web.requests
    assert request.path == "/bot1:secret/sendMessage"
    text = "Boris replied\n\nЧай готов\n\nhttp://localhost:8000/posts/5"
    assert (json.loads(request.body)["chat_id"], json.loads(request.body)["text"]) == ("12345", text)
    sent = await became(house, "test:1:telegram")
    assert sent.state == state and "secret" not in repr(sent)


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
@pytest.mark.settings(SAMOVAR_DELIVERY__SMS_URL="{sms}/sms/{to}", SAMOVAR_DELIVERY__TIME_LIMIT_SECONDS=60)
async def test_sms(house: World, web: WebServer) -> None:
    web.answer = lambda request: Reply(200)
    await send(house, message("sms", "+7 900 123 45 67"), message("sms", "drop table", 2))
    (request,) = web.requests
    assert request.path.startswith("/sms/") and "79001234567" in request.path
    assert "Чай готов" in json.loads(request.body)["message"]
    assert (await became(house, "test:1:sms")).state == "accepted"
    assert (await became(house, "test:2:sms")).state == "bounced"


async def test_a_channel_without_a_provider(house: World) -> None:
    assert (await house.stranger.delivery.channels()).items == ("email", "push")
    await send(house, message("telegram", "12345"))
    sent = await became(house, "test:1:telegram")
    assert (sent.state, sent.attempts) == ("suppressed", ())
