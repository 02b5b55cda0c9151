"""What letters say, and that nothing from outside gets where it should not."""

import re
from email.message import EmailMessage

import pytest

from tests.outside.smtp import MailServer
from tests.services.delivery.helpers import letter, send
from tests.world import World

VALUES: dict[str, dict[str, object]] = {
    "verify_email": {"username": "anna", "url": "/verify/abc", "hours": "24"},
    "reset_password": {"username": "anna", "url": "/reset/abc", "minutes": "60"},
    "email_changed": {"username": "anna", "email": "new@example.org"},
    "password_changed": {"username": "anna"},
    "otp_on": {"username": "anna"},
    "otp_off": {"username": "anna"},
    "codes_renewed": {"username": "anna"},
    "notification": {"title": "Boris replied", "text": "Tea\nis ready", "url": "/posts/5"},
    "digest": {
        "title": "A week", "url": "/inbox",
        "items": [{"title": "Boris replied", "text": "Tea", "url": "/posts/5"}, {"title": "Vera follows"}],
    },
    "system": {"title": "We move", "text": "On Sunday.", "url": "https://example.org/move", "action": "Read"},
    "test": {},
}  # fmt: skip


def parts(mail: EmailMessage) -> tuple[str, str]:
    """Plain text and HTML."""
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and html is not None
    return text.get_content(), html.get_content()


@pytest.mark.parametrize("locale", ["en", "ru"])
async def test_every_letter_in_every_language(house: World, post: MailServer, locale: str) -> None:
    await send(
        house,
        *[
            letter(f"test:{name}", template=name, data=values, locale=locale, user_id=10 + number)
            for number, (name, values) in enumerate(VALUES.items())
        ],
    )
    assert len(post.letters) == len(VALUES)
    for mail in post.letters:
        text, html = parts(mail)
        for said in (text, html, str(mail["Subject"])):
            assert "{" not in said.replace("{ ", "").replace("{\n", "") or said is html, said
            if locale == "ru":
                assert re.search("[а-яё]", said) or mail["Subject"] in said or "Boris" in said or "We" in said
        assert "Samovar" in str(mail["Subject"]) and "http://localhost:8000" in text
        # It loads nothing from anywhere, and no address stands in one part alone.
        assert "<img" not in html and "src=" not in html and "url(" not in html and "<script" not in html
        assert 'name="color-scheme"' in html and f'<html lang="{locale}">' in html
        links = {link for link in re.findall(r'href="([^"]+)"', html) if link != "http://localhost:8000"}
        assert all(link in text for link in links), links
        assert max(map(len, mail.as_bytes().splitlines())) < 998


async def test_text_from_outside_stays_text(house: World, post: MailServer) -> None:
    evil = "<script>alert(1)</script>\r\nBcc: all@example.org\r\n\r\n{site.__class__} {{ 7*7 }} \x00\x1b[31m"
    values = {"title": evil, "text": evil, "url": "javascript:alert(1)", "action": evil, "username": evil}
    items = [{"title": evil, "text": evil, "url": "//evil.example"}, "no item", {"url": 5}] * 30
    await send(
        house,
        letter(template="notification", data=values),
        letter("test:2:email", template="digest", data=values | {"items": items}),
    )
    for mail in post.letters:
        text, html = parts(mail)
        assert mail["Bcc"] is None and mail.get_all("To") == ["anna@example.org"]
        assert "\n" not in str(mail["Subject"]) and len(str(mail["Subject"])) < 250
        assert "<script" not in html and "&lt;script&gt;" in html
        for said in (text, html):
            assert "javascript:" not in said and "//evil.example" not in said and "\x1b" not in said
            assert "{site.__class__}" in said and "{{ 7*7 }}" in said
    assert [to for _, to in post.envelopes] == [["anna@example.org"]] * 2


@pytest.mark.parametrize("address", ["анна@example.org", "anna@пример.рф"])
async def test_addresses_of_other_alphabets(house: World, post: MailServer, address: str) -> None:
    await send(house, letter(address=address))
    states = {sent.state for sent in (await house.system.delivery.deliveries(
        user_id=7, id="", cursor="", limit=5)).items}  # fmt: skip
    if address.startswith("anna"):
        assert states == {"accepted"} and post.envelopes[0][1] == ["anna@xn--e1afmkfd.xn--p1ai"]
    else:
        assert states <= {"accepted", "bounced", "failed"}
