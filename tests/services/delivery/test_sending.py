"""Messages reach their providers."""

from tests.outside.smtp import MailServer
from tests.outside.web import Browser, WebServer, signed_by
from tests.services.delivery.helpers import became, letter, send
from tests.world import World


async def test_a_letter_arrives(house: World, post: MailServer) -> None:
    values = {"title": "Boris replied", "text": "«Чай» <b>готов</b>", "url": "/posts/5", "username": "anna"}
    await send(house, letter(template="notification", category="reply", data=values))
    (mail,) = post.letters
    assert mail["To"] == "anna@example.org" and mail["From"] == "Samovar <samovar@localhost>"
    assert mail["Subject"] == "Boris replied - Samovar" and mail["Message-ID"] == "<test.1.email@localhost>"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "Hello anna," in text and "«Чай» <b>готов</b>" in text
    assert "http://localhost:8000/posts/5" in text and 'href="http://localhost:8000/posts/5"' in html
    assert "«Чай» &lt;b&gt;готов&lt;/b&gt;" in html and "<b>" not in html
    sent = await became(house, "test:1:email")
    assert (sent.state, sent.reason, sent.due_at) == ("accepted", "", 0) and sent.ended_at
    (attempt,) = sent.attempts
    assert (attempt.outcome, attempt.provider) == (
        "accepted",
        "smtp",
    ) and "queued as 1" in attempt.provider_id


async def test_a_push_message_is_read_by_its_browser_alone(house: World, web: WebServer) -> None:
    browser = Browser(web)
    values = {"title": "Boris replied", "text": "Чай готов", "url": "/posts/5"}
    message = letter(
        "test:1:push", channel="push", address=browser.subscription, template="notification",
        category="reply", data=values, priority="high",
    )  # fmt: skip
    await send(house, message)
    assert browser.got == [
        {
            "id": "test:1:push", "title": "Boris replied", "body": "Чай готов", "lang": "en",
            "url": "http://localhost:8000/posts/5",
        }
    ]  # fmt: skip
    (request,) = web.requests
    claims = signed_by(request, (await house.stranger.delivery.vapid_key()).key)
    now = house.clock.now() // 1_000_000
    assert claims["aud"] == web.url and now < claims["exp"] <= now + 24 * 3600
    assert claims["sub"] == "mailto:samovar@localhost"
    assert request.headers["urgency"] == "high" and len(request.headers["topic"]) <= 32
    assert int(request.headers["ttl"]) == 3 * 24 * 3600
    assert "Чай".encode() not in request.body
    assert (await became(house, "test:1:push")).state == "accepted"
